"""The panel of EP Mapping, driven as a user would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from DeepMedLib.jobs.task import run_here
from Testing.module.epmapping.balls import ball_study, write_ball, write_ball_export


@pytest.fixture
def widget(slicerScene: Any) -> Iterator[Any]:
    from deepmed_headless import load_named

    made = load_named("EPMapping").EPMappingWidget()
    made.setup()
    made.enter()
    yield made
    made.cleanup()


def test_nothing_can_be_mapped_without_a_shell(widget: Any) -> None:
    assert not widget.ui.applyButton.enabled and widget.studyForm.distanceLabel.text == "no points"


def test_an_export_brings_its_points_and_sites_and_says_how_far_they_lie(widget: Any, tmp_path: Path) -> None:
    """Loading chooses all three; the distance is that of rounding, and said."""
    write_ball_export(tmp_path / "Export.zip")
    widget.choose(widget._loadInput(str(tmp_path / "Export.zip")))
    parameters = widget._parameterNode
    assert parameters.shell.GetName() == "2-Map" and parameters.points is not None
    assert parameters.ablations.GetNumberOfControlPoints() == 2
    assert "median 0.0 mm" in widget.studyForm.distanceLabel.text
    assert "LAT, Bipolar, Unipolar" in widget.ui.lat.toolTip
    widget._makeJob()
    widget._onComputed(run_here(widget._preparation.task, None))
    result = widget.resultPanel.nodes.result
    assert result.quantities["cv_median"].value == pytest.approx(0.6, rel=0.03) and result.ablation_sites == 2
    assert "2 maps" in " ".join(result.warnings())


def test_points_are_read_along_the_chosen_axes(widget: Any, tmp_path: Path) -> None:
    """The table is in LPS: read so, it lies where the shell does."""
    write_ball(tmp_path / "points.csv")
    points = widget.logic.loadPoints(tmp_path / "points.csv", "LPS")
    from EPMappingMrml.studyNodes import pointsFromNode

    known = ball_study().maps[0].points
    assert known is not None
    assert abs(pointsFromNode(points).positions - known.positions).max() < 1e-4


def test_a_button_without_its_nodes_says_so(widget: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import slicer

    told: list[str] = []
    monkeypatch.setattr(slicer.util, "errorDisplay", lambda text, *more, **named: told.append(text))
    widget.further.onFuse()
    widget.further.onPredict()
    assert len(told) == 2 and "Shell or surface is missing" in told[0] and "pacing site is missing" in told[1]
