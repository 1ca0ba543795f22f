"""Fixtures of the tests of the headless host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deepmed_headless import load_module, take_slot_errors


@pytest.fixture
def demo(slicerScene: Any) -> ModuleType:
    """The demo module, loaded into the host with Qt stand-ins."""
    return load_module(Path(__file__).parent / "DemoModule" / "DemoModule.py")


@pytest.fixture(autouse=True)
def noSlotErrors() -> Iterator[None]:
    """Fails a test in which a slot raised unexpectedly."""
    take_slot_errors()
    yield
    assert take_slot_errors() == []
