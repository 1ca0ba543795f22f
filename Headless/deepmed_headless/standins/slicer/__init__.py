"""Slicer's own widgets: `qMRML*`, `qSlicer*` and the panel of a scripted module."""
