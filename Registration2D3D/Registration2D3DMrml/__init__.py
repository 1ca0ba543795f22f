"""X-rays with their geometry, objects, poses and overlays as nodes of the scene."""
