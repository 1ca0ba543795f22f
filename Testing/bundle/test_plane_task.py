"""The shipped planes model through its task: phantoms with known truth, real pictures, and what is not a fetus."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import Task, run_here
from DeepMedLib.models.bundles import shipped_bundle
from FetalBiometryLib.phantom.abdomen import abdomen_phantom
from FetalBiometryLib.phantom.femur import femur_phantom
from FetalBiometryLib.phantom.head import head_phantom
from FetalBiometryLib.phantom.thorax import thorax_phantom
from FetalBiometryLib.planes.findings import PLANES, Finding, PlaneGuess

RESOURCES = Path(__file__).resolve().parents[2] / "FetalBiometry" / "Resources" / "FetalBiometryModels"


def look(picture: np.ndarray, plane: str):
    options = {"resources": str(RESOURCES), "device": "cpu", "plane": plane}
    result = run_here(Task("FetalBiometryLib.inference.task:run", {"picture": picture}, options))
    return result.arrays["labels"], result.values


def read(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("L"))


def test_bundle_is_described():
    for name in ("planes", "heart"):
        assert shipped_bundle(RESOURCES, name).input_channels() == 1
    text = (RESOURCES / "planes" / "docs" / "README.md").read_text(encoding="utf-8")
    for word in ("FOCUS", "FETAL_PLANES_DB", "HC18", "How small the check is", "research use", "phantoms"):
        assert word in text


def test_card_holds_the_measured_figures():
    bundle = shipped_bundle(RESOURCES, "planes")
    figures = bundle.metadata["eval_metrics"]
    text = (RESOURCES / "planes" / "docs" / "README.md").read_text(encoding="utf-8")
    for name in ("AC", "FL"):
        for row in figures["lengths"][name]["rows"]:
            assert re.search(rf"\| {row['image']}( \([^|]*\))? \| {row['truth_mm']} \|", text)
            # Nothing wrong by more than a fifth was answered.
            assert row["abstained"] or abs(row["error_percent"]) <= 20
    assert f"{figures['plane']['all']['balanced_accuracy']:.3f}" in text
    assert figures["training"]["phantom_share"] <= 0.05
    # One noise picture is measured as a thorax when a person says that it is one; the card says so.
    assert figures["empty_answered"] <= 1
    assert f"{figures['empty_answered']} of {figures['empty_pictures']}" in text


@pytest.mark.parametrize("seed", [11, 12])
def test_abdomen_phantom(seed):
    phantom = abdomen_phantom(seed)
    labels, values = look(phantom.picture, "abdomen")
    finding = Finding.from_dict(values["finding"])
    assert finding.ellipses["AC"].perimeter == pytest.approx(phantom.skin.perimeter, rel=0.08)
    assert set(np.unique(labels)) == {0, 4}


@pytest.mark.parametrize("seed", [11, 12])
def test_femur_phantom(seed):
    phantom = femur_phantom(seed)
    labels, values = look(phantom.picture, "femur")
    (x1, y1), (x2, y2) = Finding.from_dict(values["finding"]).lines["FL"]
    assert np.hypot(x2 - x1, y2 - y1) * phantom.spacing_mm == pytest.approx(phantom.length_mm, rel=0.05)
    assert not labels.any()


@pytest.mark.parametrize("seed", [11, 12])
def test_thorax_phantom(seed):
    phantom = thorax_phantom(seed)
    labels, values = look(phantom.picture, "thorax")
    finding = Finding.from_dict(values["finding"])
    assert finding.ellipses["Thorax"].perimeter == pytest.approx(phantom.thorax.perimeter, rel=0.08)
    assert finding.ellipses["Heart"].area == pytest.approx(phantom.heart.area, rel=0.25)
    assert set(np.unique(labels)) == {0, 5, 6}


def test_a_head_is_measured_by_the_head_model_whether_asked_for_or_recognised():
    picture = head_phantom(7).picture
    labels, values = look(picture, "head")
    again, recognised = look(picture, "auto")
    assert values["finding"] == recognised["finding"] and np.array_equal(labels, again)
    assert values["guess"] is None and recognised["guess"]["plane"] == "head"
    assert values["model"] == recognised["model"] == "head"
    assert not Finding.from_dict(values["finding"]).abstained and set(np.unique(labels)) >= {0, 1}


def test_same_picture_same_answer():
    picture = femur_phantom(13).picture
    first, second = look(picture, "auto"), look(picture, "auto")
    assert json.dumps(first[1]) == json.dumps(second[1]) and np.array_equal(first[0], second[0])


@pytest.mark.parametrize("plane", ["auto", "abdomen", "femur", "thorax"])
def test_noise_and_blank_are_not_answered(plane):
    rng = np.random.default_rng(9)
    noise = ndimage.gaussian_filter(rng.standard_normal((540, 800)), 3.0)
    pictures = [
        np.zeros((540, 800), np.uint8),
        np.full((540, 800), 90, np.uint8),
        np.clip(127 + 60 * noise / noise.std(), 0, 255).astype(np.uint8),
        rng.integers(0, 256, (480, 640)).astype(np.uint8),
    ]
    for picture in pictures:
        _, values = look(picture, plane)
        assert values["abstained"] and values["reason"]


def test_unknown_plane_is_refused():
    with pytest.raises(BadInput, match="no plane 'knee'"):
        look(np.zeros((100, 100), np.uint8), "knee")


def test_an_examination_in_one_worker():
    pictures = [head_phantom(7).picture, femur_phantom(11).picture, np.zeros((300, 400), np.uint8)]
    arrays = {f"picture_{i}": p for i, p in enumerate(pictures)}
    options = {"resources": str(RESOURCES), "device": "cpu", "planes": ["head", "femur", "auto"]}
    seen: list[float] = []
    result = run_here(Task("FetalBiometryLib.inference.task:run_many", arrays, options), lambda f, _: seen.append(f))
    results = result.values["results"]
    assert [r["plane"] for r in results[:2]] == ["head", "femur"] and results[2]["abstained"]
    assert [result.arrays[f"labels_{i}"].shape for i in range(3)] == [p.shape for p in pictures]
    assert seen == sorted(seen)
    alone = look(pictures[1], "femur")[1]
    assert results[1]["finding"] == alone["finding"]
    with pytest.raises(BadInput, match="3 pictures and 1 planes"):
        run_here(Task("FetalBiometryLib.inference.task:run_many", arrays, {**options, "planes": ["head"]}))


def test_heads_are_taken_for_heads(sharedData):
    folder = sharedData / "fetal" / "hc18" / "images"
    paths = sorted(folder.glob("*.jpg"))[5::100]
    for path in paths:
        _, values = look(read(path), "auto")
        guess = PlaneGuess.from_dict(values["guess"])
        assert guess.plane == "head" and guess.certain, path.name


def test_real_pictures_of_every_plane(sharedData):
    folder = sharedData / "fetal" / "fetal_planes" / "images"
    names = {
        "abdomen": "Patient01689_Plane2_1_of_1",
        "femur": "Patient01761_Plane5_1_of_2",
        "head": "Patient01630_Plane3_1_of_1",
    }
    for plane, name in names.items():
        _, values = look(read(folder / f"{name}.jpg"), "auto")
        assert values["guess"]["plane"] == plane
        assert set(values["guess"]["probabilities"]) == set(PLANES)


def test_a_wrong_choice_is_contradicted(sharedData):
    picture = read(sharedData / "fetal" / "hc18" / "images" / "010_HC.jpg")
    for plane in ("abdomen", "femur", "thorax"):
        assert look(picture, plane)[1]["abstained"], plane
