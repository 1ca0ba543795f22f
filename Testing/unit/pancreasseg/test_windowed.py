"""Slice pictures in any of the eight ways of lying."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import Task, run_here
from PancreasSegLib.organs import BY_KEY
from PancreasSegLib.organs_result import SliceResult
from PancreasSegLib.windowed import WAYS, _after, turned, turned_back
from Testing.unit.pancreasseg.tiny import BACKGROUND, GREYS, write_tiny_models


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_models(tmp_path_factory.mktemp("resources") / "PancreasSegModels")


def slice_picture() -> np.ndarray:
    picture = np.zeros((256, 320), np.uint8)
    picture[40:216, 30:290] = BACKGROUND
    picture[60:140, 50:130] = GREYS["liver"]
    return picture


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_turning_and_back(way: int) -> None:
    picture = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert np.array_equal(turned_back(turned(picture, way), way), picture)
    for asked in range(len(WAYS)):
        assert np.array_equal(turned(turned(picture, way), asked), turned(picture, _after(way, asked)))


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_the_mask_lies_as_the_picture(models: Path, way: int) -> None:
    picture = np.ascontiguousarray(turned(slice_picture(), way))
    told = {"resources": str(models), "device": "cpu", "way": way, "organs": "liver"}
    made = run_here(Task("PancreasSegLib.organs_task:run_slice", {"picture": picture}, told))
    labels = made.arrays["labels"]
    truth = turned(slice_picture(), way) == GREYS["liver"]
    found = labels == BY_KEY["liver"].label
    assert labels.shape == picture.shape
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.95
    result = SliceResult.from_json(made.values["result"])
    assert result.pixels["liver"] == found.sum()
    assert result.lies == WAYS[way]


def test_pictures_that_cannot_be_read(models: Path) -> None:
    told = {"resources": str(models), "device": "cpu"}
    for picture, sentence in (
        (np.zeros((300, 300, 3), np.uint8), "not an 8-bit grey one"),
        (np.zeros((300, 300), np.int16), "not an 8-bit grey one"),
        (np.zeros((20, 300), np.uint8), "only 300 x 20 pixels"),
    ):
        with pytest.raises(BadInput, match=sentence):
            run_here(Task("PancreasSegLib.organs_task:run_slice", {"picture": picture}, told))


def test_a_picture_without_organs_is_an_abstention(models: Path) -> None:
    picture = np.zeros((128, 128), np.uint8)
    picture[20:100, 10:120] = BACKGROUND
    made = run_here(
        Task(
            "PancreasSegLib.organs_task:run_slice",
            {"picture": picture},
            {"resources": str(models), "organs": "pancreas"},
        )
    )
    result = SliceResult.from_json(made.values["result"])
    assert result.status() == "abstained"
    assert not made.arrays["labels"].any()
