"""Registration 2D/3D outside Slicer: its command, its part of the demo, its datasets. Not shipped into Slicer."""
