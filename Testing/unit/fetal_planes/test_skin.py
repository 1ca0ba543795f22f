"""Where the skin runs against an outline: on phantoms, whose skin is known, an outline beside it is noticed."""

from __future__ import annotations

import numpy as np
import pytest

from FetalBiometryLib.phantom.abdomen import abdomen_phantom
from FetalBiometryLib.planes.abdomen import MAX_SKIN_OFFSET, off_the_skin, sentences
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.evidence.skin import skin_fit

SEEDS = range(40, 46)


def grown(ellipse: Ellipse, factor: float) -> Ellipse:
    return Ellipse(ellipse.cx, ellipse.cy, factor * ellipse.a, factor * ellipse.b, ellipse.angle)


def details(picture: np.ndarray, ellipse: Ellipse) -> dict[str, float]:
    fit = skin_fit(picture, ellipse)
    return {"skin": fit.along, "skin_offset": fit.offset, "skin_signed": fit.signed}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("factor", [0.90, 0.95, 1.0, 1.05, 1.10])
def test_the_skin_is_found_where_it_is(seed: int, factor: float) -> None:
    phantom = abdomen_phantom(seed)
    fit = skin_fit(phantom.picture, grown(phantom.skin, factor))
    assert fit.signed == pytest.approx(1 / factor - 1, abs=0.015)
    assert fit.offset == pytest.approx(abs(fit.signed), abs=0.005)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_outline_9_percent_outside_the_skin_is_refused_and_one_5_percent_outside_is_not(seed: int) -> None:
    phantom = abdomen_phantom(seed)
    assert off_the_skin(details(phantom.picture, grown(phantom.skin, 1.05))) == ""
    assert "inside the outline" in off_the_skin(details(phantom.picture, grown(phantom.skin, 1.09)))
    assert "outside the outline" in off_the_skin(details(phantom.picture, grown(phantom.skin, 0.91)))


def test_an_outline_on_the_skin_says_so_and_one_beside_it_does_not() -> None:
    phantom = abdomen_phantom(40)
    assert details(phantom.picture, phantom.skin)["skin"] > 0.9
    assert details(phantom.picture, grown(phantom.skin, 1.09))["skin"] < 0.1


def test_where_nothing_is_seen_nothing_is_said_of_the_place() -> None:
    fit = skin_fit(np.full((300, 400), 90, np.uint8), Ellipse(200, 150, 100, 80, 20))
    assert (fit.offset, fit.signed, fit.along) == (0.0, 0.0, 0.0)
    told = sentences({"inside": 1.0, "skin": fit.along, "spine": 1.0})
    assert told[0] == "Skin is seen at the outline along 0 % of it."


@pytest.mark.parametrize(
    ("offset", "signed", "words"),
    [
        (MAX_SKIN_OFFSET, -MAX_SKIN_OFFSET, ""),
        (0.071, -0.071, "7 % of the radius inside"),
        (0.10, 0.10, "10 % of the radius outside"),
        (0.10, 0.05, "beside the outline"),
        (0.10, 0.051, "outside the outline"),
    ],
)
def test_the_limit_of_the_offset(offset: float, signed: float, words: str) -> None:
    told = off_the_skin({"skin_offset": offset, "skin_signed": signed})
    assert words in told if words else told == ""
