"""Judge the network on what was kept aside, calibrate the intervals, and write the bundle.

`python -m Training.abdomen_organs.finish --data ../shared/data --work build/abdomen_organs`
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from DeepMedLib.models.bundles import write_manifest
from PancreasSegLib.framing import PIXEL_MM, WINDOW_HU
from PancreasSegLib.network_pass import OFFSETS_MM
from PancreasSegLib.organ_model import BUNDLE, OrganModels, load_models
from PancreasSegLib.organs import CHANNELS
from PancreasSegLib.slice_ways import TOP_AND_BOTTOM, UPRIGHT, msd_lies
from Training import bundle_files
from Training.abdomen_organs import data, judge, shapes, train
from Training.abdomen_organs.card import card

RESOURCES = Path(__file__).resolve().parents[2] / "PancreasSeg" / "Resources" / "PancreasSegModels"
VERSION = "1.0.0"
LEAST_SURE = 0.7


def write_bundle(
    work: Path, resources: Path, edges: dict[str, Any], figures: dict[str, Any], shape_records: dict[str, Any]
) -> None:
    """The bundle and its manifest; its card when there are figures."""
    state = torch.load(work / "mixed.pt", weights_only=True)
    definition = {"_target_": "PancreasSegLib.organ_network.OrganNetwork", **train.NETWORK}
    folder = resources / BUNDLE
    bundle_files.write_bundle(folder, state["average"], definition, metadata(figures), LICENSE)
    dice = {organ: of["dice"] for organ, of in figures.get("scans", {}).items()}
    bundle_files.write_json(
        folder / "configs" / "calibration.json", {"edges": edges, "least_sure": LEAST_SURE, "dice": dice}
    )
    bundle_files.write_json(folder / "configs" / "shapes.json", shape_records, indent=None)
    if figures:
        text = card(figures, edges, int(state["step"]))
        (folder / "docs" / "README.md").write_text(text, encoding="utf-8")
    write_manifest(resources)


def measured(folder: Path, work: Path, models: OrganModels) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """All figures on what was kept aside, and the rows of the scans."""
    pictures = data.load(folder, work / "cache.npz")
    abdomen = folder / "abdomen"
    rows: list[dict[str, Any]] = []
    for case in sorted(judge.held_cases(pictures, "btcv")):
        rows += judge.scan_rows(abdomen / "btcv_ct" / case, models)
        print(json.dumps([row for row in rows if row["case"] == case]), flush=True)
    figures: dict[str, Any] = {"scans": scan_figures(rows), "held": {}}
    pancreas, liver = {1: ("pancreas",)}, {1: ("liver",)}
    organs = {1: ("pancreas",), 2: ("left_kidney", "right_kidney"), 3: ("liver",)}
    held = {name: judge.held_cases(pictures, name) for name in ("btcv", "nih", "curvas", "msd")}
    figures["held"] = {name: sorted(cases) for name, cases in held.items()}
    nih = [abdomen / "nih_pancreas_slices", abdomen / "nih_pancreas_slices2" / "full"]
    crops = [abdomen / "nih_pancreas_slices2" / name for name in ("crop0", "crop1")]
    for name, folders in (("nih", nih), ("nih_crops", crops)):
        found = [
            row
            for one in folders
            for row in judge.slice_rows(
                one, models, pancreas, TOP_AND_BOTTOM, judge.kept_stems(one, data.nih_patient, held["nih"])
            )
        ]
        figures[name] = judge.slice_figures(found, "pancreas")
        print(name, figures[name], flush=True)
    found = []
    for annotator in sorted((abdomen / "curvas_slices").glob("annotator*")):
        stems = judge.kept_stems(annotator, lambda stem: stem.split("_")[0], held["curvas"])
        found += judge.slice_rows(annotator, models, organs, UPRIGHT, stems)
    figures["curvas"] = {key: judge.slice_figures(found, key) for key in ("pancreas", "left_kidney", "liver")}
    msd = abdomen / "msd_liver_slices"
    found = []
    for kind in ("flipped", "mirrored"):
        stems = {stem for stem in judge.kept_stems(msd, lambda stem: stem.split("_")[1], held["msd"]) if kind in stem}
        found += judge.slice_rows(msd, models, liver, int(msd_lies(f"{kind}_") or 0), stems)
    figures["msd"] = judge.slice_figures(found, "liver", judge.LEAST_PIXELS)
    figures["chest_ml"] = round(judge.chest_ml(folder / "chest" / "ct" / "LIDC-IDRI-0001.nii.gz", models, 0.5), 2)
    figures["oblique"] = judge.oblique_dice(abdomen / "btcv_ct" / sorted(held["btcv"])[0], models)
    return figures, rows


def scan_figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """By organ: figures of each held-out case and their mean."""
    out = {}
    for organ in CHANNELS:
        mine = [row for row in rows if row["organ"] == organ and row.get("dice") is not None]
        far = [row["hd95_mm"] for row in mine if row["hd95_mm"] is not None]
        out[organ] = {
            "cases": {row["case"]: round(row["dice"], 3) for row in mine},
            "dice": round(float(np.mean([row["dice"] for row in mine])), 3),
            "hd95_mm": round(float(np.mean(far)), 1) if far else None,
            "nsd": round(float(np.mean([row["nsd"] for row in mine])), 3),
            "volume_percent": [round(100 * (row["volume_ml"] / row["reference_ml"] - 1), 1) for row in mine],
        }
    return out


def metadata(figures: dict[str, Any]) -> dict[str, Any]:
    """MONAI bundle metadata."""
    channels = {str(n): organ for n, organ in enumerate(("rest", *CHANNELS))}
    tensor = {"type": "image", "dtype": "float32", "is_patch_data": False, "spatial_shape": ["32*n", "32*n"]}
    slices = train.NETWORK["slices"]
    return bundle_files.metadata(
        VERSION,
        name="CT abdominal organs",
        task="Segmentation of eight abdominal organs in CT",
        description=f"U-Net on {slices} neighboring slices at {PIXEL_MM} mm",
        data_source="BTCV, NIH Pancreas-CT, CURVAS, MSD Task03, 3D-IRCADb-01, DeepLesion, CPTAC",
        data_type=f"axial CT, {WINDOW_HU[0]:g}..{WINDOW_HU[1]:g} HU as 8 bit",
        figures=figures,
        network_data_format={
            "inputs": {
                "image": tensor
                | {
                    "format": "hounsfield",
                    "value_range": [0, 1],
                    "num_channels": slices,
                    "channel_def": {str(n): f"slice at {offset:g} mm" for n, offset in enumerate(OFFSETS_MM)},
                }
            },
            "outputs": {
                "pred": tensor
                | {"format": "segmentation", "num_channels": len(channels), "value_range": [], "channel_def": channels}
            },
        },
    )


LICENSE = """The weights in this folder were trained by the DeepMed for 3D Slicer contributors, for research use.

