"""Registrations of case folders: ct.nii.gz or model.stl, xray.png, geometry.json, init.json; further views numbered."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row

if TYPE_CHECKING:
    import numpy as np

ENTRIES = tuple(f"m{row}{column}" for row in range(4) for column in range(4))
COLUMNS = (
    "case", *ENTRIES, "trusted", "seconds", "similarity", "expected_mTREproj_mm", "mTREproj_mm", "mTRE_mm",
    "in_plane_mm", "depth_mm", "turn_deg", "reason",
)  # fmt: skip
SUCCESS_MM = 2.0
_PARTS = ("in_plane_mm", "depth_mm", "turn_deg")


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv with the pose of each case (CT RAS to world RAS), and metrics.json where truth.json is there.

    Folders whose names begin with "_" are skipped. A model is taken as LPS, which is Slicer's way with STL files that
    do not name their space, and, where that is not trusted, as RAS; the one that fits better is written.

    Raises:
        BadInput: no case in the folder.
    """
    from DeepMedLib.errors import BadInput

    cases = sorted(path.parent for path in run.folder.glob("*/geometry.json") if not path.parent.name.startswith("_"))[
        : run.limit
    ]
    if not cases:
        raise BadInput(f"The folder {run.folder} holds no case with geometry.json.", "Check INPUT_DIR.")
    rows = run.rows(cases, lambda path: _row(path, run.device), lambda path, why: {"case": path.name, "reason": why})
    run.write(COLUMNS, rows, _metrics(rows))


def _row(folder: Path, device: str) -> Row:
    import numpy as np

    from Registration2D3DLib.geometry.files import read_geometry, read_pose

    spaces = _objects(folder)
    views, pictures = [], []
    for geometry in sorted(folder.glob("geometry*.json")):
        views.append(read_geometry(geometry))
        pictures.append(_picture(geometry.with_name(geometry.name.replace("geometry", "xray")).with_suffix(".png")))
    start = read_pose(folder / "init.json") if (folder / "init.json").is_file() else np.eye(4)
    best: Any = None
    started = time.perf_counter()
    for arrays, described in spaces:
        record = _registered(arrays, described, pictures, views, start, device)
        if best is None or record["similarity"] > best["similarity"]:
            best = record
        if record["trusted"]:
            break
    row: Row = {
        "case": folder.name,
        "trusted": int(best["trusted"]),
        "seconds": time.perf_counter() - started,
        "similarity": best["similarity"],
        "expected_mTREproj_mm": best["expected_mTREproj_mm"],
        "reason": best["reason"] if best["matrix_ras"] is None else "",
    }
    if best["matrix_ras"] is not None:
        matrix = np.array(best["matrix_ras"])
        row |= {name: float(value) for name, value in zip(ENTRIES, matrix.ravel(), strict=True)}
        row |= _errors(folder, matrix, best, views[0])
    return row


def _registered(
    arrays: dict[str, Any], described: dict[str, Any], pictures: list[Any], views: list[Any], start: Any, device: str
) -> Any:
    from deepmed_headless.cli.paths import models_folder
    from Registration2D3DLib.options import OPTIONS
    from Registration2D3DLib.registration_task import run

    options = {option.name: option.default for option in OPTIONS} | described
    options |= {
        "device": device, "views": [view.to_dict() for view in views], "start": start.tolist(), "object": "object",
        "xrays": [str(number) for number in range(len(views))], "remarks": [],
        "models": str(models_folder("Registration2D3D")),
    }  # fmt: skip
    films = {f"xray_{number}": pixels for number, pixels in enumerate(pictures)}
    return run({**arrays, **films}, options, lambda done, what: None).values["result"]


