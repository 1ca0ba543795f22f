"""Learn the shape spaces and patch models from films 001-150 and the tables: one command, minutes.

    python -m Training.ceph_outlines.fit [--data ../shared/data/ceph] [--out FOLDER]

No outline truth exists, so the model teaches itself: the drawn structures are warped onto each film by its landmarks,
moved onto edges, and shape space and patch models are learned from where they came to lie, round after round
(expectation maximization; each film's remaining doubt counts as spread, so what no film shows keeps its prior).
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import RBFInterpolator

from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.outlines.evidence import HALF, PatchModel, fit_patches, raw_profiles, windows
from CephSketcherLib.outlines.frame import align, face_picture
from CephSketcherLib.outlines.model import ARRAYS, MANIFEST, OutlineModel, pack_outline_model
from CephSketcherLib.outlines.shape import ShapeSpace, wiggle
from CephSketcherLib.outlines.structure_solver import Solved, condition, solve_space, supported
from CephSketcherLib.outlines.template import TITLES, Template, nearest_on_curve
from DeepMedLib.models.bundles import file_hash

from .data import DERIVED, TRAIN, read_film, read_readers
from .tables import TablePrior, learn_tables
from .templates import BENDS, BRIGHT, TEETH, templates, tooth_curve

VERSION = "1.0.0"
ROUNDS = 2
_DRAWS = 12
_NO_LANDMARK_SCALE = 2.0  # where no reader's point lies on a structure, nothing says how sure it is
_TOOTH_BEND = ((2.5, 30.0), (1.0, 10.0))


@dataclass(frozen=True, eq=False)
class Sample:
    """One film in the mean face."""

    picture: np.ndarray
    inside: np.ndarray
    landmarks: dict[str, tuple[np.ndarray, np.ndarray]]
    face: np.ndarray  # (19, 2)


def mean_face(shapes: np.ndarray) -> np.ndarray:
    """Mean of shapes (films, points, 2) up to similarity, at the place, size and turn of their plain mean."""
    face = shapes[0]
    for _ in range(6):
        face = np.mean([align(shape, face).apply(shape) for shape in shapes], axis=0)
        face = align(face, shapes.mean(0)).apply(face)
    return face


def read_samples(folder: Path, face: np.ndarray, reader_covariance: np.ndarray, films: tuple[str, ...]) -> list[Sample]:
    """Films with the readers' mean points."""
    readers = read_readers(folder)
    samples = []
    for film in films:
        points = readers.mean(film)
        to_film = align(face, points)
        picture, inside = face_picture(read_film(folder, film), to_film)
        placed = to_film.inverse().apply(points)
        known = {s: (placed[i], reader_covariance[i]) for i, s in enumerate(ISBI19.symbols)}
        samples.append(Sample(picture.astype(np.float16), inside, known, placed))
    return samples


def first_space(
    template: Template, samples: list[Sample], tables: TablePrior, face: np.ndarray, reader_covariance: np.ndarray
) -> ShapeSpace:
    """The shape space before any film was looked at: the drawn structure warped by landmarks and table points."""
    rng = np.random.default_rng(0)
    reference = dict(zip(DERIVED, tables.predict(face), strict=True))
    root = np.linalg.cholesky(tables.covariance + 1e-6 * np.eye(len(tables.covariance)))
    extra = [s for s in template.derived if s in DERIVED]
    controls = np.vstack([face, *[reference[s][None] for s in extra]])
    vectors = []
    for sample in samples:
        for _ in range(_DRAWS):
            noise = (root @ rng.standard_normal(len(root))).reshape(-1, 2)
            derived = dict(zip(DERIVED, tables.predict(sample.face) + noise, strict=True))
            if template.name in TEETH:
                tip, apex, _, _ = TEETH[template.name]
                top = sample.face[ISBI19.index(tip)] if tip in ISBI19 else derived[tip]
                curve = tooth_curve(template.name, top, derived[apex])
            else:
                to = np.vstack([sample.face, *[derived[s][None] for s in extra]])
                warp = RBFInterpolator(controls, to - controls, kernel="thin_plate_spline", smoothing=30.0, degree=1)
                curve = template.points + warp(template.points)
            vectors.append(np.concatenate([sample.face.ravel(), curve.ravel()]))
            if template.name not in TEETH and not extra:
                break  # nothing was drawn at random
    data = np.array(vectors)
    mean = data.mean(0)
    covariance = np.cov(data.T) + _bends(template, reader_covariance)
    return free_pose(ShapeSpace(template, mean, covariance, len(ISBI19)))


