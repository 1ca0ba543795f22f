"""Reading what mapping systems export: shells, maps, points, ablation sites."""
