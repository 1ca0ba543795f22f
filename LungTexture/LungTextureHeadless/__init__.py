"""Lung Texture outside Slicer: its icon, command, demo, dataset. Not shipped into Slicer."""
