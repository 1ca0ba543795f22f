"""The generated head: its truth fits its picture."""

from __future__ import annotations

import numpy as np
import pytest

from CephSketcherLib.film.projection import Geometry
from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.outlines.template import nearest_on_curve
from CephSketcherLib.phantom.skull_phantom import PhantomFilm, SkullPhantom, phantom_film, skull_phantom


@pytest.fixture(scope="module")
def phantom() -> SkullPhantom:
    return skull_phantom(3, spacing_mm=0.9, across_mm=3.0)


@pytest.fixture(scope="module")
def film(phantom: SkullPhantom) -> PhantomFilm:
    return phantom_film(phantom)


def test_same_seed_same_head_other_seed_other_head(phantom: SkullPhantom) -> None:
    again = skull_phantom(3, spacing_mm=0.9, across_mm=3.0)
    np.testing.assert_array_equal(phantom.volume, again.volume)
    other = skull_phantom(4, spacing_mm=0.9, across_mm=3.0)
    assert max(np.linalg.norm(other.landmarks[s] - phantom.landmarks[s]) for s in ISBI19.symbols) > 1.0


def test_volume_holds_air_soft_tissue_bone_and_enamel(phantom: SkullPhantom) -> None:
    assert phantom.volume.dtype == np.int16
    phantom.grid.check_array(phantom.volume)
    for low, high in ((-1000, -950), (20, 60), (700, 1500), (2000, 3000)):
        assert ((phantom.volume >= low) & (phantom.volume <= high)).mean() > 1e-4
    assert (phantom.volume[:, -5:] < -900).all()  # air before the face


def test_landmarks_have_their_anatomic_order(phantom: SkullPhantom) -> None:
    at = phantom.landmarks
    assert set(ISBI19.symbols) <= set(at)
    assert all(abs(p[0]) < 1e-9 for p in at.values())
    front, up = (lambda s: at[s][1]), (lambda s: at[s][2])
    assert front("N") > front("S") > front("Po") and front("UL") > front("UI") > front("A") - 20
    assert up("N") > up("ANS") > up("UI") > up("B") > up("Me")
    assert 55 < np.linalg.norm(at["N"] - at["S"]) < 75  # mm


def test_landmarks_lie_on_their_outlines(phantom: SkullPhantom) -> None:
    on = {
        "mandible": ("Go", "Me", "Gn", "Pog", "B", "Ar"), "maxilla": ("ANS", "PNS", "A"), "frontonasal": ("N",),
        "orbit": ("Or",), "soft_tissue_profile": ("Sn", "UL", "LL", "sPog", "Prn"), "upper_incisor": ("UI",),
        "lower_incisor": ("LI",),
    }  # fmt: skip
    for name, symbols in on.items():
        curve = phantom.outlines[name][:, 1:]
        for symbol in symbols:
            assert nearest_on_curve(curve, False, phantom.landmarks[symbol][1:])[2] < 0.35, (name, symbol)


def test_skin_is_where_the_volume_turns_to_air(phantom: SkullPhantom) -> None:
    """Mid-sagittal plane: HU crosses the middle between air and flesh on the true profile."""
    plane = phantom.volume[:, :, phantom.volume.shape[2] // 2].astype(float)
    grid = phantom.grid
    for symbol in ("Sn", "UL", "LL", "sPog"):
        a, s = phantom.landmarks[symbol][1:]
        k, j = (s - grid.origin[2]) / grid.spacing[2], (a - grid.origin[1]) / grid.spacing[1]
        row = plane[round(k)]
        skin = len(row) - 1 - int((row[::-1] > -480).argmax())
        assert abs(skin - j) * grid.spacing[1] < 1.6, symbol


def test_film_has_the_proportions_and_scale_of_real_ones(film: PhantomFilm) -> None:
    assert film.film.shape == (1200, 968) and film.film.dtype == np.uint8
    assert film.mm_per_px == pytest.approx(0.2183, abs=1e-6)
    points = film.landmarks.array()
    assert film.landmarks.symbols == ISBI19.symbols
    assert (points > 0).all() and (points < [968, 1200]).all()
    p5, p50, p95 = np.percentile(film.film, [5, 50, 95])
    assert p5 < 30 < p50 < 150 < p95


def test_profile_is_visible_on_the_film(film: PhantomFilm) -> None:
    gray = film.film.astype(float)
    for symbol in ("UL", "LL", "sPog"):
        x, y = (round(v) for v in film.landmarks[symbol].xy)
        inside, outside = gray[y - 3 : y + 4, x - 22 : x - 12].mean(), gray[y - 3 : y + 4, x + 12 : x + 30].mean()
        assert inside > outside + 4, symbol


def test_larger_film_and_other_exposure_keep_the_truth(phantom: SkullPhantom, film: PhantomFilm) -> None:
    large = phantom_film(phantom, 1800, 1452, Geometry(source_mm=None))
    assert large.film.shape == (1800, 1452)
    assert large.mm_per_px == pytest.approx(film.mm_per_px * 1200 / 1800)
    apart = (large.landmarks.array() + 0.5) / 1.5 - 0.5 - film.landmarks.array()
    assert np.abs(apart).max() < 0.01  # mid-sagittal points: magnification cancels


def test_sides_differ_and_films_are_divergent(phantom: SkullPhantom, film: PhantomFilm) -> None:
    right_side = film.projection.to_film(phantom.landmarks["Go"] + [45.0, 0, 0])
    left_side = film.projection.to_film(phantom.landmarks["Go"] - [45.0, 0, 0])
    center = film.projection.center_px
    assert np.linalg.norm(right_side - center) > 1.03 * np.linalg.norm(left_side - center)
    half = phantom.volume.shape[2] // 2
    assert (phantom.volume[:, :, :half] != phantom.volume[:, :, :half:-1]).any()
