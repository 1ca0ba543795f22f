"""Brain, cavum septi pellucidi (CSP) and lateral ventricle (LV) on FETAL_PLANES_DB heads."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row, dice, share_figures
from deepmed_headless.cli.files.folder import mark

if TYPE_CHECKING:
    import numpy as np

BRAIN, CSP, LV = 1, 2, 3
COLUMNS = ("image", "dice_head", "dice_csp", "dice_lv", "reason")
MASKS = "masks"


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv and OUT/masks; metrics.json where masks are there to compare with.

    A mask is the raw prediction and is written for every picture, all background where the picture could not be used.
    Dice stays empty where the truth lacks the structure, and where the module abstained.

    Raises:
        BadInput: no such folder, or no picture in it.
        BundleRefused: the shipped model is missing or was changed.
    """
    pictures = run.pictures()
    about: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix=".masks", suffix=mark("unfinished"), dir=run.out) as unfinished:

        def work(path: Path) -> Row:
            from FetalBiometryHeadless.evaluate._head_model import head_maps

            finding, maps, model = head_maps(path, run.device)
            about.update(model)
            write_mask(index_mask(maps), Path(unfinished, f"{path.stem}.png"))
            return {"image": path.name, "reason": finding.reason, "abstained": finding.abstained}

        def failed(path: Path, reason: str) -> Row:
            _write_empty(path, Path(unfinished, f"{path.stem}.png"))
            return {"image": path.name, "reason": reason, "abstained": True}

        rows = run.rows(pictures, work, failed)
        with_truth = 0
        for path, row in zip(pictures, rows, strict=True):
            truth = run.folder / MASKS / f"{path.stem}.png"
            if truth.is_file():
                with_truth += 1
                if not row["abstained"]:
                    row.update(dice_of(_read(Path(unfinished, f"{path.stem}.png")), _read(truth)))
        (run.out / MASKS).mkdir(exist_ok=True)
        for mask in Path(unfinished).iterdir():
            mask.replace(run.out / MASKS / mask.name)
    run.write(COLUMNS, rows, _metrics(rows, about, with_truth) if with_truth else None)


def index_mask(maps: np.ndarray) -> np.ndarray:
    """(H, W) uint8 with 0 background, 1 brain, 2 CSP, 3 LV, from probabilities (4, H, W) of head, brain, CSP, LV."""
    import numpy as np

    mask = np.where(maps[1] > 0.5, BRAIN, 0).astype(np.uint8)
    # Where both are likely the likelier one is drawn.
    mask[(maps[3] > 0.5) & (maps[3] >= maps[2])] = LV
    mask[(maps[2] > 0.5) & (maps[2] > maps[3])] = CSP
    return mask


def dice_of(found: np.ndarray, truth: np.ndarray) -> dict[str, float | None]:
    """Dice of the head (brain with CSP and LV), of CSP and of LV; None where the truth lacks the label."""
    if found.shape != truth.shape:
        from DeepMedLib.errors import BadInput

        raise BadInput("A mask differs in size from its picture.", "Check that masks/ belongs to images/.")
    return {
        "dice_head": dice(found > 0, truth > 0) if (truth == BRAIN).any() else None,
        "dice_csp": dice(found == CSP, truth == CSP) if (truth == CSP).any() else None,
        "dice_lv": dice(found == LV, truth == LV) if (truth == LV).any() else None,
    }


def _metrics(rows: list[Row], about: dict[str, str], with_truth: int) -> dict[str, Any]:
    answered = [row for row in rows if not row["abstained"]]
    return {
        "dataset": "head_structures",
        "model": about,
        "pictures": len(rows),
        "answered": len(answered),
        "abstained_share": 1 - len(answered) / len(rows),
        "with_truth": with_truth,
        "note": "Dice where the truth holds the structure. The model card says which patients trained the model.",
        **{
            name: share_figures([row[name] for row in answered if row.get(name) is not None])
            for name in ("dice_head", "dice_csp", "dice_lv")
        },
    }


def write_mask(mask: np.ndarray, path: Path) -> None:
    """An 8-bit grey PNG that holds the indices themselves."""
    from PIL import Image

    Image.fromarray(mask).save(path)


def _read(path: Path) -> np.ndarray:
    import numpy as np
    from PIL import Image

    with Image.open(path) as image:
        # A palette image gives its indices this way, as a grey one gives its values.
        return np.asarray(image if image.mode in ("L", "P") else image.convert("L"))


def _write_empty(picture: Path, mask: Path) -> None:
    """All background, in the picture's size where that can be read; without a size there can be no mask."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(picture) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError):
        return
    write_mask(np.zeros((height, width), np.uint8), mask)
