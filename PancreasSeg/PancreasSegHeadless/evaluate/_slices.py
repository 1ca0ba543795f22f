"""What the sets of 8-bit slice pictures share: predictions as masks, and Dice of the organ that a set marks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row, dice, share_figures
from deepmed_headless.cli.files.folder import mark
from deepmed_headless.cli.paths import models_folder

if TYPE_CHECKING:
    import numpy as np

COLUMNS = ("case", "patient", "Dice", "pixels", "reference_pixels", "lies_right", "reason")
MASKS = "masks"


@dataclass(frozen=True)
class SliceSet:
    """A set of pictures.

    Attributes:
        name: of the dataset.
        organs: keys of the organs that its masks mark, by their value; the first is the one that is scored. The union
            of several keys counts as one organ.
        patient: of a file's stem.
        lies: how a picture of that stem lies, as the set documents it; None lets the network tell.
        note: on the figures.
    """

    name: str
    organs: Mapping[int, tuple[str, ...]]
    patient: Callable[[str], str]
    lies: Callable[[str], int | None]
    note: str


def before(mark_of_end: str) -> Callable[[str], str]:
    """A stem's part before a sign."""
    return lambda stem: stem.split(mark_of_end, maxsplit=1)[0]


def field(number: int) -> Callable[[str], str]:
    """A stem's n-th part between underscores."""
    return lambda stem: [*stem.split("_"), ""][number]


def evaluate_slices(run: Evaluation, of: SliceSet) -> None:
    """Writes per_case.csv and OUT/masks (0/255, as the picture lies), and metrics.json where there are masks.

    Raises:
        BadInput: no such folder, or no picture in it.
        BundleRefused: the shipped model is missing or was changed.
    """
    from PancreasSegLib.organ_model import load_models

    pictures = _pictures(run)
    models = load_models(models_folder("PancreasSeg"), run.device)
    with tempfile.TemporaryDirectory(prefix=".masks", suffix=mark("unfinished"), dir=run.out) as unfinished:

        def work(path: Path) -> Row:
            import numpy as np

            from DeepMedLib.errors import BadInput
            from PancreasSegLib.organs import BY_KEY
            from PancreasSegLib.windowed import segment_slice, way_of

            picture = _grey(path)
            lies = of.lies(path.stem)
            told = int(way_of(picture, models).argmax())
            made = segment_slice(picture, models, told if lies is None else lies)
            row: Row = {"case": _case(run, path), "patient": of.patient(path.stem), "reason": ""}
            row["lies_right"] = None if lies is None else int(told == lies)
            found = {
                value: np.isin(made.labels, [BY_KEY[key].label for key in keys]) for value, keys in of.organs.items()
            }
            first = next(iter(of.organs))
            _write(found[first], Path(unfinished, f"{row['case']}.png"))
            row["pixels"] = int(found[first].sum())
            reference = path.parent.parent / MASKS / f"{path.stem}.png"
            if reference.is_file():
                truth = _read(reference)
                if truth.shape != picture.shape:
                    raise BadInput("A mask differs in size from its picture.", "Check that masks/ belongs to images/.")
                truth = truth if len(of.organs) > 1 else (truth > 0).astype(np.uint8)
                row["reference_pixels"] = int((truth == first).sum())
                row["Dice"] = _dice(found[first], truth == first)
                row["others"] = {
                    " and ".join(keys): _dice(found[value], truth == value)
                    for value, keys in of.organs.items()
                    if value != first
                }
            return row

        def failed(path: Path, reason: str) -> Row:
            return {"case": _case(run, path), "patient": of.patient(path.stem), "reason": reason}

        rows = run.rows(pictures, work, failed)
        (run.out / MASKS).mkdir(exist_ok=True)
        for mask in Path(unfinished).iterdir():
            mask.replace(run.out / MASKS / mask.name)
    truth_is_there = any("reference_pixels" in row for row in rows)
    run.write(COLUMNS, rows, _metrics(rows, of, models.about()) if truth_is_there else None)


def _metrics(rows: list[Row], of: SliceSet, about: dict[str, str]) -> dict[str, Any]:
    judged = [row for row in rows if row.get("Dice") is not None]
    others: dict[str, list[float]] = {}
    for row in rows:
        for organ, value in row.get("others", {}).items():
            if value is not None:
                others.setdefault(organ, []).append(value)
    told = [row["lies_right"] for row in rows if row.get("lies_right") is not None]
    return {
        "dataset": of.name,
        "model": about,
        "pictures": len(rows),
        "patients": len({row["patient"] for row in rows}),
        "dice": share_figures([row["Dice"] for row in judged]),
        "dice_300_pixels_or_more": share_figures([row["Dice"] for row in judged if row["reference_pixels"] >= 300]),
        "dice_of_others": {organ: share_figures(values) for organ, values in others.items()},
        "lies_right_share": sum(told) / len(told) if told else None,
        "note": of.note,
    }


def _dice(found: np.ndarray, truth: np.ndarray) -> float | None:
    """None where the truth is empty."""
    return dice(found, truth) if truth.any() else None


def _pictures(run: Evaluation) -> list[Path]:
    """The pictures of the folder's images/, or of every images/ below it."""
    if (run.folder / "images").is_dir() or not run.folder.is_dir():
        return run.pictures()
    from DeepMedLib.picture.files import list_pictures

    below = sorted(path for path in run.folder.glob("*/images") if path.is_dir())
    found = [path for folder in below for path in list_pictures(folder)]
    return found[: run.limit] if found else run.pictures()


def _case(run: Evaluation, path: Path) -> str:
    """The stem; with the subfolder's name before it where there are several."""
    folder = path.parent.parent
    return path.stem if folder in (run.folder, run.folder.parent) else f"{folder.name}_{path.stem}"


def _grey(path: Path) -> np.ndarray:
    """(H, W) uint8; colored pictures as grey."""
    import numpy as np
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


def _read(path: Path) -> np.ndarray:
    import numpy as np
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image if image.mode in ("L", "P") else image.convert("L"))


def _write(mask: np.ndarray, path: Path) -> None:
    import numpy as np
    from PIL import Image

    Image.fromarray(mask.astype(np.uint8) * 255).save(path)
