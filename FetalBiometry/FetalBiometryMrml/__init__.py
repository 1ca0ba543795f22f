"""FetalBiometry's own scene glue: measured results as MRML nodes and back. It may import slicer, as the module file may."""
