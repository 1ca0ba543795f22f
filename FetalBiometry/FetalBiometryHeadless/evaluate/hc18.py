"""HC18 (van den Heuvel 2018): head ellipses and circumferences against the published outlines and lengths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import (
    Evaluation,
    Row,
    dice,
    error_figures,
    positive,
    read_table,
    share_figures,
)

if TYPE_CHECKING:
    from FetalBiometryLib.planes.ellipse import Ellipse
    from FetalBiometryLib.planes.findings import Finding

COLUMNS = (
    "image",
    "BPD_mm",
    "OFD_mm",
    "HC_mm",
    "HC_sd_mm",
    "cx",
    "cy",
    "a_px",
    "b_px",
    "angle_deg",
    "abstained",
    "reason",
)
LENGTHS = ("HC", "BPD", "OFD")
NO_SCALE = "No pixel size is given for this picture."

SCALES, POINTS, OUTLINES = "pixel_size_and_hc.csv", "bpd_ofd_landmarks.csv", "outlines"


@dataclass(frozen=True)
class Truth:
    """What is known of one picture; mm and pixels of the file."""

    lengths: dict[str, float]
    outline: Ellipse | None
    split: str


@dataclass(frozen=True)
class Scored:
    """One answered picture beside its truth."""

    errors: dict[str, float]
    sds: dict[str, float]
    dice: float | None
    truth: Truth


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv, and metrics.json where lengths or outlines are there.

    Raises:
        BadInput: no such folder, or no picture in it.
        BundleRefused: the shipped model is missing or was changed.
    """
    pictures = run.pictures(("images", "image"), lambda path: not path.stem.endswith("_Annotation"))
    sizes = pixel_sizes(run.folder)
    findings: dict[Path, Finding] = {}
    about: dict[str, str] = {}

    def work(path: Path) -> Row:
        from FetalBiometryHeadless.evaluate._head_model import find_head

        finding, model = find_head(path, run.device)
        about.update(model)
        findings[path] = finding
        return row_of(path.name, finding, sizes.get(path.stem))

    rows = run.rows(pictures, work, lambda path, reason: {"image": path.name, "abstained": 1, "reason": reason})
    run.write(COLUMNS, rows, _metrics(run.folder, pictures, findings, sizes, about))


def pixel_sizes(folder: Path) -> dict[str, float]:
    """File stem -> mm per pixel; of this file a prediction reads nothing else."""
    found = {}
    for record in read_table(folder / SCALES):
        name = record.get("image") or record.get("filename") or ""
        size = positive(_column(record, "pixel"))
        if name and size is not None:
            found[Path(name).stem] = size
    return found


def _column(record: dict[str, str], word: str) -> str | None:
    """The value of the first column whose header holds the word; the published tables differ in their headers."""
    return next((value for name, value in record.items() if word in name.lower()), None)


def row_of(name: str, finding: Finding, pixel_mm: float | None) -> Row:
    """The contract's row of one finding; an abstained one keeps its raw ellipse and gives no lengths."""
    row: Row = {"image": name, "abstained": int(finding.abstained), "reason": finding.reason}
    ellipse = finding.ellipses.get("HC")
    if ellipse is None:
        return row
    row |= {"cx": ellipse.cx, "cy": ellipse.cy, "a_px": ellipse.a, "b_px": ellipse.b, "angle_deg": ellipse.angle}
    if finding.abstained:
        return row
    if pixel_mm is None:
        return row | {"reason": NO_SCALE}
    lengths = lengths_mm(ellipse, pixel_mm)
    row |= {f"{key}_mm": value for key, value in lengths.items()}
    return row | {"HC_sd_mm": finding.relative_sd["HC"] * lengths["HC"]}


def lengths_mm(ellipse: Ellipse, pixel_mm: float) -> dict[str, float]:
    """HC, BPD (outer-outer) and OFD."""
    mm = ellipse.scaled(pixel_mm)
    return {"HC": mm.perimeter, "BPD": 2 * mm.b, "OFD": 2 * mm.a}


