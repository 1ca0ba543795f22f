"""The parts of CephSketcher's panel. This package may import qt and slicer."""
