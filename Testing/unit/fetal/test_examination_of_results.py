"""An examination of the module's own results: exact outlines in pixels to growth, report and structured report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.report.pdf import render_pdf
from FetalBiometryLib.examination.examine import examine
from FetalBiometryLib.examination.options import ExaminationOptions
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.bpd import OUTER_INNER
from FetalBiometryLib.picture.files import read_picture
from FetalBiometryLib.picture.scale import Scale
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.lines import lines_of
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.report.examination_report import examination_report
from FetalBiometryLib.structured_report.examination_sr import write_examination_sr
from FetalBiometryLib.structured_report.picture_sr import result_entries
from FetalBiometryLib.structured_report.writer import read_sr

SCALE = Scale(0.25, 0.25, "depth ruler", True, "", 0.01)
SIZE = (400, 270)
PROVENANCE = {"model": "fetal_planes", "version": "1.0.0", "sha256": "ab" * 32, "date": "2026-01-05T10:00:00+00:00"}


def head(name: str = "head.dcm") -> PictureResult:
    ellipse = Ellipse.make(200, 135, 180, 142, 10.0)  # 90 x 71 mm
    finding = Finding("head", {"HC": ellipse}, {}, {"HC": 0.01, "BPD": 0.01, "OFD": 0.012}, {}, (), False, "")
    made = plane(finding, name)
    options = MeasureOptions(ga_weeks=28.0, bpd_convention=OUTER_INNER)
    return replace(made, options=options, provenance={**PROVENANCE, "model": "fetal_head"})


def plane(finding: Finding, name: str) -> PictureResult:
    lines = lines_of(finding, SCALE)
    options = MeasureOptions(ga_weeks=28.0)
    return PictureResult(finding.plane, name, 0, 1, *SIZE, finding, lines, SCALE, options, provenance=PROVENANCE)


def abdomen(name: str, size: float = 1.0) -> PictureResult:
    ellipse = Ellipse.make(200, 135, 155 * size, 150 * size, 0.0)
    shares = {"AC": 0.02, "TAD": 0.025, "APAD": 0.025}
    return plane(Finding("abdomen", {"AC": ellipse}, {}, shares, {}, (), False, "", {"quality_score": 0.7}), name)


def femur(name: str) -> PictureResult:
    line = ((100.0, 100.0), (100.0 + 4 * 53.0, 100.0))
    return plane(Finding("femur", {}, {"FL": line}, {"FL": 0.015}, {}, (), False, "", {}), name)


def thorax(name: str) -> PictureResult:
    ellipses = {"Heart": Ellipse.make(210, 130, 60, 50, 40.0), "Thorax": Ellipse.make(200, 135, 140, 125, 0.0)}
    shares = dict.fromkeys(("HeartArea", "HeartCircumference", "ThoraxArea", "ThoraxCircumference"), 0.03)
    return plane(Finding("thorax", ellipses, {}, shares, {}, (), False, "", {}), name)


def examined() -> ExaminationResult:
    results = [head(), abdomen("a1.dcm"), abdomen("a2.dcm", 1.02), femur("f.dcm"), thorax("t.dcm")]
    return examine(results, ExaminationOptions(ga_weeks=28.0), "Study 7")


def test_numbers() -> None:
    result = examined()
    found = {m.name: m for m in result.measurements()}
    assert found["BPD"].value == pytest.approx(71.0) and found["BPD"].label == "BPD outer-outer"
    assert found["OFD"].value == pytest.approx(90.0) and found["FL"].value == pytest.approx(53.0)
    assert found["AC"].value == pytest.approx(1.01 * Ellipse.make(0, 0, 38.75, 37.5, 0).perimeter)
    thorax_mm, heart_mm = Ellipse.make(0, 0, 35, 31.25, 0), Ellipse.make(0, 0, 15, 12.5, 0)
    assert found["ThoraxCircumference"].value == pytest.approx(thorax_mm.perimeter)
    assert found["HeadThoraxRatio"].value == pytest.approx(
        Ellipse.make(0, 0, 45, 35.5, 0).perimeter / thorax_mm.perimeter
    )
    assert found["CTR"].value == pytest.approx(heart_mm.area / thorax_mm.area)
    assert result.averages["AC"].scale_share == pytest.approx(0.01)
    assert result.averages["HeartArea"].scale_share == pytest.approx(0.02)
    assert {"GA", "EFW", "EFW_centile", "HC/AC", "FL/AC"} <= set(found)
    assert list(result.best) == ["head", "abdomen", "femur", "thorax"] and result.best["abdomen"].picture
    assert json.loads(json.dumps(result.to_json(), allow_nan=False))["pictures"][0]["plane"] == "head"


def test_a_dragged_line_is_followed() -> None:
    result = examined()
    bone = result.results[3]
    assert isinstance(bone, PictureResult)
    moved = bone.with_lines({"FL": np.array([[100.0, 100.0], [100.0 + 4 * 50.0, 100.0]])})
    again = examine([*result.results[:3], moved], result.options)
    assert again.averages["FL"].value == pytest.approx(50.0) and again.averages["FL"].sd is None
    assert again.weight is not None and again.weight.sd is None  # a hand-placed caliper has no known uncertainty


def test_report_and_structured_report(make_dicom: Callable[..., Path], still: np.ndarray, tmp_path: Path) -> None:
    result = examined()
    files = {r.picture: make_dicom(still, r.picture) for r in result.results}
    entries = [
        e
        for r in result.results
        for e in result_entries(r, read_picture(files[r.picture]))  # type: ignore[arg-type]
    ]
    path = write_examination_sr(tmp_path / "report.dcm", list(files.values()), {"": (result, entries)})
    found = {e.measurement.name: e for e in read_sr(path).entries}
    assert found["AC"].measurement.value == pytest.approx(result.averages["AC"].value)
    assert [r.shape for r in found["AC"].repeats] == ["ellipse", "ellipse"] and len(read_sr(path).images) == 5
    assert found["FL"].shape == "line" and found["HC"].shape == "ellipse"
    assert found["CTR"].measurement.value == pytest.approx(result.averages["CTR"].value)
    pytest.importorskip("reportlab")
    overlay = np.repeat(still[..., None], 3, axis=2)
    report = examination_report(result, dict.fromkeys(result.best, overlay))
    assert render_pdf(report).startswith(b"%PDF") and len(report.pictures) == 4


def test_one_convention_for_bpd_whatever_the_pictures_report() -> None:
    inner = examine([head()], ExaminationOptions(ga_weeks=28.0, bpd_convention=OUTER_INNER))
    other = replace(head(), options=MeasureOptions(ga_weeks=28.0))
    assert inner.averages["BPD"].value == pytest.approx(71.0)
    both = examine([head(), other], ExaminationOptions(ga_weeks=28.0))
    assert both.averages["BPD"].value == pytest.approx(71.0) and both.averages["BPD"].spread == pytest.approx(
        0, abs=1e-9
    )
    assert inner.lengths()[0].value == pytest.approx((71.0 - 0.555934) / 1.027318)
