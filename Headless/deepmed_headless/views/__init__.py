"""Offscreen slice and 3D views: the compiled displayable managers drawing into windows without a display."""
