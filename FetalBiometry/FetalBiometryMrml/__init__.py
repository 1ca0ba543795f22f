"""FetalBiometry's own scene glue: measured results as MRML nodes and back. This package may import slicer."""
