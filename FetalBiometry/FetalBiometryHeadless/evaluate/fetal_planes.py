"""FETAL_PLANES_DB pictures: the plane against its label, measured end points against the published ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row, read_table

if TYPE_CHECKING:
    from FetalBiometryLib.planes.ellipse import Ellipse

PLANES = ("head", "abdomen", "femur", "thorax", "other")
_ENDS = tuple(f"{name}_{end}_{axis}" for name in ("ofd", "bpd", "tad", "apad", "fl") for end in (1, 2) for axis in "xy")
COLUMNS = (
    "image",
    "plane",
    *(f"p_{plane}" for plane in PLANES),
    "certain",
    *_ENDS,
    "cx",
    "cy",
    "a_px",
    "b_px",
    "angle_deg",
    "length_px",
    "relative_sd",
    "truth_plane",
    "truth_length_px",
    "error_percent",
    "abstained",
    "reason",
)
_LABEL = {"Fetal brain": "head", "Fetal abdomen": "abdomen", "Fetal femur": "femur", "Fetal thorax": "thorax"}
#: Main length of a plane, the table of its published end points, the names of the axes in it.
_LENGTHS = {
    "head": ("HC", "landmarks_head.csv", ("ofd", "bpd")),
    "abdomen": ("AC", "landmarks_abdomen.csv", ("tad", "apad")),
    "femur": ("FL", "landmarks_femur.csv", ("fl",)),
}


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv, and metrics.json where planes.csv is there.

    `plane` is the most probable one, also where the module is not certain; it measures certain ones only. End points
    are in pixels of the file: OFD, BPD of heads, TAD, APAD of abdomens, FL of femurs; the ellipse is that of HC or AC
    (semi-axes). length_px is HC, AC or FL.

    Raises:
        BadInput: no such folder, or no picture in it.
        BundleRefused: a shipped model is missing or was changed.
    """
    pictures = run.pictures()
    about: dict[str, str] = {}

    def work(path: Path) -> Row:
        from FetalBiometryHeadless.evaluate._plane_model import grey_picture, look_at_picture

        values, model = look_at_picture(grey_picture(path), "auto", run.device)
        about[values["plane"]] = f"{model['model']} {model['version']} {model['sha256'][:12]}"
        return row_of(path.name, values)

    rows = run.rows(pictures, work, lambda path, reason: {"image": path.name, "abstained": 1, "reason": reason})
    labels = {
        r.get("Image_name", ""): _LABEL.get(r.get("Plane", ""), "other") for r in read_table(run.folder / "planes.csv")
    }
    for path, row in zip(pictures, rows, strict=True):
        if path.stem in labels:
            row["truth_plane"] = labels[path.stem]
    score_lengths(run.folder, rows)
    run.write(COLUMNS, rows, _metrics(rows, about) if labels else None)


def row_of(name: str, values: dict[str, Any]) -> Row:
    """The contract's row of what the task said; an abstained one gives no measured points."""
    guess = values["guess"]
    row: Row = {"image": name, "plane": guess["plane"], "certain": int(guess["certain"])}
    row |= {f"p_{plane}": float(guess["probabilities"][plane]) for plane in PLANES}
    row |= {"abstained": int(values["abstained"]), "reason": values["reason"]}
    finding = values["finding"]
    if values["abstained"] or finding is None:
        return row
    return row | measured(values["plane"], finding)


