"""Numbers follow the axes, carry their uncertainty, and never turn pixels into millimetres."""

import json

import numpy as np
import pytest

from FetalBiometryLib.picture.scale import Scale
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.head import (
    OUTER_INNER,
    Calibration,
    HeadFinding,
    ellipse_from_axes,
    head_measurements,
    inner_bpd_mm,
    reason_to_abstain,
)
from FetalBiometryLib.planes.head_quality import HeadQuality
from FetalBiometryLib.planes.head_result import HeadOptions, HeadResult, head_result

QUALITY = HeadQuality(1.0, 0.9, True, False, 5.0, 0.006)
ELLIPSE = Ellipse.make(400.0, 270.0, 250.0, 200.0, 12.0)
SD = {"HC": 0.01, "BPD": 0.012, "OFD": 0.014}


def result(scale=None, abstained=False, options=None) -> HeadResult:
    finding = HeadFinding(ELLIPSE, SD, QUALITY, abstained, "Why not." if abstained else "", {"looks": 6.0})
    return head_result("p.png", 0, 1, (800, 540), finding, scale, options or HeadOptions(), {"model": "head"})


def values(r: HeadResult) -> dict[str, float]:
    return {m.name: m.value for m in r.lengths()}


def test_millimetres_with_a_scale():
    v = values(result(Scale(0.2, 0.2, "typed", True)))
    assert v["OFD"] == pytest.approx(100)
    assert v["BPD"] == pytest.approx(80)
    assert v["HC"] == pytest.approx(0.2 * ELLIPSE.perimeter)
    assert v["CI"] == pytest.approx(80)


def test_without_a_scale_lengths_are_pixels_and_say_so():
    r = result()
    assert {m.unit for m in r.lengths()} == {"px", "%"}
    assert values(r)["OFD"] == pytest.approx(500)
    assert any("no known scale" in w for w in r.warnings())
    assert not [m for m in r.measurements() if m.unit in ("mm", "weeks")]


def test_unequal_pixel_sides_measure_in_millimetres():
    scale = Scale(0.2, 0.3, "typed", True)
    r = result(scale)
    assert values(r)["HC"] == pytest.approx(ELLIPSE.scaled(0.2, 0.3).perimeter, rel=1e-9)
    # The outline in pixels is the network's own, whatever the pixel sides.
    assert np.abs(ELLIPSE.radial_distance(r.outline_px(90))).max() < 1e-6


def test_uncertainty_of_scale_and_model_add():
    scale = Scale(0.2, 0.2, "two clicks", True, relative_sd=0.02)
    hc = next(m for m in result(scale).lengths() if m.name == "HC")
    assert hc.sd / hc.value == pytest.approx(np.hypot(0.01, 0.02))
    low, high = hc.interval()
    assert high - low == pytest.approx(2 * 1.96 * hc.sd)


def test_an_edit_drops_the_models_uncertainty():
    r = result(Scale(0.2, 0.2, "typed", True))
    moved = r.with_axes(r.ofd_px, r.bpd_px * 1.0 + [0, 0])
    assert all(m.sd is None and m.source == "edited by the user" for m in moved.lengths())


def test_abstained_gives_no_number_until_a_person_places_the_axes():
    r = result(Scale(0.2, 0.2, "typed", True), abstained=True)
    assert r.status() == "abstained"
    assert r.measurements() == []
    assert r.to_json()["reason"] == "Why not."
    edited = r.with_axes(r.ofd_px, r.bpd_px)
    assert edited.status() == "done"
    assert values(edited)["OFD"] == pytest.approx(100)


def test_json_round_trip():
    for r in (result(), result(Scale(0.2, 0.25, "typed", True)), result(abstained=True)):
        text = json.dumps(r.to_json())
        again = HeadResult.from_json(json.loads(text))
        assert json.dumps(again.to_json()) == text


def test_nothing_found_is_valid_json():
    finding = HeadFinding(None, {}, None, True, "No fetal head was found in the picture.", {"looks": 0.0})
    r = head_result("p.png", 0, 1, (800, 540), finding, None, HeadOptions(), {})
    assert json.loads(json.dumps(r.to_json()))["ellipse_px"] is None
    assert r.outline_px() is None


def test_outer_inner_bpd():
    assert inner_bpd_mm(0.555934 + 1.027318 * 70) == pytest.approx(70)
    outer, inner = (
        next(m for m in head_measurements(ELLIPSE.scaled(0.2), "mm", SD, "model", c) if m.name == "BPD")
        for c in ("outer-outer", OUTER_INNER)
    )
    assert inner.value < outer.value
    assert "regression" in inner.source
    with pytest.raises(ValueError, match="convention"):
        head_measurements(ELLIPSE, "mm", SD, "model", "inner-inner")


def test_axes_to_ellipse():
    ofd, bpd = ELLIPSE.axis_ends()
    again = ellipse_from_axes(ofd, bpd)
    assert (again.a, again.b, again.cx, again.cy) == pytest.approx((250, 200, 400, 270))
    assert again.angle == pytest.approx(12)
    with pytest.raises(ValueError, match="ellipse"):
        ellipse_from_axes(np.zeros((2, 2)), bpd)


CALIBRATION = Calibration(dict.fromkeys(SD, 1.0), dict.fromkeys(SD, 0.01), 0.1, 0.05, 0.04, 0.8, 0.6, 4, (0.6, 0.99))
GOOD = {"looks": 6.0, "spread": 0.01, "residual": 0.01, "certainty": 0.97}


@pytest.mark.parametrize(
    ("change", "ellipse", "quality", "word"),
    [
        ({}, ELLIPSE, QUALITY, ""),
        ({"looks": 3.0}, ELLIPSE, QUALITY, "few"),
        ({"spread": 0.06}, ELLIPSE, QUALITY, "disagree"),
        ({"residual": 0.05}, ELLIPSE, QUALITY, "not an ellipse"),
        ({"certainty": 0.7}, ELLIPSE, QUALITY, "not sure"),
        ({}, ELLIPSE, HeadQuality(0.5, 0.9, True, True, 0, 0.01), "inside"),
        ({}, Ellipse.make(0, 0, 100, 50, 0), QUALITY, "shape"),
    ],
)
def test_each_reason_to_abstain(change, ellipse, quality, word):
    reason = reason_to_abstain(CALIBRATION, ellipse, GOOD | change, quality)
    assert (word in reason) and bool(reason) == bool(word)


def test_uncertainty_grows_with_spread_and_residual():
    base = CALIBRATION.relative_sd("HC", 0.0, 0.0)
    assert base == pytest.approx(0.01)
    assert CALIBRATION.relative_sd("HC", 0.02, 0.0) > base
    assert CALIBRATION.relative_sd("HC", 0.0, 0.1) > base
