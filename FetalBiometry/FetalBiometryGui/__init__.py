"""The parts of FetalBiometry's panel. They may import qt and slicer, as the module file may."""