def _bends(template: Template, reader_covariance: np.ndarray) -> np.ndarray:
    """What warping cannot explain: small bends of the curve; for landmarks, a little of the readers' noise."""
    count = 2 * len(ISBI19)
    bend = BENDS.get(template.name, _TOOTH_BEND)
    extra = np.zeros((count + 2 * len(template),) * 2)
    extra[:count, :count] = np.diag(np.full(count, 1.0))
    extra[count:, count:] = wiggle(template.points, template.closed, bend) + 0.04 * np.eye(2 * len(template))
    return extra


def first_patches(template: Template, samples: list[Sample], curves: np.ndarray) -> PatchModel:
    """Mean profiles where the warped curves lie; for teeth, a step that is bright inside."""
    on = np.array(
        [
            windows(raw_profiles(s.picture.astype(np.float32), c, template.closed, 0), 0)[:, 0]
            for s, c in zip(samples, curves, strict=True)
        ]
    )
    bump = np.exp(-0.5 * (np.arange(-HALF, HALF + 1) / 2.5) ** 2)
    bump /= bump.sum()
    if template.name in TEETH:
        # Outward normals where the corners run one way round, inward where they run the other.
        x, y = template.points.T
        outward = -1.0 if (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() > 0 else 1.0
        mean = np.tile(-outward * bump, (len(template), 1))
    else:
        mean = on.mean(0)
        mean = mean / np.maximum(np.abs(mean).sum(1, keepdims=True), 1e-6) + BRIGHT[template.name] * bump
    mean = 0.5 * mean / np.maximum(np.abs(mean).sum(1, keepdims=True), 1e-6)
    size = 2 * HALF + 1
    precision = np.eye(size) / 0.004
    logdet = size * float(np.log(0.004))
    return PatchModel(
        mean, np.tile(precision, (len(mean), 1, 1)), np.full(len(mean), logdet), np.zeros(size), precision, logdet
    )


def learn_patches(template: Template, samples: list[Sample], curves: np.ndarray) -> PatchModel:
    """Profiles on the curves, and 6 to 20 units beside them."""
    rng = np.random.default_rng(1)
    on, off = [], []
    use = template.seen
    for sample, curve in zip(samples, curves, strict=True):
        window = windows(raw_profiles(sample.picture.astype(np.float32), curve, template.closed, 20), 20)
        on.append(window[:, 20])
        beside = np.concatenate([np.arange(0, 15), np.arange(26, 41)])
        off.append(window[use][:, rng.choice(beside, 2, replace=False)].reshape(-1, window.shape[2]))
    return fit_patches(np.array(on), np.concatenate(off))


def solve_all(
    samples: list[Sample], space: ShapeSpace, patches: PatchModel, temper: float | None = None
) -> list[Solved]:
    """The structure on every film."""
    options: dict[str, Any] = {} if temper is None else {"temper": temper}
    return [
        solve_space(s.picture.astype(np.float32), s.inside, s.landmarks, space, patches, ISBI19.symbols, {}, **options)
        for s in samples
    ]


def next_space(space: ShapeSpace, solved: list[Solved], first: ShapeSpace, keep: float = 0.15) -> ShapeSpace:
    """One step of expectation maximization, with a share of the first space so that it cannot collapse."""
    data = np.array([result.mean for result in solved])
    mean = data.mean(0)
    covariance = np.cov(data.T, bias=True) + np.mean([result.posterior for result in solved], axis=0)
    covariance = (1 - keep) * covariance + keep * first.covariance
    return free_pose(ShapeSpace(space.template, mean, covariance, space.landmarks))


@dataclass(frozen=True, eq=False)
class Materials:
    """What every structure learns from."""

    face: np.ndarray
    reader_covariance: np.ndarray
    samples: list[Sample]
    tables: TablePrior
    drawn: dict[str, Template]


def prepare(folder: Path, films: tuple[str, ...]) -> Materials:
    """Read films and tables in the folder with isbi2015, aaof_growth and tehran_points."""
    readers = read_readers(folder / "isbi2015")
    face = mean_face(np.array([readers.mean(film) for film in TRAIN]))
    gaps = []
    for film in TRAIN:
        back = align(face, readers.mean(film)).inverse()
        gaps.append(0.5 * (back.apply(readers.senior[film]) - back.apply(readers.junior[film])))
    apart = np.array(gaps)
    # Far-off readings would make the usual ones look uncertain: half the gap, without the far ones.
    limit = 4 * np.median(np.linalg.norm(apart, axis=2), axis=0)
    keep = np.linalg.norm(apart, axis=2) <= limit
    covariance = np.array([np.cov(apart[keep[:, i], i].T) + 0.25 * np.eye(2) for i in range(len(ISBI19))])
    samples = read_samples(folder / "isbi2015", face, covariance, films)
    tables = learn_tables(folder, face)
    drawn = templates(dict(zip(DERIVED, tables.predict(face), strict=True)), face)
    return Materials(face, covariance, samples, tables, drawn)


def free_pose(space: ShapeSpace) -> ShapeSpace:
    """The space with its place, turn and size left open.

    Shapes that were aligned by all landmarks have lost four degrees of freedom, so any landmark seems to follow from
    the others; with this, a landmark that is missing is as uncertain as it is.
    """
    points = space.mean.reshape(-1, 2)
    apart = points - points[: space.landmarks].mean(0)
    turn = np.stack([-apart[:, 1], apart[:, 0]], axis=1)
    ways = [
        np.tile([20.0, 0.0], len(points)),
        np.tile([0.0, 20.0], len(points)),
        0.06 * turn.ravel(),
        0.06 * apart.ravel(),
    ]
    return replace(space, covariance=space.covariance + sum(np.outer(way, way) for way in ways))


def learn_structure(name: str, given: Materials, rounds: int = ROUNDS) -> tuple[ShapeSpace, PatchModel]:
    """Shape space and patches of one structure."""
    template, samples = given.drawn[name], given.samples
    first = space = first_space(template, samples, given.tables, given.face, given.reader_covariance)
    start = np.array([space.curve(_given(space, s)) for s in samples])
    patch = first_patches(template, samples, start)
    for turn in range(rounds):
        solved = solve_all(samples, space, patch)
        curves = np.array([result.points for result in solved])
        patch = learn_patches(template, samples, curves)
        space = next_space(space, solved, first)
        support = [
            supported(s.picture.astype(np.float32), c, template, patch)[template.seen].mean()
            for s, c in zip(samples, curves, strict=True)
        ]
        moved = np.linalg.norm(curves - start, axis=2).mean()
        print(f"{name}: round {turn + 1}, support {np.mean(support):.2f}, moved {moved:.1f}", flush=True)
    mean = space.curve(space.mean)
    final = Template(name, mean, template.closed, template.landmarks, template.seen, template.derived)
    learned = ShapeSpace(final, space.mean, space.covariance, space.landmarks, 1.0, _doubt(first, samples[0]))
    return replace(learned, sd_scale=sd_scale(learned, patch, samples[::6])), patch


def _doubt(first: ShapeSpace, sample: Sample) -> dict[str, np.ndarray]:
    """Covariance of the table points given the landmarks, before any film was looked at."""
    _, covariance = condition(first, sample.landmarks, ISBI19.symbols, {})
    found = {}
    for symbol, index in first.template.derived.items():
        if symbol in DERIVED:
            where = first.point(index)
            found[symbol] = covariance[where, where]
    return found


def sd_scale(space: ShapeSpace, patch: PatchModel, samples: list[Sample]) -> float:
    """How much larger than its SD the gap is between the curve, solved without a landmark, and that landmark.

    The readers' own noise is taken off first; the farthest tenth of the gaps is left out, as blunders are.
    """
    squares, variances, noises = [], [], []
    for symbol, index in space.template.landmarks.items():
        for sample in samples:
            known = {s: v for s, v in sample.landmarks.items() if s != symbol}
            solved = solve_space(
                sample.picture.astype(np.float32), sample.inside, known, space, patch, ISBI19.symbols, {}
            )
            xy, covariance = sample.landmarks[symbol]
            gap = nearest_on_curve(solved.points, space.template.closed, xy)[2]
            squares.append(gap**2)
            variances.append(solved.sd[index] ** 2)
            noises.append(np.trace(covariance) / 2)
    if not squares:
        return _NO_LANDMARK_SCALE
    keep = np.array(squares) <= np.quantile(squares, 0.9)
    excess = np.mean(np.array(squares)[keep]) - np.mean(np.array(noises)[keep])
    return float(np.clip(np.sqrt(max(excess, 0.0) / np.mean(np.array(variances)[keep])), 1.0, 4.0))


_given_to_workers: list[Materials] = []  # forked, not pickled


def _work(name: str, rounds: int) -> tuple[ShapeSpace, PatchModel]:
    return learn_structure(name, _given_to_workers[0], rounds)


def learn(
    folder: Path,
    films: tuple[str, ...] = TRAIN,
    names: tuple[str, ...] = tuple(TITLES),
    jobs: int = 2,
    rounds: int = ROUNDS,
) -> OutlineModel:
    """Everything; structures side by side in ``jobs`` processes."""
    given = prepare(folder, films)
    _given_to_workers[:] = [given]
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        learned = list(pool.map(_work, names, [rounds] * len(names)))
    figures: dict[str, Any] = {"tables": given.tables.figures, "films": len(films)}
    return OutlineModel(
        VERSION,
        ISBI19.symbols,
        given.face,
        given.reader_covariance,
        {name: space for name, (space, _) in zip(names, learned, strict=True)},
        {name: patch for name, (_, patch) in zip(names, learned, strict=True)},
        figures,
    )


def _given(space: ShapeSpace, sample: Sample) -> np.ndarray:
    return condition(space, sample.landmarks, ISBI19.symbols, {})[0]


def write(model: OutlineModel, out: Path) -> None:
    """outlines.npz and manifest.json; files that lie beside them (README.md) are listed too."""
    out.mkdir(parents=True, exist_ok=True)
    (out / ARRAYS).write_bytes(pack_outline_model(model))
    write_manifest(out, model.version)


def write_manifest(out: Path, version: str = VERSION) -> None:
    """manifest.json over the files in ``out``."""
    files = {p.name: file_hash(p) for p in sorted(out.iterdir()) if p.is_file() and p.name != MANIFEST}
    record = {"outlines": {"version": version, "files": files}}
    (out / MANIFEST).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--data", type=Path, default=root.parent / "shared" / "data" / "ceph")
    parser.add_argument("--out", type=Path, default=root / "CephSketcher" / "Resources" / "CephSketcherOutlines")
    parser.add_argument("--only", nargs="*", default=list(TITLES), help="structures, for trying things out")
    parser.add_argument("--every", type=int, default=1, help="only each n-th film, for trying things out")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side")
    options = parser.parse_args()
    films = TRAIN[:: options.every]
    model = learn(options.data, films, tuple(options.only), options.jobs, options.rounds)
    write(model, options.out)


if __name__ == "__main__":
    main()
