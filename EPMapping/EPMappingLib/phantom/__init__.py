"""Generated shells whose activation is known."""
