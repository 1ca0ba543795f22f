"""Measure the shipped outlines on films that they did not learn from: one command.

    python -m Training.ceph_outlines.measure [--data ../shared/data/ceph] [--every 1] [--card]

Films 151-300. No outline truth exists, so: (a) each outline solved without one of its landmarks, against the readers'
mean point; (b) edge support, beside that of the same curves moved 3 mm; (c) repeatability under rotation, contrast
and crop; (d) recovery of generated outlines, a check of the code. With --network the landmarks come from the shipped
network instead of the readers.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.outlines.frame import face_picture
from CephSketcherLib.outlines.model import OutlineModel, load_outline_model
from CephSketcherLib.outlines.outline_solver import OutlineSet, frame_of, solve_outlines
from CephSketcherLib.outlines.structure_solver import on_film, supported
from CephSketcherLib.outlines.template import nearest_on_curve
from CephSketcherLib.phantom.skull_phantom import phantom_film, skull_phantom

from .data import TEST, read_film, read_readers

ROOT = Path(__file__).resolve().parents[2]
_MM = 0.2  # nominal mm of a stored pixel; x and y differ by 0.05 %


def reader_landmarks(points: np.ndarray) -> LandmarkSet:
    """The readers' mean as a landmark set."""
    return LandmarkSet(tuple(LandmarkPoint(s, *xy) for s, xy in zip(ISBI19.symbols, points.tolist(), strict=True)))


def without_one(
    film: np.ndarray, known: LandmarkSet, truth: LandmarkSet, model: OutlineModel
) -> dict[str, dict[str, float]]:
    """Gap in mm between each outline solved without one of its landmarks and the readers' point."""
    gaps: dict[str, dict[str, float]] = {}
    for name, space in model.spaces.items():
        for symbol in space.template.landmarks:
            solved = solve_outlines(film, known.without([symbol]), model, names=[name]).outlines[name]
            index = solved.at[symbol]
            gap = solved.distance(truth[symbol].xy)
            gaps.setdefault(name, {})[symbol] = gap * _MM
            gaps[name][f"{symbol} sd"] = float(solved.sd[index]) * _MM
    return gaps


def support(film: np.ndarray, known: LandmarkSet, solved: OutlineSet, model: OutlineModel) -> dict[str, list[float]]:
    """Edge support of each outline, and that of the curve moved by 3 mm in four directions."""
    to_film = frame_of(known, model)
    picture, inside = face_picture(film, to_film)
    found = {}
    for name, outline in solved.outlines.items():
        template, patches = model.spaces[name].template, model.patches[name]
        curve = to_film.inverse().apply(outline.points)
        moved = []
        for shift in ((15, 0), (-15, 0), (0, 15), (0, -15)):
            use = template.seen & on_film(inside, curve + shift)
            if use.any():
                moved.append(float(supported(picture, curve + shift, template, patches)[use].mean()))
        found[name] = [outline.edge_support, float(np.mean(moved)) if moved else float("nan")]
    return found


