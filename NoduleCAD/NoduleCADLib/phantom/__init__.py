"""A drawn chest with known nodules."""
