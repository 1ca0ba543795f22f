"""Activation and voltage between the measured points, with their uncertainty."""
