"""An examination of the module's own results: exact outlines in pixels to growth, report and structured report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.report.pdf import render_pdf
from FetalBiometryLib.examination.options import ExaminationOptions
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.bpd import OUTER_INNER
from FetalBiometryLib.picture.ultrasound import read_picture
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.report.examination_report import examination_report
from FetalBiometryLib.structured_report.examination_sr import write_examination_sr
from FetalBiometryLib.structured_report.picture_sr import result_entries
from FetalBiometryLib.structured_report.writer import read_sr
from Testing.unit.fetal.fetal_results import examined, head


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


def test_read_again() -> None:
    result = examined()
    record = json.loads(json.dumps(result.to_json(), allow_nan=False))
    again = ExaminationResult.from_json(record)
    assert again.to_json() == result.to_json()
    assert again.measurements() == result.measurements() and again.headline() == result.headline()


def test_a_dragged_line_is_followed() -> None:
    result = examined()
    bone = result.results[3]
    assert isinstance(bone, PictureResult)
    moved = bone.with_lines({"FL": np.array([[100.0, 100.0], [100.0 + 4 * 50.0, 100.0]])})
    again = ExaminationResult.of([*result.results[:3], moved], result.options)
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
    inner = ExaminationResult.of([head()], ExaminationOptions(ga_weeks=28.0, bpd_convention=OUTER_INNER))
    other = replace(head(), options=MeasureOptions(ga_weeks=28.0))
    assert inner.averages["BPD"].value == pytest.approx(71.0)
    both = ExaminationResult.of([head(), other], ExaminationOptions(ga_weeks=28.0))
    assert both.averages["BPD"].value == pytest.approx(71.0) and both.averages["BPD"].spread == pytest.approx(
        0, abs=1e-9
    )
    assert inner.lengths()[0].value == pytest.approx((71.0 - 0.555934) / 1.027318)
