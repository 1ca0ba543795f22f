"""ScanCoverage's own scene glue: scans as arrays, readings as MRML nodes and back. This package may import slicer."""
