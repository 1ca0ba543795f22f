"""Where along the body a CT lies: axial slices, the scale from neck to thigh, verdicts on regions, mirrored scans."""