def measured(plane: str, finding: dict[str, Any]) -> Row:
    """End points, ellipse, main length (px) and its relative standard uncertainty of a finding's JSON form."""
    from FetalBiometryLib.planes.abdomen import length_of
    from FetalBiometryLib.planes.ellipse import Ellipse

    lines: dict[str, Any] = {}
    ellipse: Ellipse | None = None
    if plane == "head":
        ellipse = Ellipse(**finding["ellipses"]["HC"])
        long, short = ellipse.axis_ends()
        lines = {"ofd": long, "bpd": short}
    elif plane in ("abdomen", "femur"):
        lines = {key.lower(): ends for key, ends in finding["lines"].items()}
        ellipse = Ellipse(**finding["ellipses"]["AC"]) if plane == "abdomen" else None
    row: Row = {}
    for key, ends in lines.items():
        for end, point in enumerate(ends, 1):
            row |= {f"{key}_{end}_x": float(point[0]), f"{key}_{end}_y": float(point[1])}
    if ellipse is not None:
        row |= {"cx": ellipse.cx, "cy": ellipse.cy, "a_px": ellipse.a, "b_px": ellipse.b, "angle_deg": ellipse.angle}
        row["length_px"] = ellipse.perimeter
    elif "fl" in lines:
        row["length_px"] = length_of(lines["fl"])
    if plane in _LENGTHS:
        row["relative_sd"] = float(finding["relative_sd"][_LENGTHS[plane][0]])
    return row


def score_lengths(folder: Path, rows: list[Row]) -> None:
    """Adds the published HC, AC or FL (px) and the error of what was measured; called after all predictions."""
    from FetalBiometryLib.planes.lines import ellipse_of_axes

    for plane, (_, table, names) in _LENGTHS.items():
        published = {Path(r.get("image_name", "")).stem: r for r in read_table(folder / table)}
        for row in rows:
            record = published.get(Path(str(row["image"])).stem)
            if record is None:
                continue
            axes = [_ends(record, name) for name in names]
            if plane == "femur":
                truth = float(((axes[0][0] - axes[0][1]) ** 2).sum() ** 0.5)
            else:
                truth = ellipse_of_axes(*axes).perimeter
            row["truth_length_px"] = truth
            if row.get("plane") == plane and "length_px" in row:
                row["error_percent"] = 100 * (row["length_px"] / truth - 1)


def _ends(record: dict[str, str], name: str) -> Any:
    import numpy as np

    return np.array([[float(record[f"{name}_{end}_{axis}"]) for axis in "xy"] for end in (1, 2)])


def _metrics(rows: list[Row], about: dict[str, str]) -> dict[str, Any]:
    told = [row for row in rows if row.get("truth_plane") and row.get("plane")]
    return {
        "dataset": "fetal_planes",
        "models": about,
        "pictures": len(rows),
        "note": "The pictures of this set trained the shipped model: see its model card for the figures by "
        "cross-validation over patients.",
        "plane": plane_figures(told),
        "plane_certain": plane_figures([row for row in told if row["certain"]]),
        "certain_share": sum(row["certain"] for row in told) / max(1, len(told)),
        "lengths": {name: _length_figures(rows, plane) for plane, (name, _, _) in _LENGTHS.items()},
    }


def plane_figures(rows: list[Row]) -> dict[str, Any] | None:
    """Balanced accuracy (mean recall of the planes present), recalls and the confusion table."""
    if not rows:
        return None
    table = {t: dict.fromkeys(PLANES, 0) for t in PLANES}
    for row in rows:
        table[row["truth_plane"]][row["plane"]] += 1
    recalls = {t: table[t][t] / n for t in PLANES if (n := sum(table[t].values()))}
    return {
        "n": len(rows),
        "balanced_accuracy": sum(recalls.values()) / len(recalls),
        "recall": recalls,
        "truth_to_found": table,
    }


def _length_figures(rows: list[Row], plane: str) -> dict[str, Any] | None:
    import numpy as np

    known = [r for r in rows if r.get("truth_plane") == plane and "truth_length_px" in r]
    errors = {str(r["image"]): float(r["error_percent"]) for r in known if "error_percent" in r}
    if not known:
        return None
    sizes = np.abs(list(errors.values()))
    return {
        "with_truth": len(known),
        "measured": len(errors),
        "median_abs_percent": float(np.median(sizes)) if errors else None,
        "max_abs_percent": float(sizes.max()) if errors else None,
        "error_percent": errors,
    }
