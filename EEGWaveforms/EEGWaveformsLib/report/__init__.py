"""Report, pictures and tables of a search."""
