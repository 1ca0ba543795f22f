"""Datasets of `deepmed evaluate`, one file each; what several share begins with an underscore."""
