"""CephSketcher's Logic on real MRML: films in, editable tracings out, and nothing left behind by bad input."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from CephSketcherLib.film.lateral_film import typed_scale
from CephSketcherLib.outlines.template import TITLES
from CephSketcherLib.tracing.result import CephOptions, CephResult
from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import run_here
from Testing.module.cephsketcher.ceph_helpers import FLAGGED, MODEL, AnsweringCeph, position, sample, values

OUTLINES = set(TITLES)


def test_nineteen_points_with_definition_and_flags(traced: Any) -> None:
    node = traced.handle
    assert node.GetNumberOfControlPoints() == 19 and node.GetFixedNumberOfControlPoints()
    labels = [node.GetNthControlPointLabel(i) for i in range(19)]
    assert labels == list(sample().landmarks.symbols)
    flagged = [label for i, label in enumerate(labels) if node.GetNthControlPointSelected(i)]
    assert flagged == list(FLAGGED)
    assert "pituitary" in node.GetNthControlPointDescription(0)
    assert "Uncertainty 3.5 px" in node.GetNthControlPointDescription(0)
    assert "Check this point first" in node.GetNthControlPointDescription(3)
    assert [point.symbol for point in traced.result.check_first()] == list(FLAGGED)


def test_every_node_says_where_it_comes_from(traced: Any) -> None:
    assert len(traced.all()) == 3 + len(OUTLINES)  # landmarks, derived points, outlines, table
    for node in traced.all():
        assert node.GetAttribute("DeepMed.Model") == MODEL["model"]
        assert node.GetAttribute("DeepMed.SHA256") == MODEL["sha256"]
        assert node.GetAttribute("DeepMed.Date")


def test_points_lie_on_their_pixels(traced: Any) -> None:
    from DeepMedLib.mrml.inputs.volumes import rasToPixel

    for index, point in enumerate(traced.result.landmarks):
        xy = rasToPixel(traced.volume, position(traced.handle, index))[:2]
        np.testing.assert_allclose(xy, sample().landmarks[point.symbol].xy, atol=1e-6)


def test_curves_are_the_outlines(traced: Any) -> None:
    """What Slicer draws between a curve's few handles stays on the dense outline."""
    import slicer

    from DeepMedLib.mrml.inputs.volumes import rasToPixel

    for name, curve in traced.group("outlines").items():
        outline = traced.result.outlines[name]
        assert curve.IsA("vtkMRMLMarkupsClosedCurveNode") == outline.closed
        assert curve.GetNumberOfControlPoints() <= min(40, len(outline.points))
        points = slicer.util.arrayFromMarkupsCurvePoints(curve, world=True)
        pixels = rasToPixel(traced.volume, points)[:, :2]
        away = [outline.distance(xy) for xy in pixels]
        assert max(away) < 0.03 * np.ptp(outline.points, axis=0).max(), name


def test_a_checked_point_leaves_the_list(traced: Any, logic: Any) -> None:
    nodes = logic.confirm(traced, FLAGGED[0])
    assert [point.symbol for point in nodes.result.check_first()] == list(FLAGGED[1:])
    assert not nodes.result.edited  # looked at, not moved
    assert nodes.handle.GetNthControlPointLabel(3) == "Po"
    assert not nodes.handle.GetNthControlPointSelected(3)


