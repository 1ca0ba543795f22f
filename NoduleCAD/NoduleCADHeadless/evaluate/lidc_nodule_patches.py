"""Readers' opinion and type of nodules from one axial slice (LIDC-IDRI)."""

from __future__ import annotations

from typing import Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row, read_table
from NoduleCADHeadless.evaluate import _patches

FILE, TABLE = "patches_71x71_hu.npz", "patches.csv"
COLUMNS = ("id", "malignancy", "size_only", "p_solid", "p_part_solid", "p_ground_glass")


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv, one row a nodule; of patches.csv only noduleID and PixelSpacing are read.

    ``malignancy`` and ``size_only`` are readers' scores of suspicion, 1 to 5, by network and by the outlined diameter.

    Raises:
        BadInput: no archive, or no table of spacings.
        BundleRefused: a shipped model is missing or was changed.
    """
    import numpy as np

    from DeepMedLib.errors import BadInput
    from NoduleCADLib.classify.inference import opinions, outline
    from NoduleCADLib.classify.nodule_network import SIDE, SPACING_MM
    from NoduleCADLib.classify.views import slice_view
    from NoduleCADLib.measure.shape import measure, own_part

    stored = _patches.archive(run.folder / FILE, ("ids", "img"))
    spacing = {int(row["noduleID"]): float(row["PixelSpacing"]) for row in read_table(run.folder / TABLE)}
    ids = [int(number) for number in stored["ids"][: run.limit]]
    if not set(ids) <= spacing.keys():
        raise BadInput(f"{TABLE} does not give the pixel spacing of every patch.", f"Give {TABLE} beside {FILE}.")
    models = _patches.models(run.device)
    rows: list[Row] = []
    with run.screen.bar("evaluate", len(ids)) as bar:
        for number, picture in zip(ids, stored["img"], strict=False):
            bar.start(str(number))
            mm = spacing[number]
            volume, step, center = picture.T[:, :, None], (mm, mm, 1.0), (35.0, 35.0, 0.0)
            view = slice_view(volume, step, center, 0.0, (0.0,), SIDE, SPACING_MM)
            said: dict[str, Any] = {name: float(value[0]) for name, value in opinions(models.nodules, view).items()}
            outlined = outline(models.nodules, volume, step, center)
            part = own_part(outlined.probability)
            size = measure(outlined.probability, part, SPACING_MM, 1.0).mean_mm if part.any() else 2.0
            row: Row = {"id": number, "malignancy": said["malignancy"], "size_only": models.opinion_of_size(size)}
            rows.append(row | _patches.kind_shares(said["texture"], models.kinds))
            bar.done()
    note = {"dataset": "lidc_nodule_patches", "model": models.about(), "nodules": len(rows)}
    found = np.array([row["malignancy"] for row in rows])
    note |= {"mean_malignancy": float(found.mean()) if len(found) else None, "note": _patches.SHARED_PATIENTS}
    run.write(COLUMNS, rows, note)
