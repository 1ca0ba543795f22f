"""Fixtures that all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports PySide6

import pytest
from hypothesis import settings

import deepmed_headless  # noqa: F401 - before anything imports vtk: it chooses drawing without a display
from deepmed_headless.cli.paths import make_importable

ROOT = Path(__file__).resolve().parent.parent
make_importable()

# A slow machine is no fault of the code: no example has a deadline. In CI every run repeats the same examples.
settings.register_profile("deepmed", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI")))
settings.load_profile("deepmed")

SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def repositoryRoot() -> Path:
    """The folder of the top CMakeLists.txt."""
    return ROOT


@pytest.fixture(scope="session")
def sharedData() -> Path:
    """The folder of real images with truth; the test is skipped, and says so, where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no ../shared/data here: tests on real images are left out")
    return SHARED_DATA


@pytest.fixture
def slicerScene() -> Iterator[Any]:
    """The headless host with Qt stand-ins, and its scene, empty before and after the test."""
    from deepmed_headless import boot, install_qt, take_slot_errors

    application = boot()
    install_qt()
    scene = application.mrmlScene()
    scene.Clear(0)
    take_slot_errors()
    yield scene
    scene.Clear(0)
    # As in Slicer, what a slot raises is only printed: without this, a broken button would pass its test.
    assert take_slot_errors() == []
