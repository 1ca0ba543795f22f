"""Judge what was trained, calibrate it, and write the bundle with its card.

    python -m Training.lung_texture.finish --data ../shared/data --work build/lung_texture

After `train`, `rbm` and `baseline`; takes the networks that are there.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jinja2 import Environment, StrictUndefined

from DeepMedLib.models.bundles import write_manifest
from LungTextureLib.classes import CLASSES, KEYS, SIDE
from LungTextureLib.patches import (
    WAYS,
    balanced_accuracy,
    calibrated,
    calibration_error,
    fitted_temperature,
    patch_logs,
)
from LungTextureLib.shares import labels_of
from LungTextureLib.texture_network import TextureNetwork
from Training import bundle_files
from Training.lung_texture import data
from Training.lung_texture.head import refit
from Training.weights import as_shipped

RESOURCES = Path(__file__).resolve().parents[2] / "LungTexture" / "Resources" / "LungTextureModels"
VERSION = "1.0.0"
THRESHOLD = 0.4
"""Probability below which a place is "not sure"."""
_LUNGS, _PLACES = 400, 200  # put together of patches kept aside


def ensemble(files: list[Path], known: data.Patches) -> TextureNetwork:
    """One network of several trained ones, last layers fitted to what is known, weights rounded as they are shipped."""
    network = TextureNetwork(len(KEYS), len(files))
    state = {}
    for number, path in enumerate(files):
        for key, value in torch.load(path, weights_only=True).items():
            state[key.replace("members.0.", f"members.{number}.")] = value
    network.load_state_dict(state)
    network.load_state_dict(as_shipped(refit(network.eval(), known).state_dict()))
    return network


def share_errors(true: np.ndarray, label: np.ndarray, seed: int = 1) -> list[float]:
    """Root mean square error (percentage points) of each class's share in lungs put together of patches kept aside."""
    random = np.random.default_rng(seed)
    errors = []
    for _ in range(_LUNGS):
        mixture = random.dirichlet(np.full(len(KEYS), 0.5))
        classes = random.choice(len(KEYS), _PLACES, p=mixture)
        picked = np.array([random.choice(np.flatnonzero(true == number)) for number in classes])
        counts = np.bincount(label[picked], minlength=len(KEYS) + 1)[: len(KEYS)]
        errors.append(100 * (counts - np.bincount(classes, minlength=len(KEYS))) / _PLACES)
    return [round(float(value), 1) for value in np.sqrt((np.array(errors) ** 2).mean(0))]


