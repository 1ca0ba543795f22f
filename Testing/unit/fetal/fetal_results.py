"""Results of all planes with exact outlines in pixels, as tests of examinations and reports take them."""

from __future__ import annotations

from dataclasses import replace

from DeepMedLib.picture.scale import Scale, factor_of
from FetalBiometryLib.examination.options import ExaminationOptions
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.bpd import OUTER_INNER
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.lines import lines_of
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.result import PictureResult

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
    lines = lines_of(finding, factor_of(SCALE))
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
    return ExaminationResult.of(results, ExaminationOptions(ga_weeks=28.0), "Study 7")
