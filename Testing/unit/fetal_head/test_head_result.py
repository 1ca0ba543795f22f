"""Numbers follow the axes, carry their uncertainty, and never turn pixels into millimetres."""

import json

import numpy as np
import pytest

from DeepMedLib.picture.scale import Scale
from FetalBiometryLib.growth.bpd import OUTER_INNER, inner_bpd_mm, outer_bpd_mm
from FetalBiometryLib.phantom.head import head_phantom
from FetalBiometryLib.picture.ultrasound import picture_from_array
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.lines import ellipse_of_axes
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.result import PictureResult

ELLIPSE = Ellipse.make(400.0, 270.0, 250.0, 200.0, 12.0)
SD = {"HC": 0.01, "BPD": 0.012, "OFD": 0.014}
PICTURE = picture_from_array(head_phantom(7).picture, name="p.png")
MODEL = {"model": "head"}


def result(scale=None, abstained=False, options=None) -> PictureResult:
    reason = "Why not." if abstained else ""
    finding = Finding("head", {"HC": ELLIPSE}, {}, SD, {}, (), abstained, reason, {"looks": 6.0})
    return PictureResult.of(PICTURE, finding, scale, options or MeasureOptions(), MODEL)


def values(r: PictureResult) -> dict[str, float]:
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
    assert np.abs(ELLIPSE.radial_distance(r.outlines(90)["HC"])).max() < 1e-6


def test_uncertainty_of_scale_and_model_add():
    scale = Scale(0.2, 0.2, "two clicks", True, relative_sd=0.02)
    hc = next(m for m in result(scale).lengths() if m.name == "HC")
    assert hc.sd / hc.value == pytest.approx(np.hypot(0.01, 0.02))
    low, high = hc.interval()
    assert high - low == pytest.approx(2 * 1.96 * hc.sd)


def test_an_edit_drops_the_models_uncertainty():
    r = result(Scale(0.2, 0.2, "typed", True))
    assert not r.with_lines(r.lines()).edited  # nothing moved
    moved = r.with_lines({"BPD": r.lines()["BPD"] + [0, 1]})
    assert moved.edited_lines == ("BPD",)
    assert all(m.sd is None and m.source == "edited by the user" for m in moved.lengths())


def test_abstained_gives_no_number_until_a_person_places_the_axes():
    r = result(Scale(0.2, 0.2, "typed", True), abstained=True)
    assert r.status() == "abstained"
    assert r.measurements() == []
    assert r.to_json()["reason"] == "Why not."
    edited = r.with_lines({"OFD": r.lines()["OFD"] + [0, 1]})
    assert edited.status() == "done"
    assert values(edited)["OFD"] == pytest.approx(100)


def test_json_round_trip():
    for r in (result(), result(Scale(0.2, 0.25, "typed", True)), result(abstained=True)):
        text = json.dumps(r.to_json())
        again = PictureResult.from_json(json.loads(text))
        assert json.dumps(again.to_json()) == text


def test_nothing_found_is_valid_json():
    finding = Finding.nothing("head", "No fetal head was found in the picture.", {"looks": 0.0})
    r = PictureResult.of(PICTURE, finding, None, MeasureOptions(), MODEL)
    assert json.loads(json.dumps(r.to_json()))["ellipses_px"] == {}
    assert r.outlines() == {} and r.status() == "abstained"


def test_outer_inner_bpd():
    assert inner_bpd_mm(0.555934 + 1.027318 * 70) == pytest.approx(70)
    assert outer_bpd_mm(inner_bpd_mm(81.3)) == pytest.approx(81.3)
    scale = Scale(0.2, 0.2, "typed", True)
    outer, inner = (
        next(m for m in result(scale, options=MeasureOptions(bpd_convention=c)).lengths() if m.name == "BPD")
        for c in ("outer-outer", OUTER_INNER)
    )
    assert outer.value == pytest.approx(80) and inner.value == pytest.approx((80 - 0.555934) / 1.027318)
    assert inner.sd == pytest.approx(0.012 * 80 / 1.027318)
    assert "regression" in inner.source and inner.label == "BPD outer-inner"
    with pytest.raises(ValueError, match="convention"):
        result(scale, options=MeasureOptions(bpd_convention="inner-inner")).lengths()


def test_without_millimetres_the_bpd_stays_outer_outer():
    found = {m.name: m for m in result(options=MeasureOptions(bpd_convention=OUTER_INNER)).lengths()}
    assert found["BPD"].value == pytest.approx(400) and found["BPD"].label == "BPD outer-outer"


def test_axes_to_ellipse():
    ofd, bpd = ELLIPSE.axis_ends()
    again = ellipse_of_axes(ofd, bpd)
    assert (again.a, again.b, again.cx, again.cy) == pytest.approx((250, 200, 400, 270))
    assert again.angle == pytest.approx(12)
    with pytest.raises(ValueError, match="ellipse"):
        ellipse_of_axes(np.zeros((2, 2)), bpd)
