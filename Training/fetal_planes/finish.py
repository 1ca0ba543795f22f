"""Make the bundle: weights, configuration, calibration, figures by cross-validation, model card, manifest.

python -m Training.fetal_planes.finish --data ../shared/data --work build/fetal_planes
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from DeepMedLib.models.bundles import write_manifest
from FetalBiometryLib.inference.planes_network import CANVAS, CHANNELS, HEART_CANVAS, look_at_planes
from FetalBiometryLib.inference.task import plane_finding
from FetalBiometryLib.planes.recognition import Evidence, PlaneClassifier, guess_plane, reason_against, with_evidence
from Training import bundle_files

from .calibrate import limits_with_scales
from .card import card
from .classifier import describe_all, fit, may_train, with_confidence
from .crossval import (
    Networks,
    Record,
    all_records,
    classifier_samples,
    empty_pictures,
    focus_records,
    second_opinion,
)
from .figures import focus_figures, length_figures, plane_report, rejudged
from .folds import FOLDS
from .heart import STEPS as HEART_STEPS
from .train import NETWORK, PARTS

RESOURCES = Path("FetalBiometry/Resources/FetalBiometryModels")
#: What a doubtful picture says in which the head model measures a head.
MEASURED_HEAD = Evidence(head=True, bone=False, thorax=True)
VERSION = "1.0.0"


def metadata(figures: dict[str, Any], canvas: tuple[int, int] = CANVAS) -> dict[str, Any]:
    """MONAI bundle metadata (schema 20240725)."""
    tensor = {"type": "image", "num_channels": 1, "spatial_shape": list(canvas), "dtype": "float32"}
    return bundle_files.metadata(
        VERSION,
        name="Fetal planes",
        task="Plane of a fetal 2D ultrasound still; abdomen, femur, heart and thorax in it",
        description="Tells head, abdomen, femur, thorax and other apart and marks what is measured in them.",
        data_source="FETAL_PLANES_DB, HC18, FOCUS (CC BY 4.0); published points and masks of unclear licence",
        data_type="2D B-mode ultrasound stills",
        figures=figures,
        network_data_format={
            "inputs": {
                "image": tensor
                | {"format": "magnitude", "value_range": [0, 1], "is_patch_data": False, "channel_def": {"0": "grey"}}
            },
            "outputs": {
                "pred": tensor
                | {
                    "format": "segmentation",
                    "num_channels": len(CHANNELS),
                    "value_range": [],
                    "is_patch_data": False,
                    "channel_def": {str(i): name for i, name in enumerate(CHANNELS)},
                }
            },
        },
    )


def shares(cache_groups: dict[str, int]) -> dict[str, Any]:
    """How often composites and phantoms were shown, and how many pictures there are of each group."""

    def share(weights: dict[str, float], prefix: str) -> float:
        return sum(v for k, v in weights.items() if k.startswith(prefix)) / sum(weights.values())

    total = sum(part.steps for part in PARTS)
    shown = {p: sum(part.steps * share(part.weights, p) for part in PARTS) / total for p in ("sim_", "phantom")}
    return {"composite_share": shown["sim_"], "phantom_share": shown["phantom"], "pictures": cache_groups}


def kept(file: Path, make: Callable[[], Any]) -> Any:
    """What ``make`` gives, kept in ``file`` for the next start."""
    if not file.exists():
        file.write_bytes(pickle.dumps(make()))
    return pickle.loads(file.read_bytes())


def finish(data: Path, work: Path) -> None:
    fetal = data / "fetal"
    networks = Networks.of(work)
    described = kept(work / "described.pkl", lambda: describe_all(networks.planes, list(classifier_samples(fetal))))
    records: list[Record] = kept(work / "records.pkl", lambda: all_records(fetal, networks))
    hulls: list[Record] = kept(
        work / "hulls.pkl", lambda: focus_records(fetal / "focus_four_chamber", "validation", networks)
    )
    by_fold = {fold: fit(described, may_train(described, fold)) for fold in range(FOLDS)}
    shipped = fit(described, may_train(described, None))
    # Sources that never train the classifier are judged by the shipped one.
    mine = [by_fold.get(r.fold, shipped) for r in records]
    real = [(c, r) for c, r in zip(mine, records, strict=True) if r.source in ("fetal_planes", "fetal_planes_heads")]
    shipped = with_confidence(
        [c for c, _ in real], [r.descriptors for _, r in real], [r.plane for _, r in real], shipped
    )
    confidence = {name: getattr(shipped, name) for name in ("temperature", "min_probability", "min_agreement")}
    guesses = [guess_plane(r.descriptors, replace(c, **confidence)) for c, r in zip(mine, records, strict=True)]
    doubtful = {r.image for r, g in zip(records, guesses, strict=True) if not g.certain or g.plane == "other"}
    heads = kept(work / "heads.pkl", lambda: second_opinion(fetal, doubtful, RESOURCES))
    guesses = [
        with_evidence([g], MEASURED_HEAD, shipped) if r.image in doubtful and heads.get(r.image) else g
        for r, g in zip(records, guesses, strict=True)
    ]
    calibration = limits_with_scales(records)
    judged = rejudged(records, calibration)
    figures: dict[str, Any] = {
        "plane": plane_report(records, guesses),
        "lengths": length_figures(judged),
        "focus_testing": focus_figures(judged, "focus_testing"),
        "focus_validation_hull": focus_figures(rejudged(hulls, calibration), "focus_validation"),
        "empty_pictures": sum(r.source == "empty" for r in records),
        "empty_answered": sum(
            r.source == "empty" and answers(networks, p, shipped, calibration)
            for r, p in zip([r for r in records if r.source == "empty"], empty_pictures(36, 5), strict=True)
        ),
        "contradicted": [
            r.image
            for r, g in zip(records, guesses, strict=True)
            if r.plane in ("abdomen", "femur", "thorax") and reason_against(r.plane, g)
        ],
        "training": shares(json.loads((work / "cache.json").read_text())),
        "heart_training": {"steps": HEART_STEPS, "phantom_share": 1 / 30},
        "folds": FOLDS,
        "confidence": confidence,
    }
    write_bundle("planes", work / "more.pt", metadata(figures))
    bundle_files.write_json(RESOURCES / "planes" / "configs" / "calibration.json", calibration)
    bundle_files.write_json(RESOURCES / "planes" / "configs" / "classifier.json", shipped.to_dict(), indent=None)
    (RESOURCES / "planes" / "docs" / "README.md").write_text(card(figures, calibration), encoding="utf-8")
    named = metadata({"focus_testing": figures["focus_testing"]}, HEART_CANVAS)
    named |= {
        "name": "Fetal heart",
        "description": "Looks at the thorax that the planes model found once more, from near.",
    }
    named |= {"task": "Heart, thorax and spine in a fetal four-chamber view", "data_source": "FOCUS (CC BY 4.0)"}
    write_bundle("heart", work / "heart.pt", named)
    (RESOURCES / "heart" / "docs" / "README.md").write_text(card(figures, calibration, "heart.md.j2"), encoding="utf-8")
    write_manifest(RESOURCES)
    print(json.dumps(figures, indent=1))


def write_bundle(name: str, state_file: Path, described: dict[str, Any]) -> None:
    """One of the two bundles, but for calibration and model card."""
    state = torch.load(state_file, weights_only=True)["average"]
    network_def = {"_target_": "monai.networks.nets.UNet", **NETWORK}
    bundle_files.write_bundle(RESOURCES / name, state, network_def, described, LICENSE)


def answers(networks: Networks, picture: Any, classifier: PlaneClassifier, calibration: dict[str, Any]) -> bool:
    """Does the module measure something in a picture, whichever plane is asked for?"""
    looks = look_at_planes(networks.planes, picture)
    guess = guess_plane(looks.descriptors, classifier)
    if guess.certain and guess.plane == "head":
        return True  # the head model would still have to agree
    return any(
        not plane_finding(plane, looks, picture, calibration, networks.heart).abstained
        and not reason_against(plane, guess)
        for plane in ("abdomen", "femur", "thorax")
    )


LICENSE = """The weights in this folder were trained by the DeepMed for 3D Slicer contributors, for research use.

They were trained on HC18 (CC BY 4.0, doi:10.5281/zenodo.1327317), on pictures of FETAL_PLANES_DB (CC BY 4.0,
doi:10.5281/zenodo.3904280) with published points whose licence is not clear (CC BY 4.0 or CC BY-NC-SA 4.0), and on
FOCUS (CC BY 4.0, doi:10.5281/zenodo.14597550) with drawn structures from a GPL-3.0 repository; hence research use only.
The configuration files are under the Apache License 2.0 of this extension.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/fetal_planes"))
    arguments = parser.parse_args()
    finish(arguments.data, arguments.work)


if __name__ == "__main__":
    main()
