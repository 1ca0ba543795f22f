"""The page of a reading, and its picture."""
