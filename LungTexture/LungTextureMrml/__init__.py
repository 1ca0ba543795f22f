"""LungTexture's own scene glue: results as MRML nodes, DICOM. This package may import slicer."""
