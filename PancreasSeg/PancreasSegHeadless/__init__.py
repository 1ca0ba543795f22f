"""Pancreas Seg outside Slicer: its icon, command, datasets. Not shipped into Slicer."""
