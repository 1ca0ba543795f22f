"""A panel is longer than its window: what is new is brought into sight."""

from __future__ import annotations

from typing import Any

import qt


def scrollTo(widget: Any) -> None:
    """Scroll the panel so that it begins with a widget, once the layout has made room for what it shows."""
    area = widget.parent()
    while area is not None and area.className() != "QScrollArea":
        area = area.parent()
    if area is not None:
        qt.QTimer.singleShot(0, lambda: area.ensureWidgetVisible(widget, 0, 0))
