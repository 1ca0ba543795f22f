"""How fast the wave travels, where it is slow, and along which fibers."""
