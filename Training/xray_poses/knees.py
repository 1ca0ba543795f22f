"""Case folders of real knee replacements under fluoroscopy, for `deepmed evaluate registration`.

.venv/bin/python -m Training.xray_poses.knees --data ../shared/data/registration --out build/knees [--every 4]

Four folders: `fluoro_auto` (starts are the automatic poses published with the frames), `fluoro_near` (starts within
5 degrees and 10 mm of the operator's pose), `biplane_one` (first camera alone) and `biplane_two`, with such near
starts. How opaque metal is (`normalizing.OPAQUE`) was chosen on the fluoroscopy frames of `CHOSEN_ON`.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from PIL import Image

from Registration2D3DLib.geometry.pose import motion
from Registration2D3DLib.geometry.view import View

CHOSEN_ON = ("00", "04")
PARTS = ("femoral", "tibial")
_TURN_DEG, _SHIFT_MM = 5.0, 10.0
_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
_SPACE = b"SPACE=LPS"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="of the frames only every so manieth")
    args = parser.parse_args()
    fluoro(args.data / "tka_fluoro" / "knee01_left", args.out, args.every)
    biplane(args.data / "tka_biplane", args.out, args.every)


def fluoro(folder: Path, out: Path, every: int) -> None:
    """One plane: the camera's own axes are the world's, x right, y up, z against the beam."""
    camera = {row["key"]: float(row["value"]) for row in _rows(folder / "camera.csv")}
    intrinsics = np.array([[camera["focal"], 0, camera["cx"]], [0, camera["focal"], camera["cy"]], [0, 0, 1]])
    size = int(camera["size"])
    distance = camera["principal_distance"]
    view = View.from_camera(intrinsics, np.diag([1.0, -1, -1, 1]), (size, size), distance)
    poses = {(row["frame"], row["part"], row["source"]): _matrix(row) for row in _rows(folder / "poses.csv")}
    rng = np.random.default_rng(61)
    for frame in sorted({frame for frame, _part, _source in poses})[::every]:
        for part in PARTS:
            true = poses[frame, part, "operator"]
            films = [(folder / "frames" / f"{frame}.png", view)]
            starts = {"fluoro_auto": poses.get((frame, part, "auto_fft")), "fluoro_near": near(true, rng)}
            for name, start in starts.items():
                if start is not None:
                    write(out / name / f"{frame}_{part}", folder / f"{part}.stl", films, start, true)


def biplane(folder: Path, out: Path, every: int) -> None:
    """Two planes of one moment; the calibration's frame is the world."""
    views = [_camera(folder / f"camera{number}.csv") for number in (1, 2)]
    rng = np.random.default_rng(62)
    for row in _rows(folder / "poses_world.csv")[:: 2 * every]:
        for part in PARTS:
            found = next(
                other
                for other in _rows(folder / "poses_world.csv")
                if (other["frame"], other["part"]) == (row["frame"], part)
            )
            true = _matrix(found)
            start = near(true, rng)
            paths = [folder / "frames" / f"cam{number}_{row['frame']}.jpg" for number in (1, 2)]
            films = list(zip(paths, views, strict=True))
            case = f"{row['frame']}_{part}"
            write(out / "biplane_one" / case, folder / f"{part}.stl", films[:1], start, true)
            write(out / "biplane_two" / case, folder / f"{part}.stl", films, start, true)


def near(true: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(4, 4) a start within 5 degrees about and 10 mm along each axis, uniform."""
    turn = np.radians(rng.uniform(-_TURN_DEG, _TURN_DEG, 3))
    return motion(turn, rng.uniform(-_SHIFT_MM, _SHIFT_MM, 3), true[:3, 3]) @ true


def write(folder: Path, surface: Path, films: list[tuple[Path, View]], start: np.ndarray, true: np.ndarray) -> None:
    """One case: model.stl with its space named, X-rays, geometry, start and truth, which are of the model's RAS."""
    folder.mkdir(parents=True, exist_ok=True)
    data = surface.read_bytes()
    if len(data) != 84 + 50 * int.from_bytes(data[80:84], "little"):
        raise ValueError(f"{surface} is no binary STL file")
    (folder / "model.stl").write_bytes(_SPACE.ljust(80) + data[80:])
    for number, (path, view) in enumerate(films):
        end = f"_{number}" if number else ""
        Image.open(path).convert("L").save(folder / f"xray{end}.png")
        (folder / f"geometry{end}.json").write_text(json.dumps(view.to_dict()), encoding="utf-8")
    for name, pose in (("init", start), ("truth", true)):
        record = {"matrix_ras": (pose @ _TO_LPS).tolist()}
        (folder / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _matrix(row: dict[str, str]) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3] = [[float(row[f"m{r}{c}"]) for c in range(4)] for r in range(3)]
    u, _s, vt = np.linalg.svd(matrix[:3, :3])
    matrix[:3, :3] = u @ vt
    return matrix


def _camera(path: Path) -> View:
    with path.open(newline="", encoding="utf-8") as file:
        record = {row[0]: [float(value) for value in row[1:] if value] for row in csv.reader(file) if row[0] != "key"}
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = np.reshape(record["R"], (3, 3)), record["t_mm"]
    return View.from_camera(np.reshape(record["K"], (3, 3)), pose, (1024, 1024))


if __name__ == "__main__":
    main()
