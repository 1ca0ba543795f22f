"""A registration's pictures and its page."""