def _objects(folder: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Arrays and options of the object, in each space that its file may be in.

    Raises:
        BadInput: there is none.
    """
    from DeepMedLib.errors import BadInput
    from DeepMedLib.geometry import ras_to_lps
    from DeepMedLib.series import read_scan
    from Registration2D3DMrml.surfaceGrid import attenuationOfSurface

    if (folder / "ct.nii.gz").is_file():
        scan = read_scan(folder / "ct.nii.gz")
        return [({"volume": scan.array}, {"grid": scan.grid.to_dict()})]
    if not (folder / "model.stl").is_file():
        raise BadInput(f"{folder.name} has neither ct.nii.gz nor model.stl.", "Add one of them.")
    points, triangles = _stl(folder / "model.stl")
    found = []
    space = _space(folder / "model.stl")
    for placed in [ras_to_lps(points)] * (space != "RAS") + [points] * (space != "LPS"):
        mu, grid = attenuationOfSurface(placed, triangles)
        found.append(({"attenuation": mu}, {"grid": grid.to_dict()}))
    return found


def _stl(path: Path) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np
    import vtk
    from vtk.util.numpy_support import vtk_to_numpy

    reader = vtk.vtkSTLReader()
    reader.SetFileName(str(path))
    reader.Update()
    data = reader.GetOutput()
    cells = vtk_to_numpy(data.GetPolys().GetData()).reshape(-1, 4)[:, 1:]
    return vtk_to_numpy(data.GetPoints().GetData()).astype(float), cells.astype(np.int64)


def _space(path: Path) -> str:
    """RAS or LPS where the file's header names it as Slicer writes it (SPACE=LPS), else ""."""
    header = path.read_bytes()[:80].decode("latin-1").upper()
    return next((space for space in ("RAS", "LPS") if f"SPACE={space}" in header), "")


def _picture(path: Path) -> np.ndarray:
    import numpy as np

    from DeepMedLib.picture.files import read_picture
    from Registration2D3DLib.geometry.xray import XRAY

    return np.asarray(read_picture(path, XRAY).grey(), np.float32)


def _errors(folder: Path, matrix: np.ndarray, record: Any, view: Any) -> dict[str, float]:
    """mTREproj, mTRE, the center's error across the beam and along it, and the turn's, where truth.json is there.

    It is read for nothing else.
    """
    import numpy as np

    from Registration2D3DLib.geometry.accuracy import mean_error_mm, parts_of_error, projected_error_mm, targets
    from Registration2D3DLib.geometry.files import read_pose

    if not (folder / "truth.json").is_file():
        return {}
    true = read_pose(folder / "truth.json")
    points = targets(np.array(record["center_ras"]), np.array(record["size_mm"]))
    across, depth, turn = parts_of_error(matrix, true, points.mean(0), view.source)
    return {
        "in_plane_mm": across,
        "depth_mm": depth,
        "turn_deg": turn,
        "mTREproj_mm": projected_error_mm(matrix, true, points, view.source),
        "mTRE_mm": mean_error_mm(matrix, true, points),
    }


def _metrics(rows: list[Row]) -> dict[str, Any] | None:
    """Success, medians and how far "trusted" is to be relied on; None without any truth."""
    import numpy as np

    known = [row for row in rows if row.get("mTREproj_mm") is not None]
    if not known:
        return None
    across, space = (np.array([row[name] for row in known]) for name in ("mTREproj_mm", "mTRE_mm"))
    trusted = np.array([bool(row["trusted"]) for row in known])
    return {
        "dataset": "registration",
        "cases": len(rows),
        "success_2_mm": float((across <= SUCCESS_MM).sum() / len(rows)),
        "mTREproj_median_mm": float(np.median(across)),
        "mTREproj_p95_mm": float(np.quantile(across, 0.95)),
        "mTRE_median_mm": float(np.median(space)),
        **{f"{name}_median": float(np.median([abs(row[name]) for row in known])) for name in _PARTS},
        "trusted": int(trusted.sum()),
        "trusted_within_2_mm": float((across[trusted] <= SUCCESS_MM).mean()) if trusted.any() else None,
        "seconds_median": float(np.median([row["seconds"] for row in known])),
    }
