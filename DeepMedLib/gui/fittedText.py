"""Text of several lines in a panel: as high as its lines at every width, and gone where it is empty."""

from __future__ import annotations

from typing import Any


def showText(browser: Any, html: str) -> None:
    """Show a text in a ctkFittedTextBrowser.

    A label that wraps its lines will not do: the sections of a panel give it the height of another width, and its last
    lines are cut.
    """
    browser.setHtml(html)
    browser.visible = bool(html)
