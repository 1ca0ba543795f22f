"""Waveforms and where they occur: conditioning, learning, pursuit, and judging on held-out data."""
