"""One kind of node each: markups, segmentations, tables, plots, transforms, with their names and codes."""
