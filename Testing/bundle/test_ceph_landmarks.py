"""The shipped landmark networks: size, bounds of their error on real films, and what they refuse."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from CephSketcherLib.landmarks.calibration import Calibration
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.landmarks.layout import ISBI19, LAYOUTS
from CephSketcherLib.landmarks.task import BadInput, run
from DeepMedLib.models.bundles import shipped_bundle

FILMS = ("155", "180", "205", "230", "255", "280")  # of the part that is never trained on


@pytest.fixture(scope="module")
def models(repositoryRoot: Path) -> Path:
    return repositoryRoot / "CephSketcher" / "Resources" / "CephSketcherModels"


def look(models: Path, film: np.ndarray, **options: Any) -> dict[str, Any]:
    return dict(run({"film": film}, {"resources": str(models), "device": "cpu", **options}, lambda f, m: None).values)


@pytest.fixture(scope="module")
def films(sharedData: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Film -> picture and the mean of the readers, pixels of the picture."""
    folder = sharedData / "ceph" / "isbi2015"
    readers = []
    for name in ("senior", "junior"):
        with (folder / f"landmarks_{name}_px.csv").open(newline="") as stream:
            rows = {row["film"]: row for row in csv.DictReader(stream)}
        readers.append(
            {f: np.array([[float(rows[f][f"{s}_{a}"]) for a in "xy"] for s in ISBI19.symbols]) for f in FILMS}
        )
    result = {}
    for film in FILMS:
        mean = 0.5 * (readers[0][film] + readers[1][film])
        picture = np.asarray(Image.open(folder / "images" / f"{film}.jpg").convert("L"))
        result[film] = picture, (mean + 0.5) / [1935 / 968, 2400 / 1200] - 0.5
    return result


def test_the_bundles_are_whole_and_say_where_they_come_from(models: Path) -> None:
    for name, channels in (("landmarks_coarse", 2), ("landmarks_fine", 8)):
        bundle = shipped_bundle(models, name)
        bundle.check_input_channels(channels)
        card = bundle.read_bytes("docs/README.md").decode("utf-8")
        assert "licence is not stated" in card and "research use only" in card.lower()
        assert "licence is not stated" in bundle.read_bytes("LICENSE").decode("utf-8")
        assert not bundle.load_network().training
    calibration = Calibration.from_dict(shipped_bundle(models, "landmarks_fine").read_json("configs/calibration.json"))
    layout = LAYOUTS[calibration.layout]
    assert len(calibration.gain) == len(calibration.typical) == len(calibration.shape.mean) == len(layout) == 19


@pytest.mark.data
def test_films_never_trained_on(models: Path, films: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    errors, inside = [], []
    for picture, truth in films.values():
        values = look(models, picture)
        assert not values["abstained"] and values["facing"] == "right" and values["facing_certainty"] > 0.5
        found = LandmarkSet.from_dict(values["landmarks"])
        assert found.symbols == ISBI19.symbols
        gap = found.array() - truth
        errors.append(0.2 * np.linalg.norm(gap, axis=1))
        inverse = np.linalg.inv(np.array([point.covariance for point in found]))
        inside.append(np.einsum("li,lij,lj->l", gap, inverse, gap) < 5.99)
    assert np.mean(errors) < 1.5 and np.mean(np.array(errors) <= 2.0) > 0.75
    assert np.mean(inside) > 0.88


@pytest.mark.data
def test_mirrored_inverted_deep_and_larger_films_give_the_same_points(
    models: Path, films: dict[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    picture, _ = films["205"]
    width = picture.shape[1]
    base = LandmarkSet.from_dict(look(models, picture)["landmarks"])

    def gap_mm(values: dict[str, Any], back: Any) -> float:
        found = LandmarkSet.from_dict(values["landmarks"])
        return float(np.median(0.2 * np.linalg.norm(back(found.array()) - base.array(), axis=1)))

    mirrored = look(models, picture[:, ::-1].copy())
    assert mirrored["facing"] == "left"
    assert gap_mm(mirrored, lambda p: p * [-1, 1] + [width - 1, 0]) < 0.05
    turned = look(models, picture[:, ::-1].copy(), facing="left")
    assert turned["landmarks"] == mirrored["landmarks"]
    inverted = look(models, 255 - picture)
    assert inverted["inverted"] and "inverted" in inverted["notes"][0] and gap_mm(inverted, lambda p: p) < 0.1
    assert gap_mm(look(models, picture.astype(np.uint16) * 200 + 500), lambda p: p) < 0.05
    large = np.asarray(Image.fromarray(picture).resize((1355, 1680), Image.Resampling.BICUBIC))
    ratio = np.array([1355 / width, 1680 / picture.shape[0]])
    assert gap_mm(look(models, large), lambda p: (p + 0.5) / ratio - 0.5) < 0.3


@pytest.mark.data
def test_a_film_on_its_side_is_told_how_to_turn(models: Path, films: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    picture, _ = films["180"]
    for quarter, words in ((1, "90 degrees clockwise"), (2, "by 180 degrees"), (3, "90 degrees counter-clockwise")):
        values = look(models, np.rot90(picture, quarter).copy())
        assert values["abstained"] and values["reason"] == (
            f"The film does not stand upright: turn it {words} and try again."
        )
        assert values["landmarks"]["points"] == []


def shapes(seed: int) -> np.ndarray:
    """Smooth blobs and lines that are no head."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:700, :560]
    picture = np.zeros((700, 560))
    for _ in range(12):
        cx, cy, sx, sy = rng.uniform(0, 560), rng.uniform(0, 700), rng.uniform(10, 150), rng.uniform(10, 150)
        picture += rng.uniform(-1, 1) * np.exp(-(((x - cx) / sx) ** 2) - ((y - cy) / sy) ** 2)
    return np.rint(255 * (picture - picture.min()) / np.ptp(picture)).astype(np.uint8)


@pytest.mark.parametrize("seed", range(3))
def test_pictures_of_nothing_are_abstained_from(models: Path, seed: int) -> None:
    values = look(models, shapes(seed))
    assert values["abstained"] and values["reason"] and values["landmarks"]["points"] == []


@pytest.mark.data
def test_other_real_pictures_are_abstained_from(models: Path, sharedData: Path) -> None:
    for path in sorted((sharedData / "fetal" / "hc18" / "images").glob("*.jpg"))[:3]:
        assert look(models, np.asarray(Image.open(path).convert("L")))["abstained"]


def test_blank_and_tiny_pictures_and_unknown_options_are_refused(models: Path) -> None:
    for picture in (np.full((900, 700), 40, np.uint8), np.zeros((100, 90), np.uint8)):
        with pytest.raises(BadInput):
            look(models, picture)
    with pytest.raises(BadInput, match="facing"):
        look(models, shapes(0), facing="up")
