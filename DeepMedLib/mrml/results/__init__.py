"""A result in the scene: its nodes by role, whose they are, where they come from, and its files."""
