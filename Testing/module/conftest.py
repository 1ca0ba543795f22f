"""The Qt stand-ins before any module: a module file loaded without them keeps what it imported, whoever comes next."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def _qtBeforeModules() -> None:
    from deepmed_headless import boot, install_qt

    boot()
    install_qt()