def test_saving_and_loading_loses_nothing(traced: Any, logic: Any, module: Any, tmp_path: Path) -> None:
    import slicer

    x, y, z = position(traced.handle, 5)
    traced.handle.SetNthControlPointPositionWorld(5, x - 2, y, z)
    traced = logic.follow(traced)
    record = json.dumps(traced.result.to_json(), sort_keys=True)
    slicer.util.saveScene(str(tmp_path / "film.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "film.mrb"))
    nodes = module.cephNodes.RESULTS.read(slicer.util.getNode("Skull phantom 7 landmarks"))
    assert json.dumps(nodes.result.to_json(), sort_keys=True) == record
    assert (
        set(nodes.group("outlines")) == OUTLINES
        and nodes.get("analysis") is not None
        and nodes.get("derived") is not None
    )
    assert module.cephNodes.movedByHand(nodes) is None
    x, y, z = position(nodes.handle, 4)
    nodes.handle.SetNthControlPointPositionWorld(4, x - 2, y, z)
    again = logic.follow(nodes)
    assert values(again)["SNA"] > values(nodes)["SNA"]
    assert again.result.landmarks["B"].edited


def test_a_film_that_looks_left_gives_the_same_measures(traced: Any, logic: Any, module: Any) -> None:
    from DeepMedLib.mrml.inputs.pictureNodes import addPicture

    left = logic.process(addPicture(sample().mirrored().film))
    assert left.result.facing == "left"
    for name in ("SNA", "SNB", "ANB", "FMA", "Jarabak ratio", "S-N"):
        assert values(left)[name] == pytest.approx(values(traced)[name], abs=1e-6), name
    for name, outline in left.result.outlines.items():
        other = traced.result.outlines[name].points
        mirrored = np.stack([left.result.width - 1 - other[:, 0], other[:, 1]], 1)
        np.testing.assert_allclose(outline.points, mirrored, atol=1e-6)


def test_without_a_scale_there_are_no_millimetres(logic: Any, network: AnsweringCeph, tmp_path: Path) -> None:
    path = tmp_path / "schädel 頭.png"
    Image.fromarray(sample().film.pixels).save(path)
    nodes = logic.process(logic.loadFilm(path))
    assert {measure.unit for measure in nodes.result.measures} == {"deg", "%"}
    assert any("scale" in reason for _, reason in nodes.result.unavailable)
    assert any("no known scale" in sentence for sentence in nodes.result.warnings())
    scaled = logic.remeasure(nodes, scale=typed_scale(0.2))
    sn = sample().landmarks
    assert values(scaled)["S-N"] == pytest.approx(0.2 * np.linalg.norm(sn["S"].xy - sn["N"].xy))
    assert nodes.volume.GetSpacing()[0] == pytest.approx(0.2)
    points = np.array([position(scaled.handle, i) for i in (0, 1)])
    assert np.linalg.norm(points[1] - points[0]) == pytest.approx(values(scaled)["S-N"])


def test_norms_follow_the_options(traced: Any, logic: Any) -> None:
    first = {m.name: m.norm_mean for m in traced.result.measures}
    nodes = logic.remeasure(traced, options=CephOptions(norms="Eastman", age=12.0, sex="female"))
    second = {m.name: m.norm_mean for m in nodes.result.measures}
    assert first["SNA"] == 82.0 and second["SNA"] == 81.0
    assert all("Steiner" not in m.norm_set for m in nodes.result.measures)
    with pytest.raises(BadInput):
        logic.remeasure(traced, options=CephOptions(norms="Nobody"))


def test_a_film_that_is_refused_leaves_no_points(logic: Any, network: AnsweringCeph) -> None:
    import slicer

    from CephSketcherLib.film.lateral_film import film_from_array
    from DeepMedLib.mrml.inputs.pictureNodes import addPicture

    other = np.ascontiguousarray(sample().film.pixels[::-1])  # upside down: the answering network does not know it
    nodes = logic.process(addPicture(film_from_array(other, "other")))
    assert nodes.result.status() == "abstained" and nodes.handle is None and nodes.all() == []
    assert "No lateral head film" in nodes.result.warnings()[0]
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLMarkupsNode") == 0
    again = CephResult.from_json(json.loads(json.dumps(nodes.result.to_json())))
    assert again.abstained and again.measures == ()


def bad_volumes() -> dict[str, np.ndarray]:
    nan = sample().film.pixels[None].astype(np.float32)
    nan[0, 5, 5] = np.nan
    return {
        "blank": np.zeros((1, 300, 400), np.uint8),
        "noise": np.random.default_rng(0).integers(0, 255, (1, 600, 500)).astype(np.uint8),
        "tiny": np.full((1, 1, 1), 7, np.uint8),
        "nan": nan,
        "volume": np.zeros((20, 300, 300), np.int16),
    }


@pytest.mark.parametrize("name", ["blank", "noise", "tiny", "nan", "volume"])
def test_bad_volumes_leave_the_scene_as_it_was(name: str, logic: Any, network: AnsweringCeph) -> None:
    import slicer

    node = slicer.util.addVolumeFromArray(bad_volumes()[name], name=name)
    scene = slicer.mrmlScene
    before = [scene.GetNthNode(i).GetID() for i in range(scene.GetNumberOfNodes())]
    with pytest.raises(BadInput) as caught:
        logic.process(node)
    assert caught.value.message.endswith(".") and caught.value.remedy.endswith(".")
    assert network.seen == 0
    assert [scene.GetNthNode(i).GetID() for i in range(scene.GetNumberOfNodes())] == before


def test_no_film_and_a_missing_file_are_sentences(logic: Any, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No film"):
        logic.process(None)
    with pytest.raises(BadInput, match="no file"):
        logic.loadFilm(tmp_path / "none.png")
    with pytest.raises(BadInput, match="No head volume"):
        logic.project(None)


def test_files_of_a_tracing(traced: Any, logic: Any, tmp_path: Path) -> None:
    import slicer

    files = logic.exportFiles(traced, tmp_path)
    tables = ["overlay.png", "landmarks.csv", "measurements.csv", "landmarks.mrk.json", "outlines.mrk.json"]
    assert [file.name for file in files] == ["report.html", "report.pdf", *tables]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "landmarks.csv").read_text(encoding="utf-8"))))
    assert [row["name"] for row in rows][:19] == list(traced.result.landmarks.symbols)
    assert float(rows[0]["x_px"]) == pytest.approx(sample().landmarks["S"].x, rel=1e-5)
    assert float(rows[0]["sd_mm"]) == pytest.approx(float(rows[0]["sd_px"]) * traced.result.scale.mean, rel=1e-4)
    slicer.mrmlScene.Clear(0)
    record = json.loads((tmp_path / "outlines.mrk.json").read_text(encoding="utf-8"))
    assert len(record["markups"]) == len(OUTLINES)
    assert {markup["type"] for markup in record["markups"]} == {"Curve", "ClosedCurve"}
    assert slicer.util.loadMarkups(str(tmp_path / "landmarks.mrk.json")).GetNumberOfControlPoints() == 19


