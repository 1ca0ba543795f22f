"""The parts of FetalBiometry's panel. This package may import qt and slicer."""
