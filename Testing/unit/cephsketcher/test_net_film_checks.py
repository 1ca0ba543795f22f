"""Pictures that no network should see are refused with a remedy; films of any depth pass."""

from __future__ import annotations

import numpy as np
import pytest

from CephSketcherLib.film.checks import check_film
from DeepMedLib.errors import BadInput


def film(height: int = 500, width: int = 400) -> np.ndarray:
    """Smooth shapes, 0..255."""
    y, x = np.mgrid[:height, :width]
    return 40 + 150 * np.exp(-(((x - width / 3) / 90) ** 2) - ((y - height / 2) / 120) ** 2) + 20 * np.sin(x / 31)


@pytest.mark.parametrize("change", [np.uint8, np.uint16, np.float32, lambda f: (f * 200).astype(np.uint16)])
def test_films_of_any_depth_pass(change) -> None:  # type: ignore[no-untyped-def]
    given = change(film())
    assert check_film(given) is given


def test_a_dim_film_and_one_scaled_to_one_pass() -> None:
    assert check_film((20 + film() / 10).astype(np.uint8)).shape == (500, 400)
    assert check_film((film() / 255).astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (np.zeros((90, 80), np.uint8), "only 80 x 90"),
        (np.full((500, 400), 77, np.uint8), "blank"),
        (np.zeros((500, 400), bool), "blank"),
        (np.full((500, 400), np.nan, np.float32), "not numbers"),
        (np.random.default_rng(0).integers(0, 255, (500, 400)).astype(np.uint8), "noise"),
        (np.zeros((500, 400, 3), np.uint8), "plane"),
        (film(300, 1200).astype(np.uint8), "strip"),
        (film().astype(complex), "plane"),
    ],
)
def test_what_is_no_film_is_refused_with_a_remedy(picture: np.ndarray, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        check_film(picture)
    assert refused.value.remedy
