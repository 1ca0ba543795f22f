"""Two-dimensional pictures and films: reading them, and how large their pixels are."""
