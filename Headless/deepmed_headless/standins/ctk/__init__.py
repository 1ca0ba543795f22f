"""CTK's widgets, one file each."""
