"""FOCUS four-chamber views: heart and thorax ellipses against the published heart masks and drawn structures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row, dice, share_figures

if TYPE_CHECKING:
    import numpy as np

    from FetalBiometryLib.planes.ellipse import Ellipse

#: Most originals were 959 x 661; the pictures of this set are squeezed into squares, which are stretched back first.
ORIGINAL = (661, 959)
_FORM = ("cx", "cy", "d1", "d2", "angle")
COLUMNS = (
    "image",
    *_FORM,
    *(f"thorax_{name}" for name in _FORM),
    "dice_heart",
    "dice_thorax",
    "area_ratio",
    "area_ratio_truth",
    "area_ratio_error_percent",
    "circumference_ratio",
    "cardiac_axis_deg",
    "abstained",
    "reason",
)
HEARTS, DRAWN = "cardiac_masks", "cvat_chamber_annotations.json"


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv, and metrics.json where heart masks or drawn structures are there.

    Ellipses are in pixels of the file: centre, full axes d1 <= d2, angle of d1 from +x towards +y, as in the set's own
    table. An abstained row keeps its ellipses; figures are over answered rows, and once more over all with an ellipse.

    Raises:
        BadInput: no such folder, or no picture in it.
        BundleRefused: a shipped model is missing or was changed.
    """
    pictures = run.pictures()
    about: dict[str, str] = {}
    found: dict[Path, dict[str, Ellipse]] = {}

    def work(path: Path) -> Row:
        from FetalBiometryHeadless.evaluate._plane_model import grey_picture, look_at_picture
        from FetalBiometryLib.planes.findings import Finding

        picture = grey_picture(path)
        upright = unsqueezed(picture)
        values, model = look_at_picture(upright, "thorax", run.device)
        about.update(model)
        finding = Finding.from_dict(values["finding"])
        found[path] = {name: to_file(e, upright.shape, picture.shape) for name, e in finding.ellipses.items()}
        return row_of(path.name, finding, found[path])

    rows = run.rows(pictures, work, lambda path, reason: {"image": path.name, "abstained": 1, "reason": reason})
    with_truth = 0
    drawn = drawn_structures(run.folder / DRAWN)
    for path, row in zip(pictures, rows, strict=True):
        truth = truth_of(run.folder, path, drawn)
        with_truth += bool(truth)
        _score(row, found.get(path, {}), truth)
    run.write(COLUMNS, rows, _metrics(rows, about) if with_truth else None)


def unsqueezed(picture: np.ndarray) -> np.ndarray:
    """A square picture (n, n) stretched back to `ORIGINAL`; any other as it is."""
    import numpy as np
    from PIL import Image

    if picture.shape[0] != picture.shape[1]:
        return picture
    height, width = ORIGINAL
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))


def to_file(ellipse: Ellipse, seen: tuple[int, ...], file: tuple[int, ...]) -> Ellipse:
    """An ellipse on the picture as seen, in the file's pixels."""
    from dataclasses import replace

    sy, sx = file[0] / seen[0], file[1] / seen[1]
    edges = replace(ellipse, cx=ellipse.cx + 0.5, cy=ellipse.cy + 0.5).scaled(sx, sy)
    return replace(edges, cx=edges.cx - 0.5, cy=edges.cy - 0.5)


def row_of(name: str, finding: Any, ellipses: dict[str, Ellipse]) -> Row:
    """The contract's row; circumference ratio and axis belong to the picture stretched back."""
    from FetalBiometryLib.planes.numbers import axis_angle

    row: Row = {"image": name, "abstained": int(finding.abstained), "reason": finding.reason}
    for prefix, key in (("", "Heart"), ("thorax_", "Thorax")):
        if key in ellipses:
            e = ellipses[key]
            values = (e.cx, e.cy, 2 * e.b, 2 * e.a, (e.angle + 90) % 180)
            row |= {f"{prefix}{column}": value for column, value in zip(_FORM, values, strict=True)}
    if len(ellipses) == 2:
        row["area_ratio"] = ellipses["Heart"].area / ellipses["Thorax"].area
        if not finding.abstained:
            row["circumference_ratio"] = finding.ellipses["Heart"].perimeter / finding.ellipses["Thorax"].perimeter
            if "Midline" in finding.lines:
                row["cardiac_axis_deg"] = axis_angle(finding.lines["CardiacAxis"], finding.lines["Midline"])
    return row


def drawn_structures(path: Path) -> dict[str, Any]:
    """Entry (e.g. "validation_010") -> {"width", "height", "annotations"}; empty without the file."""
    try:
        groups = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {f"{group}_{Path(name).stem}": entry for group, entries in groups.items() for name, entry in entries.items()}


def truth_of(folder: Path, path: Path, drawn: dict[str, Any]) -> dict[str, np.ndarray]:
    """Masks (H, W) bool of "Heart" and "Thorax" where they are known. Called after all predictions are made.

    The thorax is the convex hull of ribs, lungs and spine: our own definition.
    """
    import numpy as np
    from PIL import Image, ImageDraw
    from scipy.spatial import ConvexHull

    masks: dict[str, np.ndarray] = {}
    heart = folder / HEARTS / f"{path.stem}.png"
    if heart.is_file():
        with Image.open(heart) as image:
            masks["Heart"] = np.asarray(image.convert("L")) > 0
    entry = drawn.get(path.stem, {"annotations": []})
    parts = [
        a["points"] for a in entry["annotations"] if a.get("points") and a["label"][:2] in ("RB", "SP", "LL", "RL")
    ]
    if len(parts) >= 4:
        with Image.open(path) as image:
            width, height = image.size
        points = np.concatenate([np.array(p) for p in parts]) * [width / entry["width"], height / entry["height"]]
        canvas = Image.new("1", (width, height))
        ImageDraw.Draw(canvas).polygon([tuple(p) for p in points[ConvexHull(points).vertices]], fill=1)
        masks["Thorax"] = np.asarray(canvas)
    return masks


def _score(row: Row, ellipses: dict[str, Ellipse], truth: dict[str, np.ndarray]) -> None:
    for key, mask in truth.items():
        if key in ellipses:
            row[f"dice_{key.lower()}"] = dice(ellipses[key].mask(*mask.shape) > 0, mask)
    if len(truth) == 2:
        row["area_ratio_truth"] = float(truth["Heart"].sum() / truth["Thorax"].sum())
        if "area_ratio" in row:
            row["area_ratio_error_percent"] = 100 * (row["area_ratio"] / row["area_ratio_truth"] - 1)


def _metrics(rows: list[Row], about: dict[str, str]) -> dict[str, Any]:
    answered = [row for row in rows if not row["abstained"]]

    def figures(kept: list[Row]) -> dict[str, Any]:
        return {
            name: share_figures([row[name] for row in kept if row.get(name) is not None])
            for name in ("dice_heart", "dice_thorax")
        }

    groups = sorted({str(row["image"]).split("_")[0] for row in rows})
    errors = {str(row["image"]): row["area_ratio_error_percent"] for row in rows if "area_ratio_error_percent" in row}
    return {
        "dataset": "focus_four_chamber",
        "model": about,
        "pictures": len(rows),
        "answered": len(answered),
        "abstained_share": 1 - len(answered) / len(rows),
        "note": "The validation pictures trained the model, the testing pictures did not. Thorax: hull of ribs, lungs "
        "and spine, our own definition.",
        **figures(answered),
        "with_abstained": figures(rows),
        "by_part": {g: figures([r for r in answered if str(r["image"]).startswith(g)]) for g in groups},
        "area_ratio_error_percent": errors,
    }