def disturbed(
    film: np.ndarray, known: LandmarkSet, solved: OutlineSet, model: OutlineModel
) -> dict[str, dict[str, float]]:
    """Mean change in mm of each outline when the film is turned, its contrast changed, or cropped."""
    height, width = film.shape
    gray = film.astype(np.float32)
    found: dict[str, dict[str, float]] = {}

    def compare(kind: str, other: OutlineSet, back: Any) -> None:
        for name, outline in other.outlines.items():
            apart = np.linalg.norm(back(outline.points) - solved.outlines[name].points, axis=1)
            found.setdefault(name, {})[kind] = float(apart.mean()) * _MM

    angle = np.deg2rad(3.0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    center = np.array([(width - 1) / 2, (height - 1) / 2])
    inverse = turn.T[::-1, ::-1]
    turned = ndimage.affine_transform(gray, inverse, center[::-1] - inverse @ center[::-1], order=1, mode="nearest")
    moved = LandmarkSet(
        tuple(replace(p, x=float(q[0]), y=float(q[1])) for p in known for q in [turn @ (p.xy - center) + center])
    )
    compare("turned by 3 degrees", solve_outlines(turned, moved, model), lambda p: (p - center) @ turn + center)
    for gamma in (0.8, 1.25):
        bent = 255 * (gray / 255) ** gamma
        compare(f"gamma {gamma}", solve_outlines(bent, known, model), lambda p: p)
    x0, y0 = round(0.05 * width), round(0.05 * height)
    part = film[y0 : height - y0, x0 : width - x0]
    cut = LandmarkSet(tuple(replace(p, x=p.x - x0, y=p.y - y0) for p in known))
    compare("cropped by 10 %", solve_outlines(part, cut, model), lambda p: p + np.array([x0, y0]))
    return found


def network_landmarks(film: np.ndarray) -> LandmarkSet | None:
    """What the shipped network finds; None where it abstains."""
    from CephSketcherLib.landmarks import task

    resources = str(ROOT / "CephSketcher" / "Resources" / "CephSketcherModels")
    options = {"resources": resources, "facing": "right", "device": "cpu"}
    values = task.run({"film": film}, options, lambda *_: None).values
    return None if values["abstained"] else LandmarkSet.from_dict(values["landmarks"])


def measure_film(film: str, folder: Path, model_folder: Path, network: bool, thorough: bool) -> dict[str, Any]:
    """All figures of one film."""
    model = load_outline_model(model_folder)
    readers = read_readers(folder / "isbi2015")
    picture = read_film(folder / "isbi2015", film)
    truth = reader_landmarks(readers.mean(film))
    known = network_landmarks(picture) if network else truth
    if known is None:
        return {}
    start = time.process_time()
    solved = solve_outlines(picture, known, model)
    seconds = time.process_time() - start
    result = {
        "gaps": without_one(picture, known, truth, model),
        "support": support(picture, known, solved, model),
        "derived": {p.symbol: float(p.sd or 0.0) * _MM for p in solved.derived},
        "seconds": seconds,
    }
    if thorough:
        result["disturbed"] = disturbed(picture, known, solved, model)
    return result


def measure_phantom(seed: int, model_folder: Path) -> dict[str, Any]:
    """Gaps (mm) between outlines solved on a generated film from its true landmarks and the true ones."""
    model = load_outline_model(model_folder)
    made = phantom_film(skull_phantom(seed))
    solved = solve_outlines(made.film, made.landmarks, model)
    found: dict[str, Any] = {"outlines": {}, "derived": {}}
    for name, truth in made.outlines.items():
        if name == "porion_condyle":
            continue  # the phantom's is the condyle alone
        outline = solved.outlines[name]
        gaps = [nearest_on_curve(truth, outline.closed, p)[2] for p in outline.points[model.spaces[name].template.seen]]
        found["outlines"][name] = float(np.mean(gaps)) * made.mm_per_px
    for point in solved.derived:
        apart = point.xy - made.extra[point.symbol].xy
        found["derived"][point.symbol] = {
            "mm": float(np.linalg.norm(apart)) * made.mm_per_px,
            "sd": float(point.sd or 0.0) * made.mm_per_px,
        }
    return found


def summarize(films: list[dict[str, Any]], phantoms: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians and means over films and phantoms."""
    films = [film for film in films if film]
    summary: dict[str, Any] = {"films": len(films), "without_one": {}, "support": {}, "disturbed": {}, "derived": {}}
    first = films[0]
    for name, gaps in first["gaps"].items():
        for symbol in (s for s in gaps if not s.endswith(" sd")):
            values = np.array([film["gaps"][name][symbol] for film in films])
            sd = np.array([film["gaps"][name][f"{symbol} sd"] for film in films])
            summary["without_one"][f"{name} / {symbol}"] = {
                "median_mm": float(np.median(values)),
                "mean_mm": float(values.mean()),
                "within_2_mm": float((values <= 2.0).mean()),
                "median_sd_mm": float(np.median(sd)),
            }
    for name in first["support"]:
        pairs = np.array([film["support"][name] for film in films])
        summary["support"][name] = {"edge_support": float(pairs[:, 0].mean()), "moved_3_mm": float(pairs[:, 1].mean())}
    tried = [film["disturbed"] for film in films if "disturbed" in film]
    for name in tried[0] if tried else ():
        kinds = tried[0][name]
        summary["disturbed"][name] = {kind: float(np.mean([film[name][kind] for film in tried])) for kind in kinds}
    for symbol in ("U1A", "L1A", "U6", "L6", "Prn", "Co", "Ba"):
        sd_mm = [film["derived"][symbol] for film in films if symbol in film["derived"]]
        share = len(sd_mm) / len(films)
        summary["derived"][symbol] = {"given": share, "median_sd_mm": float(np.median(sd_mm)) if sd_mm else None}
    summary["seconds"] = float(np.median([film["seconds"] for film in films]))
    summary["phantom"] = {
        name: float(np.mean([p["outlines"][name] for p in phantoms])) for name in phantoms[0]["outlines"]
    }
    derived: dict[str, Any] = {}
    for symbol in summary["derived"]:
        found = [p["derived"][symbol] for p in phantoms if symbol in p["derived"]]
        if found:
            derived[symbol] = {"mm": float(np.mean([f["mm"] for f in found])), "sd": found[0]["sd"], "n": len(found)}
    summary["phantom_derived"] = derived
    return summary


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "ceph")
    parser.add_argument("--model", type=Path, default=ROOT / "CephSketcher" / "Resources" / "CephSketcherOutlines")
    parser.add_argument("--every", type=int, default=1, help="only each n-th film")
    parser.add_argument("--first", type=int, default=0, help="films left out at the start")
    parser.add_argument("--phantoms", type=int, default=10, help="how many generated films")
    parser.add_argument("--network", action="store_true", help="landmarks of the shipped network, not the readers")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=None, help="write the figures as JSON")
    parser.add_argument("--card", action="store_true", help="write the figures into the model card")
    options = parser.parse_args()
    names = TEST[options.first :: options.every]
    one = partial(measure_film, folder=options.data, model_folder=options.model, network=options.network)
    with ProcessPoolExecutor(options.jobs) as pool:
        jobs = [pool.submit(one, film, thorough=i % 5 == 0) for i, film in enumerate(names)]
        phantoms = [pool.submit(measure_phantom, seed, options.model) for seed in range(1, options.phantoms + 1)]
        summary = summarize([job.result() for job in jobs], [job.result() for job in phantoms])
    summary["landmarks"] = "network" if options.network else "readers' mean"
    print(json.dumps(summary, indent=1))
    if options.out is not None:
        options.out.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    if options.card:
        from .card import write_card

        write_card(options.model, summary)


if __name__ == "__main__":
    main()
