"""Facts about growth and about readers, derived from tables of landmarks; only statistics are kept."""
