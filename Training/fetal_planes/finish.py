"""Make the bundle: weights, configuration, calibration, figures by cross-validation, model card, manifest.

    python -m Training.fetal_planes.finish --data ../shared/data --work build/fetal_planes

Where the networks were not trained in ``--work``, those shipped are judged anew: weights and classifier stay, and
calibration, figures, cards and manifest are renewed. What was computed is kept in ``--work`` for the next start.
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
from FetalBiometryLib.inference.planes_network import CANVAS, CHANNELS, HEART_CANVAS
from FetalBiometryLib.planes.recognition import PlaneClassifier
from Training import bundle_files

from .calibrate import left_out_coverage, limits_with_scales, ratios_of
from .card import card
from .classifier import describe_all, fit, may_train, with_confidence
from .crossval import RESOURCES, Networks, Record, all_records, classifier_samples, focus_records
from .figures import focus_figures, length_figures, plane_report, rejudged
from .folds import FOLDS
from .heart import STEPS as HEART_STEPS
from .train import NETWORK, PARTS
from .whole_module import guesses_of, say_all

#: Numbers of the classifier that decide when it is certain.
CONFIDENCE = ("temperature", "min_probability", "min_agreement")
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


def classifiers(
    fetal: Path, work: Path, networks: Networks, records: list[Record]
) -> tuple[dict[int, PlaneClassifier], PlaneClassifier]:
    """The classifiers that each left a fold of patients out, and the shipped one: fitted where the network was trained
    here, else as it is in the bundle."""
    described = kept(work / "described.pkl", lambda: describe_all(networks.planes, list(classifier_samples(fetal))))
    by_fold = {fold: fit(described, may_train(described, fold)) for fold in range(FOLDS)}
    if is_trained(work):
        shipped = fit(described, may_train(described, None))
        real = [r for r in records if r.source in ("fetal_planes", "fetal_planes_heads")]
        shipped = with_confidence(
            [by_fold[r.fold] for r in real], [r.descriptors for r in real], [r.plane for r in real], shipped
        )
    else:
        stored = (RESOURCES / "planes" / "configs" / "classifier.json").read_text(encoding="utf-8")
        shipped = PlaneClassifier.from_dict(json.loads(stored))
    confidence = {name: getattr(shipped, name) for name in CONFIDENCE}
    return {fold: replace(one, **confidence) for fold, one in by_fold.items()}, shipped


def is_trained(work: Path) -> bool:
    """Whether the networks were trained in ``work``; else those shipped are judged, and only figures are renewed."""
    return (work / "more.pt").exists()


def training_figures(work: Path) -> dict[str, Any]:
    """What was shown in training; from the bundle where the networks were not trained here."""
    if is_trained(work):
        return {
            "training": shares(json.loads((work / "cache.json").read_text())),
            "heart_training": {"steps": HEART_STEPS, "phantom_share": 1 / 30},
        }
    stored = json.loads((RESOURCES / "planes" / "configs" / "metadata.json").read_text(encoding="utf-8"))
    return {name: stored["eval_metrics"][name] for name in ("training", "heart_training")}


def finish(data: Path, work: Path) -> None:
    fetal = data / "fetal"
    networks = Networks.of(work)
    records: list[Record] = kept(work / "records.pkl", lambda: all_records(fetal, networks))
    hulls: list[Record] = kept(
        work / "hulls.pkl", lambda: focus_records(fetal / "focus_four_chamber", "validation", networks)
    )
    by_fold, shipped = classifiers(fetal, work, networks, records)
    ratios = ratios_of(records)
    calibration = limits_with_scales(records)
    write_bundle("planes", work / "more.pt", None)
    write_bundle("heart", work / "heart.pt", None)
    bundle_files.write_json(RESOURCES / "planes" / "configs" / "calibration.json", calibration)
    if is_trained(work):
        bundle_files.write_json(RESOURCES / "planes" / "configs" / "classifier.json", shipped.to_dict(), indent=None)
    write_manifest(RESOURCES)  # the module reads no bundle that differs from it
    said = kept(work / "said.pkl", lambda: say_all(fetal, RESOURCES, by_fold, shipped))
    judged = rejudged(records, calibration)
    empty = [one for one, record in zip(said, records, strict=True) if record.source == "empty"]
    figures: dict[str, Any] = {
        "plane": plane_report(records, guesses_of(said)),
        "lengths": length_figures(judged),
        "left_out": {
            name: {"cases": len(ratios[plane]), "covered": left_out_coverage(ratios[plane])}
            for name, plane in (("AC", "abdomen"), ("FL", "femur"))
        },
        "focus_testing": focus_figures(judged, "focus_testing"),
        "focus_validation_hull": focus_figures(rejudged(hulls, calibration), "focus_validation"),
        "empty_pictures": len(empty),
        "empty_answered": sum(one["measured"] or not all(one["given"].values()) for one in empty),
        "contradicted": [
            one["image"] for one in said if any("seems to show" in reason for reason in one["given"].values())
        ],
        **training_figures(work),
        "folds": FOLDS,
        "confidence": {name: getattr(shipped, name) for name in CONFIDENCE},
    }
    write_bundle("planes", work / "more.pt", metadata(figures))
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


def write_bundle(name: str, state_file: Path, described: dict[str, Any] | None) -> None:
    """One of the two bundles, but for calibration and model card; weights only where they were trained here."""
    state = torch.load(state_file, weights_only=True)["average"] if state_file.exists() else None
    network_def = {"_target_": "monai.networks.nets.UNet", **NETWORK}
    if described is None:
        described = json.loads((RESOURCES / name / "configs" / "metadata.json").read_text(encoding="utf-8"))
    bundle_files.write_bundle(RESOURCES / name, state, network_def, described, LICENSE)


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