def judged(network: TextureNetwork, aside: data.Patches) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Figures on patches kept aside, and their log probabilities seen in all ways and as they lie.

    The calibration error is that of each half of a class's patches by the temperature of the other halves.
    """
    turned, single = patch_logs(network, aside.hu, WAYS), patch_logs(network, aside.hu, WAYS[:1])
    true, found = aside.label, turned.argmax(1)
    half = np.zeros(len(true), int)
    for number in range(len(KEYS)):
        of = np.flatnonzero(true == number)
        half[of[len(of) // 2 :]] = 1
    probability = np.zeros_like(turned)
    for part in (0, 1):
        temperature = fitted_temperature(true[half != part], turned[half != part])
        probability[half == part] = calibrated(turned[half == part], temperature)
    five = true != KEYS.index("PS")
    figures = {
        "patches": len(true),
        "balanced_accuracy": round(balanced_accuracy(true, found), 4),
        "balanced_accuracy_as_it_lies": round(balanced_accuracy(true, single.argmax(1)), 4),
        "five_classes": round(balanced_accuracy(true[five], found[five]), 4),
        "calibration_error": round(calibration_error(true, probability), 4),
        "recall": {key: round(float((found[true == n] == n).mean()), 3) for n, key in enumerate(KEYS)},
        "confusion": [[int(((true == a) & (found == b)).sum()) for b in range(len(KEYS))] for a in range(len(KEYS))],
    }
    return figures, turned, single


def finish(folder: Path, work: Path) -> None:
    patches = data.load(folder)
    later = patches.of(patches.fold == data.LATER)
    earlier = patches.of(patches.fold != data.LATER)
    aside_files = sorted(work.glob(f"fold{data.LATER}_*.pt"))
    figures, turned, single = judged(ensemble(aside_files, earlier), later)
    figures["members"] = len(aside_files)
    folds = {}
    for fold in range(data.FOLDS):
        path = work / f"fold{fold}_0.pt"
        if path.exists():
            aside = patches.of(patches.fold == fold)
            network = ensemble([path], patches.of(patches.fold != fold))
            found = patch_logs(network, aside.hu).argmax(1)
            folds[str(fold)] = round(balanced_accuracy(aside.label, found), 4)
    temperature = fitted_temperature(later.label, single)
    label = labels_of(calibrated(single, temperature), THRESHOLD)
    sure = label < len(KEYS)
    figures |= {
        "folds": folds,
        "sure": round(float(sure.mean()), 3),
        "right_of_sure": round(float((label[sure] == later.label[sure]).mean()), 3),
    }
    for name in ("rbm", "baseline"):
        path = work / f"{name}.json"
        figures[name] = json.loads(path.read_text()) if path.exists() else {}
    calibration = {
        "temperature": temperature,
        "patch_temperature": fitted_temperature(later.label, turned),
        "threshold": THRESHOLD,
        "share_sd": share_errors(later.label, label),
    }
    members = sorted(work.glob("all_*.pt")) or aside_files
    figures["features_saw_all"] = members != aside_files
    write(ensemble(members, patches), len(members), figures, calibration)
    print(json.dumps(figures | calibration, indent=1))


def write(network: TextureNetwork, members: int, figures: dict[str, Any], calibration: dict[str, Any]) -> None:
    """The bundle, its card and the manifest."""
    bundle = RESOURCES / "patches"
    network_def = {
        "_target_": "LungTextureLib.texture_network.TextureNetwork",
        "classes": len(KEYS),
        "members": members,
    }
    tensor = {"type": "image", "num_channels": 1, "spatial_shape": [SIDE, SIDE], "dtype": "float32"}
    described = bundle_files.metadata(
        VERSION,
        name="Lung texture",
        task="Texture class of patches of the lungs in CT",
        description="Convolutions without padding, averaged over a patch; an ensemble.",
        data_source="Emphysema patches of the Chest Imaging Platform (COPDGene)",
        data_type="axial CT in HU, pixels of about 0.65 mm",
        figures=figures,
        network_data_format={
            "inputs": {
                "image": tensor
                | {
                    "format": "hounsfield",
                    "value_range": [-1024, 200],
                    "is_patch_data": True,
                    "channel_def": {"0": "CT"},
                }
            },
            "outputs": {
                "pred": {
                    "type": "array",
                    "format": "classification",
                    "num_channels": len(KEYS),
                    "spatial_shape": [1, 1],
                    "dtype": "float32",
                    "value_range": [],
                    "is_patch_data": True,
                    "channel_def": {str(number): item.name for number, item in enumerate(CLASSES)},
                }
            },
        },
    )
    here = Path(__file__).parent
    licence = (here / "licence.txt").read_text(encoding="utf-8")
    bundle_files.write_bundle(bundle, network.state_dict(), network_def, described, licence)
    bundle_files.write_json(bundle / "configs" / "calibration.json", calibration)
    template = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)
    text = template.from_string((here / "card.md.j2").read_text(encoding="utf-8"))
    rbm = {mix: mean_of(figures["rbm"], mix) for mix in ("0", "0.05", "0.3", "1")} if figures["rbm"] else {}
    parameters = sum(value.numel() for value in network.parameters())
    card = text.render(
        figures=figures, calibration=calibration, members=members, classes=CLASSES, rbm=rbm, parameters=parameters
    )
    (bundle / "docs" / "README.md").write_text(card, encoding="utf-8")
    write_manifest(RESOURCES)


def mean_of(found: dict[str, float], mix: str) -> float:
    """Mean over the folds of the machine with one mix."""
    return round(float(np.mean([value for key, value in found.items() if key.split("/")[1] == mix])), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/lung_texture"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    finish(arguments.data, arguments.work)


if __name__ == "__main__":
    main()
