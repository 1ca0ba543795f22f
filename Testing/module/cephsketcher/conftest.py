"""CephSketcher in a scene of its own, with a network that answers what the test says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from Testing.module.cephsketcher.ceph_helpers import AnsweringCeph, install_ceph, sample


@pytest.fixture
def module(slicerScene: Any) -> Any:
    from deepmed_headless import load_named

    return load_named("CephSketcher")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> AnsweringCeph:
    network = install_ceph(monkeypatch)
    network.add(sample())
    network.add(sample().mirrored())
    return network


@pytest.fixture
def logic(module: Any, network: AnsweringCeph) -> Any:
    logic = module.CephSketcherLogic()
    logic.runInProcess = True
    return logic


@pytest.fixture
def traced(logic: Any, module: Any) -> Any:
    return logic.process(module.samples.loadPhantom())


@pytest.fixture
def widget(module: Any) -> Iterator[Any]:
    widget = module.CephSketcherWidget()
    widget.setup()
    widget.enter()
    yield widget
    widget.cleanup()
