"""NoduleCAD's own scene glue: marks and outlines as MRML nodes. This package may import slicer."""
