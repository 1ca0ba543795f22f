"""Datasets of `deepmed evaluate`, one file each."""
