"""Outline, size, readers' opinion and type of nodules in 3D boxes (LIDC-IDRI)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row, dice
from NoduleCADHeadless.evaluate import _patches

if TYPE_CHECKING:
    import numpy as np

FILE = "vois_hu.npz"
COLUMNS = (
    *("id", "malignancy", "p_solid", "p_part_solid", "p_ground_glass", "long_mm", "short_mm", "mean_mm"),
    *("volume_mm3", "volume_sd_mm3", "Dice"),
)


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv, one row a nodule, and masks.npz with ``mask_bits`` in the archive's form.

    The mark is the middle of the box; scores and masks are never read for a prediction.

    Raises:
        BadInput: no archive of boxes in the folder.
        BundleRefused: a shipped model is missing or was changed.
    """
    import numpy as np

    from DeepMedLib.geometry import Grid

    names = ("id", "shape", "spacing", "origin_lps", "offset", "img", "mask_bits")
    stored = _patches.archive(run.folder / FILE, names)
    models = _patches.models(run.device)
    truth = np.unpackbits(stored["mask_bits"], count=len(stored["img"]))
    found = np.zeros(len(stored["img"]), np.uint8)
    ids = [str(name) for name in stored["id"][: run.limit]]
    rows: list[Row] = []
    with run.screen.bar("evaluate", len(ids)) as bar:
        for n, name in enumerate(ids):
            bar.start(name)
            part = slice(int(stored["offset"][n]), int(stored["offset"][n + 1]))
            nx, ny, nz = (int(count) for count in stored["shape"][n])
            shape = (nx, ny, nz)
            hu = stored["img"][part].reshape(shape)
            # x runs to the left and y to the back: as RAS, both are negative.
            directions = np.diag([-1.0, -1.0, 1.0])
            origin = stored["origin_lps"][n].astype(float) * (-1, -1, 1)
            grid = Grid.from_parts(stored["spacing"][n].astype(float), origin, directions, (nz, ny, nx))
            row, mask = predict(hu.transpose(2, 1, 0), grid, models)
            mask = mask.transpose(2, 1, 0)
            found[part] = mask.ravel()
            rows.append({"id": name, **row, "Dice": dice(mask > 0, truth[part].reshape(shape) > 0)})
            bar.done()
    np.savez_compressed(run.out / "masks.npz", mask_bits=np.packbits(found))
    scores = [float(row["Dice"] or 0.0) for row in rows]
    metrics = {"dataset": "lidc_nodule_vois", "model": models.about(), "nodules": len(rows)}
    metrics |= {"mean_dice": float(np.mean(scores)) if scores else None, "note": _patches.SHARED_PATIENTS}
    run.write(COLUMNS, rows, metrics)


def predict(array: np.ndarray, grid: Any, models: Any) -> tuple[dict[str, Any], np.ndarray]:
    """A row and the mask (k, j, i) of the nodule in the middle of a box; empty where nothing is outlined."""
    import numpy as np

    from NoduleCADLib.axial_scan import AxialScan
    from NoduleCADLib.classify.inference import opinions
    from NoduleCADLib.mark import NoduleMark
    from NoduleCADLib.marking import labels_of, measured, outline_of, views_at

    scan = AxialScan.of(array, grid)
    middle = (np.array(scan.hu.shape) - 1) / 2
    made = outline_of(scan, middle, models)
    said = opinions(models.nodules, views_at(scan, middle, float(round(middle[2])))[None])
    row: dict[str, Any] = {"malignancy": float(said["malignancy"][0])}
    row |= _patches.kind_shares(float(said["texture"][0]), models.kinds)
    if made is None:
        return row, np.zeros(array.shape, np.uint8)
    mark = measured(NoduleMark(1, (0.0, 0.0, 0.0), 1.0, "box", ""), made, scan, models)
    told = opinions(
        models.nodules, views_at(scan, made.outlined.center, float(made.outlined.slices[made.shape.largest]))[None]
    )
    row["malignancy"] = float(told["malignancy"][0])
    row |= _patches.kind_shares(float(told["texture"][0]), models.kinds)
    for name in ("long_mm", "short_mm", "mean_mm", "volume_mm3", "volume_sd_mm3"):
        row[name] = getattr(mark, name)
    return row, labels_of(scan, [made], array.shape)
