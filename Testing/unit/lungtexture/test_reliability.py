"""What a scan supports: every limit on both sides."""

from __future__ import annotations

from typing import Any

import pytest

from LungTextureLib.reliability import judge

GOOD: dict[str, Any] = {
    "slice_mm": 1.0,
    "pixel_mm": 0.65,
    "step_hu": 1,
    "mean_hu": -850.0,
    "noise_hu": 20.0,
    "clipped_at": None,
}


def test_a_good_scan_has_no_remark() -> None:
    found = judge(**GOOD)
    assert (found.no_texture, found.no_density, found.remarks) == ("", "", ())


@pytest.mark.parametrize(
    ("name", "good", "bad", "words"),
    [
        ("slice_mm", 3.0, 3.1, "3.1 mm apart"),
        ("step_hu", 4, 5, "steps of 5 HU"),
        ("clipped_at", None, -900.0, "below -900 HU were cut off"),
    ],
)
def test_what_withholds_both(name: str, good: Any, bad: Any, words: str) -> None:
    assert not judge(**{**GOOD, name: good}).no_density
    found = judge(**{**GOOD, name: bad})
    assert words in found.no_texture and words in found.no_density


@pytest.mark.parametrize(("good", "bad"), [(0.4, 0.39), (1.0, 1.01)])
def test_pixels_withhold_textures_alone(good: float, bad: float) -> None:
    assert not judge(**{**GOOD, "pixel_mm": good}).no_texture
    found = judge(**{**GOOD, "pixel_mm": bad})
    assert "pixels" in found.no_texture and not found.no_density


@pytest.mark.parametrize(
    ("name", "good", "bad", "words"),
    [
        ("slice_mm", 1.5, 1.6, "smooth the lung"),
        ("noise_hu", 45.0, 46.0, "sharp kernel"),
        ("mean_hu", -750.0, -749.0, "full inspiration"),
        ("pixel_mm", 0.55, 0.54, "resampled"),
        ("pixel_mm", 0.75, 0.76, "resampled"),
    ],
)
def test_what_is_only_remarked(name: str, good: Any, bad: Any, words: str) -> None:
    assert judge(**{**GOOD, name: good}).remarks == ()
    found = judge(**{**GOOD, name: bad})
    assert [words in remark.text for remark in found.remarks] == [True]
    assert not found.no_texture and not found.no_density


def test_no_windpipe_no_word_on_noise() -> None:
    assert judge(**{**GOOD, "noise_hu": None}).remarks == ()