def _metrics(
    folder: Path,
    pictures: list[Path],
    findings: dict[Path, Finding],
    sizes: dict[str, float],
    about: dict[str, str],
) -> dict[str, Any] | None:
    truths = read_truth(folder, pictures, sizes)
    if not truths:
        return None
    scored = []
    for path, truth in truths.items():
        finding = findings.get(path)
        if finding is not None and not finding.abstained:
            scored.append(_score(path, finding, finding.ellipses["HC"], truth, sizes.get(path.stem)))
    answered = [f for f in findings.values() if not f.abstained]
    metrics: dict[str, Any] = {
        "dataset": "hc18",
        "model": about,
        "pictures": len(pictures),
        "answered": len(answered),
        "abstained": len(findings) - len(answered),
        "failed": len(pictures) - len(findings),
        "abstained_share": 1 - len(answered) / len(pictures),
        "note": "Figures are over answered pictures. Rows of the published Train split may have trained the model.",
        **_figures(scored),
        "by_trimester": _groups(scored, _trimester),
        "by_published_split": _groups(scored, lambda truth: truth.split),
    }
    return metrics


def _figures(scored: list[Scored]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name in LENGTHS:
        known = [s for s in scored if name in s.errors]
        figures[name] = error_figures([s.errors[name] for s in known], [s.sds[name] for s in known])
    figures["dice"] = share_figures([s.dice for s in scored if s.dice is not None])
    return figures


def _trimester(truth: Truth) -> str:
    from FetalBiometryLib.growth.dating import TRIMESTERS_BY_HC

    hc = truth.lengths.get("HC", -1.0)
    return next((name for name, low, high in TRIMESTERS_BY_HC if low <= hc < high), "")


def _groups(scored: list[Scored], group_of: Callable[[Truth], str]) -> dict[str, Any]:
    """Figures of each group, in the order of its name; pictures of no group ("") are left out."""
    groups: dict[str, list[Scored]] = {}
    for item in scored:
        groups.setdefault(group_of(item.truth), []).append(item)
    return {name: {"n": len(groups[name]), **_figures(groups[name])} for name in sorted(groups) if name}


def _score(path: Path, finding: Finding, ellipse: Ellipse, truth: Truth, pixel_mm: float | None) -> Scored:
    from PIL import Image

    errors, sds = {}, {}
    if pixel_mm is not None:
        for name, value in lengths_mm(ellipse, pixel_mm).items():
            if name in truth.lengths:
                errors[name] = value - truth.lengths[name]
                sds[name] = finding.relative_sd[name] * value
    overlap = None
    if truth.outline is not None:
        with Image.open(path) as image:
            width, height = image.size
        overlap = dice(ellipse.mask(height, width) > 0, truth.outline.mask(height, width) > 0)
    return Scored(errors, sds, overlap, truth)


def read_truth(folder: Path, pictures: list[Path], sizes: dict[str, float]) -> dict[Path, Truth]:
    """Truth of the pictures that have any. Called after all predictions are made."""
    circumference = {}
    for record in read_table(folder / SCALES):
        value = positive(_column(record, "circumference"))
        if value is not None:
            circumference[Path(record.get("image") or record.get("filename") or "").stem] = value
    points = {Path(record.get("image_name", "")).stem: record for record in read_table(folder / POINTS)}
    truths = {}
    for path in pictures:
        lengths = {"HC": circumference[path.stem]} if path.stem in circumference else {}
        record = points.get(path.stem, {})
        if path.stem in sizes:
            for name in ("BPD", "OFD"):
                distance = _distance_px(record, name.lower())
                if distance is not None:
                    lengths[name] = distance * sizes[path.stem]
        outline = _outline(folder, path.stem)
        if lengths or outline is not None:
            truths[path] = Truth(lengths, outline, record.get("Split", ""))
    return truths


def _distance_px(record: dict[str, str], name: str) -> float | None:
    try:
        x1, y1, x2, y2 = (float(record[f"{name}_{end}_{axis}"]) for end in (1, 2) for axis in ("x", "y"))
    except (KeyError, ValueError):
        return None
    return float(((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5)


def _outline(folder: Path, stem: str) -> Ellipse | None:
    """Ellipse through the one-pixel line drawn by the observer."""
    import numpy as np
    from PIL import Image

    from FetalBiometryLib.planes.ellipse import fit_ellipse

    annotation = f"{stem}_Annotation.png"  # the name in the challenge's own archive
    for path in (folder / OUTLINES / f"{stem}.png", folder / "images" / annotation, folder / annotation):
        if path.is_file():
            with Image.open(path) as image:
                rows, columns = np.nonzero(np.asarray(image.convert("L")) > 127)
            try:
                return fit_ellipse(np.column_stack((columns, rows)))
            except ValueError:
                return None
    return None
