"""NoduleCAD's command, its part of the demo, its datasets; not shipped into Slicer."""
