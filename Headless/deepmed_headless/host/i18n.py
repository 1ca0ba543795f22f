"""`slicer.i18n`: texts stay as they are."""

from __future__ import annotations

from pathlib import Path


def tr(text: str) -> str:
    """The text itself; no translation is loaded headless."""
    return text


def translate(context: str, text: str) -> str:
    """The text itself; no translation is loaded headless."""
    return text


def getContext(sourceFile: str) -> str:
    """Translation context of a source file: its name without extension."""
    return Path(sourceFile).stem
