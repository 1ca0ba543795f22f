"""Where the repository lies."""

from __future__ import annotations

from pathlib import Path


def repository_root() -> Path:
    """The folder that holds DeepMedLib, the module folders and Headless."""
    return Path(__file__).resolve().parents[2]
