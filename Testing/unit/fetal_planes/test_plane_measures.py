"""From maps to calipers: abdomen, femur and thorax measured on maps drawn from known truth."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from FetalBiometryLib.inference.canvas import picture_to_canvas
from FetalBiometryLib.inference.planes_network import CANVAS
from FetalBiometryLib.phantom.abdomen import abdomen_phantom
from FetalBiometryLib.phantom.femur import femur_phantom
from FetalBiometryLib.phantom.thorax import thorax_phantom
from FetalBiometryLib.planes.abdomen import axis_lines, chord, length_of, measure_abdomen
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.femur import find_shaft, measure_femur, refine_ends
from FetalBiometryLib.planes.framing import Frame
from FetalBiometryLib.planes.limits import Limits
from FetalBiometryLib.planes.numbers import axis_angle
from FetalBiometryLib.planes.thorax import measure_thorax

LIMITS = Limits(1.5, 0.02, 0.5, 0.1, 0.1, 0.5, 0.5, 4, (0.7, 1.0))
FEMUR_LIMITS = replace(LIMITS, min_inside=1.0, shape_range=(0.0, 1.0))


def canvas_map(mask: np.ndarray) -> tuple[np.ndarray, Frame]:
    """A mask 0..1 on the canvas, as a sure network would draw it."""
    frame = Frame.letterbox(*mask.shape, *CANVAS)
    return picture_to_canvas(255 * mask, frame)[0, 0].numpy(), frame


def looks_of(map_: np.ndarray, count: int = 6) -> np.ndarray:
    return np.repeat(map_[None], count, 0)


def disc(point: tuple[float, float], radius: float, shape: tuple[int, int]) -> np.ndarray:
    return Ellipse.make(*point, radius, radius, 0).mask(*shape)


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_abdomen_of_a_perfect_map(seed):
    phantom = abdomen_phantom(seed)
    mask, frame = canvas_map(phantom.skin.mask(*phantom.picture.shape, 3))
    spine, _ = canvas_map(disc(phantom.spine, 20, phantom.picture.shape))
    finding = measure_abdomen(phantom.picture, mask, looks_of(mask), spine, frame, LIMITS)
    assert not finding.abstained, finding.reason
    assert finding.ellipses["AC"].perimeter == pytest.approx(phantom.skin.perimeter, rel=0.01)
    assert length_of(finding.lines["APAD"]) == pytest.approx(length_of(phantom.apad), rel=0.02)
    assert length_of(finding.lines["TAD"]) == pytest.approx(length_of(phantom.tad), rel=0.02)
    assert set(finding.relative_sd) == {"AC", "TAD", "APAD"}
    assert any("Spine found" in sentence for sentence in finding.quality)


def test_abdomen_without_spine_says_so():
    phantom = abdomen_phantom(3)
    mask, frame = canvas_map(phantom.skin.mask(*phantom.picture.shape, 3))
    finding = measure_abdomen(phantom.picture, mask, looks_of(mask), 0 * mask, frame, LIMITS)
    assert any("which is which is not known" in sentence for sentence in finding.quality)
    assert length_of(finding.lines["APAD"]) >= length_of(finding.lines["TAD"])


def test_nothing_found_abstains_without_a_proposal():
    picture = np.full((540, 800), 30, np.uint8)
    empty = np.zeros(CANVAS, np.float32)
    frame = Frame.letterbox(540, 800, *CANVAS)
    findings = (
        measure_abdomen(picture, empty, looks_of(empty), empty, frame, LIMITS),
        measure_femur(picture, empty, looks_of(empty), empty, looks_of(empty), frame, FEMUR_LIMITS),
        measure_thorax(
            picture,
            (empty, looks_of(empty)),
            (empty, looks_of(empty)),
            empty,
            frame,
            {"heart": LIMITS, "thorax": LIMITS},
        ),
    )
    for finding in findings:
        assert finding.abstained and finding.reason and not finding.ellipses and not finding.lines


def test_disagreeing_looks_abstain_but_keep_the_proposal():
    phantom = abdomen_phantom(1)
    masks = []
    for factor in (0.6, 0.75, 0.9, 1.0, 1.1, 1.2):
        e = phantom.skin
        wide = Ellipse.make(e.cx, e.cy, factor * e.a, factor * e.b, e.angle)
        mask, frame = canvas_map(wide.mask(*phantom.picture.shape, 2))
        masks.append(mask)
    each = np.array(masks)
    finding = measure_abdomen(phantom.picture, each.mean(0), each, 0 * mask, frame, LIMITS)
    assert finding.abstained and "disagree" in finding.reason
    assert "AC" in finding.ellipses


@pytest.mark.parametrize("angle", [0.0, 25.0, 90.0, 140.0])
def test_chords_of_an_ellipse(angle):
    ellipse = Ellipse.make(100, 80, 50, 40, 20)
    t = np.deg2rad(angle)
    line = chord(ellipse, np.array([np.cos(t), np.sin(t)]))
    assert ellipse.radial_distance(np.array(line)) == pytest.approx([0, 0], abs=1e-9)
    axes = axis_lines(ellipse, None)
    assert length_of(axes["APAD"]) == pytest.approx(100) and length_of(axes["TAD"]) == pytest.approx(80)


def femur_maps(phantom) -> tuple[np.ndarray, np.ndarray, Frame]:
    ends = np.array(phantom.ends)
    shape = phantom.picture.shape
    y, x = np.mgrid[: shape[0], : shape[1]]
    u = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    along = (x - ends[0, 0]) * u[0] + (y - ends[0, 1]) * u[1]
    across = -(x - ends[0, 0]) * u[1] + (y - ends[0, 1]) * u[0]
    band = ((np.abs(across) < 10) & (along > 0) & (along < np.linalg.norm(ends[1] - ends[0]))).astype(float)
    blobs = sum(np.exp(-0.5 * ((x - ex) ** 2 + (y - ey) ** 2) / 11**2) for ex, ey in ends)
    band_map, frame = canvas_map(ndimage.gaussian_filter(band, 3))
    blob_map, _ = canvas_map(np.clip(blobs, 0, 1))
    return band_map, blob_map, frame


@pytest.mark.parametrize("seed", range(1, 7))
def test_femur_of_a_perfect_map(seed):
    phantom = femur_phantom(seed)
    band, blobs, frame = femur_maps(phantom)
    finding = measure_femur(phantom.picture, band, looks_of(band), blobs, looks_of(blobs), frame, FEMUR_LIMITS)
    assert not finding.abstained, finding.reason
    length = length_of(finding.lines["FL"]) * phantom.spacing_mm
    assert length == pytest.approx(phantom.length_mm, rel=0.03)
    assert np.abs(np.array(finding.lines["FL"]) - np.array(phantom.ends)).max() < 12


def test_a_short_proposal_is_drawn_out_to_the_end_of_the_echo():
    phantom = femur_phantom(2)
    ends = np.array(phantom.ends)
    short = ends.mean(0) + 0.96 * (ends - ends.mean(0))
    refined = refine_ends(phantom.picture, short)
    before, after = (
        abs(np.linalg.norm(e[1] - e[0]) * phantom.spacing_mm - phantom.length_mm) for e in (short, refined)
    )
    assert after < 0.5 * before


def test_a_picture_without_echo_moves_no_end():
    ends = np.array([[100.0, 200.0], [400.0, 220.0]])
    assert np.array_equal(refine_ends(np.full((540, 800), 40, np.uint8), ends), ends)


def test_femur_that_leaves_the_picture_abstains():
    phantom = femur_phantom(1)
    ends = np.array(phantom.ends)
    cut = int(0.5 * (ends[0, 0] + ends[1, 0]))
    picture = phantom.picture[:, cut:]
    moved = replace(phantom, picture=picture, ends=((0.0, float(ends.mean(0)[1])), tuple(ends[1] - [cut, 0])))
    band, blobs, frame = femur_maps(moved)
    finding = measure_femur(picture, band, looks_of(band), blobs, looks_of(blobs), frame, FEMUR_LIMITS)
    assert finding.abstained and "border" in finding.reason


def test_the_stronger_of_two_bones_is_taken():
    shaft = np.zeros(CANVAS, np.float32)
    shaft[40:45, 40:140] = 0.95
    shaft[90:95, 50:100] = 0.8
    found = find_shaft(shaft, np.zeros_like(shaft))
    assert found is not None
    assert found.ends[:, 1] == pytest.approx([42, 42], abs=0.6)
    assert found.length == pytest.approx(99, abs=2)
    assert 0.3 < found.rival < 0.6


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_thorax_of_perfect_maps(seed):
    phantom = thorax_phantom(seed)
    shape = phantom.picture.shape
    heart, frame = canvas_map(phantom.heart.mask(*shape, 3))
    thorax, _ = canvas_map(phantom.thorax.mask(*shape, 3))
    spine, _ = canvas_map(disc(phantom.spine, 18, shape))
    limits = {"heart": replace(LIMITS, shape_range=(0.4, 1.0)), "thorax": LIMITS}
    finding = measure_thorax(
        phantom.picture, (heart, looks_of(heart)), (thorax, looks_of(thorax)), spine, frame, limits
    )
    assert not finding.abstained, finding.reason
    assert finding.ellipses["Heart"].area == pytest.approx(phantom.heart.area, rel=0.03)
    assert finding.ellipses["Thorax"].area == pytest.approx(phantom.thorax.area, rel=0.02)
    angle = axis_angle(finding.lines["CardiacAxis"], finding.lines["Midline"])
    assert angle == pytest.approx(phantom.axis_deg, abs=4)
    assert finding.absolute_sd["CardiacAxis"] > 0


def test_no_spine_no_axis():
    phantom = thorax_phantom(2)
    shape = phantom.picture.shape
    heart, frame = canvas_map(phantom.heart.mask(*shape, 3))
    thorax, _ = canvas_map(phantom.thorax.mask(*shape, 3))
    finding = measure_thorax(
        phantom.picture,
        (heart, looks_of(heart)),
        (thorax, looks_of(thorax)),
        0 * heart,
        frame,
        {"heart": LIMITS, "thorax": LIMITS},
    )
    assert "Midline" not in finding.lines and finding.absolute_sd == {}
    assert any("no cardiac axis" in sentence for sentence in finding.quality)


def test_canvas_maps_are_float32():
    mask, _ = canvas_map(np.ones((100, 150)))
    assert mask.dtype == np.float32 and torch.from_numpy(mask).shape == CANVAS
