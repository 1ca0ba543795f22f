"""Maps, shells, points and ablation sites from files."""