def test_reports_carry_the_numbers(traced: Any, logic: Any, tmp_path: Path) -> None:
    files = logic.exportReport(traced, tmp_path)
    assert [file.name for file in files] == ["report.html", "report.pdf"]
    html = files[0].read_text(encoding="utf-8")
    assert f"{values(traced)['SNA']:.1f}" in html and "Check first: Po, Go." in html
    assert files[1].read_bytes().startswith(b"%PDF")


def test_superimposition_of_a_film_on_itself_shows_no_change(traced: Any, logic: Any, module: Any) -> None:
    from CephSketcherLib.comparison.superimposition import METHODS

    other = logic.process(module.samples.loadPhantom())
    for method in METHODS:
        laid = logic.superimpose(traced, other, method)
        assert max(abs(change.difference) for change in laid.comparison.changes) < 1e-6
        assert {change.sd for change in laid.comparison.changes} == {0.0}  # 0.0 +- 0.0, not 0.0 +- 3.4
        assert max(move.length for move in laid.comparison.displacements) < 1e-6
        assert len(laid.curves) == len(OUTLINES) and laid.table.GetNumberOfRows() > 30
        assert all(curve.GetLocked() for curve in laid.curves)
    index = traced.result.landmarks.symbols.index("Pog")
    x, y, z = position(other.handle, index)
    other.handle.SetNthControlPointPositionWorld(index, x - 4, y, z)
    grown = logic.follow(other)
    laid = logic.superimpose(traced, grown, METHODS[0])
    move = next(move for move in laid.comparison.displacements if move.symbol == "Pog")
    assert move.length == pytest.approx(4.0, abs=0.01) and move.forward > 3
    rows = {laid.table.GetCellText(row, 0): row for row in range(laid.table.GetNumberOfRows())}
    snb = next(change for change in laid.comparison.changes if change.name == "SNB")
    cells = [laid.table.GetCellText(rows["SNB (°)"], column) for column in range(1, 5)]
    assert cells == [f"{snb.first:.1f}", f"{snb.second:.1f}", f"{snb.difference:.1f} ± {snb.sd:.1f}", "no"]
    pog = rows[next(what for what in rows if what.startswith("Pog: "))]
    assert laid.table.GetCellText(pog, 0).endswith("(mm)") and laid.table.GetCellText(pog, 3).startswith("4.0 ± ")


def test_the_modules_own_test_passes(module: Any, network: AnsweringCeph) -> None:
    test = module.CephSketcherTest()
    for step in (test.test_TrueTracingFollowsADrag, test.test_BlankFilmIsRefused):
        test.setUp()
        step()


def test_a_refused_film_is_traced_by_hand(logic: Any, module: Any) -> None:
    """Each point counts once it was put in its place, not before; the scene's text keeps what still waits."""
    from DeepMedLib.mrml.inputs.volumes import pixelToRas

    film = module.samples.loadPhantom()
    assert any("taken to look right" in text for text in logic.traceByHand(film).result.warnings())
    nodes = logic.traceByHand(film, facing="right")
    assert not any("taken to look right" in text for text in nodes.result.warnings())
    node = nodes.handle
    assert node.GetNumberOfControlPoints() == 19 and not nodes.group("outlines") and not nodes.result.measures
    assert node.GetNthControlPointLabel(4) == "A"
    assert "deepest point" in node.GetNthControlPointDescription(4).lower()
    assert "Not placed yet" in node.GetNthControlPointDescription(4)
    truth = {point.symbol: pixelToRas(film, point.xy[None])[0] for point in sample().landmarks}
    for index in (4, 1, 0, 5, 7):
        symbol = node.GetNthControlPointLabel(index)
        node.SetNthControlPointPositionWorld(index, *truth[symbol])
        nodes = logic.follow(nodes)
        assert node.GetNthControlPointLabel(index) == symbol
        np.testing.assert_allclose(position(node, index), truth[symbol], atol=1e-6)
        assert "Placed by hand" in node.GetNthControlPointDescription(index)
    assert len(nodes.result.landmarks) == 5 and set(nodes.group("outlines")) == OUTLINES
    assert {"SNA", "SNB", "ANB"} <= set(values(nodes))
    again = module.cephNodes.RESULTS.read(node)
    assert again is not None and again.result.unplaced == nodes.result.unplaced


def test_the_proposal_of_a_refused_film_is_where_points_start(logic: Any, module: Any, network: AnsweringCeph) -> None:
    film = module.samples.loadPhantom()
    preparation = logic.prepare(film)
    computed = run_here(preparation.task)
    computed.values.update(abstained=True, reason="Repeated looks at the film disagree.")
    nodes = logic.traceByHand(film, computed=computed)
    start = nodes.result.unplaced
    assert np.abs(start["N"].xy - sample().landmarks["N"].xy).max() < 20
    assert not nodes.result.landmarks.points and not nodes.result.measures