They were trained on BTCV scans (no licence stated in the copy used), on slices of NIH Pancreas-CT (CC BY 3.0, TCIA), of
CURVAS (CC BY-NC 4.0), of the Medical Segmentation Decathlon, Task03 (CC BY-SA 4.0), of 3D-IRCADb-01 (the copy says
CDLA-Sharing 1.0, the original CC BY-NC-ND 4.0) and of DeepLesion (NIH; free use with citation, no formal licence), and
on a CPTAC scan (CC BY 3.0, TCIA); hence research use only. The configuration files are under the Apache License 2.0 of
this extension.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with abdomen, chest and bodypart")
    parser.add_argument("--work", type=Path, default=Path("build/abdomen_organs"))
    parser.add_argument("--resources", type=Path, default=RESOURCES, help="where the bundles are written")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--measured", action="store_true", help="take the figures of the last start, only write")
    arguments = parser.parse_args()
    btcv = arguments.data / "abdomen" / "btcv_ct"
    cases = sorted(path.parent.name for path in btcv.glob("*/labels.nii.gz"))
    held = data.held_out(cases, data.HELD_OUT_SCANS)
    organs = shapes.complete_organs(btcv, [case for case in cases if case not in held])
    known = {kind: shapes.fitted(mine) for kind, mine in organs.items()}
    records = {kind: of.to_json() for kind, of in known.items()}
    kept = arguments.work / "figures.json"
    if arguments.measured:
        figures, rows = json.loads(kept.read_text())
    else:
        write_bundle(arguments.work, arguments.resources, {}, {}, records)
        models = load_models(arguments.resources, arguments.device)
        figures, rows = measured(arguments.data, arguments.work, models)
        kept.write_text(json.dumps([figures, rows]))
    aside = shapes.complete_organs(btcv, sorted(held))
    figures["wholes"] = {kind: shapes.judged(mine, known[kind]) for kind, mine in aside.items()}
    write_bundle(arguments.work, arguments.resources, judge.edges(rows), figures, records)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
