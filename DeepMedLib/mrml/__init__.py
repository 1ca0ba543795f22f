"""MRML adapters: scene nodes to plain arrays with geometry and back. Only these files and the module files know Slicer."""
