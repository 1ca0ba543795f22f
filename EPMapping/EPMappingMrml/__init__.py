"""Shells, points and maps of EP Mapping as nodes."""
