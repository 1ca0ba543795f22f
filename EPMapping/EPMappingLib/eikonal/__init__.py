"""Arrival times on the shell: isotropic, anisotropic, around lines of block."""
