"""The parts of the Slicer application around MRML: application object, modules, file IO, base classes."""
