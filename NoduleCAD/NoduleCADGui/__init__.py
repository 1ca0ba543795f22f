"""NoduleCAD's own widgets."""
