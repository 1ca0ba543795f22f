"""MRML adapters: scene nodes to plain arrays with geometry and back. Only these and the module files know Slicer."""
