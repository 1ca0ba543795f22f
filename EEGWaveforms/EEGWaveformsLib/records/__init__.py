"""Recorded channels: what a record holds, its quality, and the files that it is read from."""
