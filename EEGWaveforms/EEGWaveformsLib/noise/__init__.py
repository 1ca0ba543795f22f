"""What the same search finds in records in which nothing recurs."""
