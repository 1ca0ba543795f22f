"""The way through the marks in the panel."""

from __future__ import annotations

from typing import Any

import pytest

from Testing.module.nodulecad.nodule_helpers import finished


@pytest.fixture
def widget(slicerScene: Any) -> Any:
    from deepmed_headless.pictures.screenshots import opened

    widget = opened("NoduleCAD")[1]
    yield widget
    widget.cleanup()


def test_steps_and_decisions(widget: Any) -> None:
    reading = widget.reading
    assert not reading.section.visible
    nodes = finished(widget.logic)
    widget.resultPanel.show(nodes.handle)
    reading.show(widget.resultPanel.nodes)
    assert reading.section.visible and reading.slider.value == 1.0
    assert "left lung, upper third" in reading.told.text and "readers' opinion 3.4 of 5" in reading.told.text
    reading.slider.value = 8.0
    assert len(reading._nodes.result.shown()) == 2
    reading.forward.click()
    assert reading.current().number == 2
    reading.forward.click()
    assert reading.current().number == 1
    reading.reject.click()
    assert widget.logic.readResult(nodes.handle).result.marks[0].decision == "rejected"
    reading.reject.click()
    assert widget.logic.readResult(nodes.handle).result.marks[0].decision == ""
