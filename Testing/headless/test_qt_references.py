"""Qt's bindings give back what they take: a version that drops references to None ends Python after a while."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_calls_that_return_nothing_keep_none_alive() -> None:
    from deepmed_headless import install_qt

    install_qt()
    import qt

    combo = qt.QComboBox()
    calls: tuple[Callable[[], None], ...] = (combo.clear, lambda: combo.addItem("a"), lambda: combo.setCurrentIndex(0))
    before = sys.getrefcount(None)
    for _ in range(1000):
        for call in calls:
            call()
    assert sys.getrefcount(None) > before - 500  # a version at fault loses 3000
