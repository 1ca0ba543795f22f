"""The structured report of an examination: repeats with their pictures, means, several fetuses; read back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from DeepMedLib.measurement import Measurement
from DeepMedLib.picture.scale import Scale
from DeepMedLib.remark import Remark
from FetalBiometryLib import codes
from FetalBiometryLib.examination.options import ExaminationOptions
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.visits import Visit
from FetalBiometryLib.picture.ultrasound import read_picture
from FetalBiometryLib.structured_report.examination_sr import NOT_VERIFIED, examination_entries, write_examination_sr
from FetalBiometryLib.structured_report.model import Entry, ImageReference
from FetalBiometryLib.structured_report.writer import read_sr


@dataclass(frozen=True)
class Still:
    """One measured picture."""

    plane: str
    picture: str
    values: dict[str, tuple[float, float]]
    frame: int = 0
    quality_score: float = 0.8
    vouched: bool = True
    scale: Scale | None = field(default_factory=lambda: Scale(0.2, 0.2, "DICOM ultrasound region", True))
    provenance: dict[str, str] = field(default_factory=dict)

    def lengths(self) -> list[Measurement]:
        return [Measurement(n, v, "mm", sd, codes.code_of(n), "model 1.0", n) for n, (v, sd) in self.values.items()]

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return ()

    def to_json(self) -> dict[str, Any]:
        return {}


STILLS = (
    Still("head", "head.dcm", {"BPD": (73.0, 0.7), "HC": (260.0, 2.6)}),
    Still("abdomen", "a1.dcm", {"AC": (238.0, 4.8)}),
    Still("abdomen", "a2.dcm", {"AC": (242.0, 4.8)}),
    Still("femur", "femur.dcm", {"FL": (53.0, 0.8)}),
)
_POINTS = {
    "HC": ("ellipse", np.array([[10.0, 50.0], [90.0, 50.0], [50.0, 20.0], [50.0, 80.0]])),
    "FL": ("line", np.array([[10.25, 20.5], [60.0, 22.0]])),
}


@pytest.fixture
def files(make_dicom: Callable[..., Path], still: np.ndarray) -> dict[str, Path]:
    return {s.picture: make_dicom(still, s.picture) for s in STILLS}


def examined(stills: tuple[Still, ...] = STILLS) -> ExaminationResult:
    visits = (Visit(24.0, {"HC": 222.0, "AC": 190.0}),)
    return ExaminationResult.of(stills, ExaminationOptions(ga_weeks=28.0, visits=visits), "Study")


def entries_of(stills: tuple[Still, ...], files: dict[str, Path]) -> list[Entry]:
    made = []
    for one in stills:
        image = ImageReference.of(read_picture(files[one.picture]))
        for m in one.lengths():
            shape, points = _POINTS.get(m.name, ("", None))
            made.append(Entry(m, image, shape, points))
    return made


def test_round_trip(files: dict[str, Path], tmp_path: Path) -> None:
    result = examined()
    made, comments = examination_entries(result, entries_of(STILLS, files))
    path = write_examination_sr(
        tmp_path / "report.dcm", list(files.values()), {"": (result, entries_of(STILLS, files))}
    )
    report = read_sr(path)
    found = {e.measurement.name: e for e in report.entries}
    assert len(found) == len(report.entries) == len(made)
    assert list(report.comments) == comments and comments[0] == NOT_VERIFIED
    assert any("Small for gestational age" in c and "Rule:" in c for c in comments)

    mean = found["AC"]
    assert mean.measurement.value == pytest.approx(240.0) and mean.derivation == codes.MEAN and mean.image is None
    assert [r.measurement.value for r in mean.repeats] == [238.0, 242.0]
    assert len({r.image.sop_instance_uid for r in mean.repeats if r.image}) == 2
    assert mean.measurement.sd == pytest.approx(result.averages["AC"].sd)
    assert mean.age is not None and mean.age.weeks == pytest.approx(result.single_ages["AC"].weeks)
    assert mean.growth is not None and mean.growth.centile == pytest.approx(result.placements["AC"].centile)
    single = found["HC"]
    assert single.derivation is None and single.repeats == () and single.shape == "ellipse" and single.image is not None
    np.testing.assert_allclose(found["FL"].points_px, _POINTS["FL"][1], atol=1e-4)

    assert found["EFW"].measurement.value == pytest.approx(result.weight.grams)  # type: ignore[union-attr]
    assert found["EFW"].equation == codes.WEIGHT_BPD_HC_AC_FL
    assert found["EFW"].growth is not None and found["EFW"].growth.standard.endswith("EFW 2020")
    assert found["GA"].measurement.value == pytest.approx(7 * 28.0) and found["GA"].measurement.source == "stated"
    assert found["CompositeAge"].measurement.value == pytest.approx(7 * result.age.weeks)  # type: ignore[union-attr]
    assert found["HC/AC"].measurement.value == pytest.approx(260 / 240)
    assert {i.sop_instance_uid for i in report.images} == {
        ImageReference.of(read_picture(f)).sop_instance_uid for f in files.values()
    }


def test_repeats_that_were_set_aside_are_not_reported(files: dict[str, Path], tmp_path: Path) -> None:
    wrong = Still("abdomen", "femur.dcm", {"AC": (320.0, 4.8)})
    stills = (*STILLS[1:3], wrong)
    result = examined(stills)
    made, comments = examination_entries(result, entries_of(stills, files))
    mean = next(e for e in made if e.measurement.name == "AC")
    assert mean.measurement.value == pytest.approx(240.0)
    assert [r.measurement.value for r in mean.repeats] == [238.0, 242.0]
    assert any("femur.dcm is left out of the means" in c for c in comments)


def test_a_mean_of_which_one_picture_is_no_dicom_stays_a_mean(files: dict[str, Path], tmp_path: Path) -> None:
    made, _ = examination_entries(examined(), entries_of((STILLS[0], STILLS[1], STILLS[3]), files))
    mean = next(e for e in made if e.measurement.name == "AC")
    assert mean.measurement.value == pytest.approx(240.0) and mean.derivation == codes.MEAN and len(mean.repeats) == 1


def test_structure_is_that_of_the_templates(files: dict[str, Path], tmp_path: Path) -> None:
    highdicom = pytest.importorskip("highdicom")
    created = dt.datetime(2024, 5, 6, 7, 8, 9)
    examinations = {"": (examined(), entries_of(STILLS, files))}
    path = write_examination_sr(tmp_path / "report.dcm", list(files.values()), examinations, created=created)
    report = highdicom.sr.srread(str(path))
    assert isinstance(report, highdicom.sr.ComprehensiveSR) and report.ContentDate == "20240506"
    root = report.content[0]
    titles = [c.ConceptNameCodeSequence[0].CodeValue for c in root.ContentSequence if c.ValueType == "CONTAINER"]
    assert titles == [codes.SUMMARY.value, codes.RATIOS.value, codes.BIOMETRY.value]
    biometry = next(
        c
        for c in root.ContentSequence
        if c.ValueType == "CONTAINER" and c.ConceptNameCodeSequence[0].CodeValue == codes.BIOMETRY.value
    )
    groups = [c for c in biometry.ContentSequence if c.ValueType == "CONTAINER"]
    assert len(groups) == 4 and all(g.ContentTemplateSequence[0].TemplateIdentifier == "5008" for g in groups)
    abdomen = next(
        g
        for g in groups
        if sum(c.ConceptNameCodeSequence[0].CodeValue == codes.MEASURES["AC"].value for c in g.ContentSequence) == 3
    )
    numbers = [c for c in abdomen.ContentSequence if c.ConceptNameCodeSequence[0].CodeValue == "11979-2"]
    derivations = [
        [k.ConceptCodeSequence[0].CodeValue for k in c.ContentSequence if k.RelationshipType == "HAS CONCEPT MOD"]
        for c in numbers
    ]
    assert derivations == [[], [], ["373098007"]]


def test_twins_have_a_summary_each(files: dict[str, Path], tmp_path: Path) -> None:
    first, second = STILLS, (STILLS[0], STILLS[3])
    examinations = {
        "Fetus A": (examined(first), entries_of(first, files)),
        "Fetus B": (examined(second), entries_of(second, files)),
    }
    path = write_examination_sr(tmp_path / "twins.dcm", list(files.values()), examinations)
    import pydicom

    written = pydicom.dcmread(path)
    summary = next(c for c in written.ContentSequence if c.ConceptNameCodeSequence[0].CodeValue == codes.SUMMARY.value)
    groups = [c for c in summary.ContentSequence if c.ValueType == "CONTAINER"]
    assert [g.ConceptNameCodeSequence[0].CodeValue for g in groups] == [codes.FETUS_SUMMARY.value] * 2
    report = read_sr(path)
    by_fetus = {f: {e.measurement.name for e in report.entries if e.fetus == f} for f in ("Fetus A", "Fetus B")}
    assert "EFW" in by_fetus["Fetus A"] and "EFW" not in by_fetus["Fetus B"]
    assert {"HC", "FL", "CompositeAge"} <= by_fetus["Fetus B"] and not {e for e in report.entries if not e.fetus}
    assert sum(c == NOT_VERIFIED for c in report.comments) == 1
    assert any(c.startswith("Fetus B: No weight is estimated") for c in report.comments)
