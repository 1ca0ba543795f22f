"""The parts of ScanCoverage's panel. This package may import qt and slicer."""
