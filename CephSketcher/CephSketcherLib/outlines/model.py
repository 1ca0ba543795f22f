"""What was learned for the outlines, as files: arrays without pickled objects, each checked by its SHA-256."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.outlines.evidence import PatchModel
from CephSketcherLib.outlines.shape import ShapeSpace
from CephSketcherLib.outlines.template import TITLES, Template
from DeepMedLib.errors import BundleRefused
from DeepMedLib.models.bundles import parse_json, read_verified

NAME = "CephSketcher outlines"
ARRAYS = "outlines.npz"
MANIFEST = "manifest.json"
_REINSTALL = "Install the extension again."
_PATCHES = ("on_mean", "on_precision", "on_logdet", "off_mean", "off_precision", "off_logdet")


@dataclass(frozen=True, eq=False)
class OutlineModel:
    """All structures.

    Attributes:
        version: of the learned data.
        symbols: landmarks of the mean face, in order.
        face: (landmarks, 2) mean face.
        reader_covariance: (landmarks, 2, 2) of the mean of two readers, units^2: used where a point brings none.
        spaces: shape space by structure.
        patches: patch model by structure.
        figures: what was measured when it was made.
    """

    version: str
    symbols: tuple[str, ...]
    face: np.ndarray
    reader_covariance: np.ndarray
    spaces: dict[str, ShapeSpace]
    patches: dict[str, PatchModel]
    figures: dict[str, Any]


def load_outline_model(folder: Path) -> OutlineModel:
    """Read the learned data in ``folder`` (manifest.json, outlines.npz).

    Raises:
        BundleRefused: a file is missing or is not the one that the manifest lists.
    """
    folder = Path(folder)
    try:
        record = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["outlines"]
        files = {str(path): str(digest) for path, digest in record["files"].items()}
        version = str(record["version"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleRefused(f"The list of files {folder / MANIFEST} cannot be read.", _REINSTALL) from error
    data = read_verified(folder, NAME, ARRAYS, files, _REINSTALL)
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {key: stored[key] for key in stored.files}
    header = parse_json(arrays["header"].tobytes(), NAME, ARRAYS, _REINSTALL)
    symbols = tuple(header["symbols"])
    spaces, patches = {}, {}
    for name in (name for name in TITLES if name in header["structures"]):
        text = header["structures"][name]
        template = Template(
            name,
            arrays[f"{name}/points"].astype(float),
            bool(text["closed"]),
            {str(s): int(i) for s, i in text["landmarks"].items()},
            arrays[f"{name}/seen"].astype(bool),
            {str(s): int(i) for s, i in text["derived"].items()},
        )
        mean, covariance = arrays[f"{name}/mean"].astype(float), _unpack(arrays[f"{name}/covariance"])
        doubt = {str(s): np.array(c, float) for s, c in text["doubt"].items()}
        spaces[name] = ShapeSpace(template, mean, covariance, len(symbols), float(text["sd_scale"]), doubt)
        patches[name] = _patches([arrays[f"{name}/{key}"].astype(float) for key in _PATCHES])
    return OutlineModel(
        version,
        symbols,
        arrays["face"].astype(float),
        arrays["reader_covariance"].astype(float),
        spaces,
        patches,
        header["figures"],
    )


def pack_outline_model(model: OutlineModel) -> bytes:
    """The model as the bytes of outlines.npz, single precision; the same model gives the same bytes."""
    header = {
        "symbols": list(model.symbols),
        "figures": model.figures,
        "structures": {
            name: {
                "closed": space.template.closed,
                "landmarks": space.template.landmarks,
                "derived": space.template.derived,
                "sd_scale": round(space.sd_scale, 4),
                "doubt": {s: np.round(c, 3).tolist() for s, c in space.doubt.items()},
            }
            for name, space in model.spaces.items()
        },
    }
    arrays: dict[str, np.ndarray] = {
        "header": np.frombuffer(json.dumps(header, sort_keys=True).encode(), np.uint8),
        "face": model.face,
        "reader_covariance": model.reader_covariance,
    }
    for name, space in model.spaces.items():
        arrays[f"{name}/points"] = space.template.points.astype(np.float32)
        arrays[f"{name}/seen"] = space.template.seen
        arrays[f"{name}/mean"] = space.mean.astype(np.float32)
        arrays[f"{name}/covariance"] = _pack(space.covariance)
        patch = model.patches[name]
        # The precisions come from their covariances when read: halves hold those without loss that matters.
        values = (
            patch.on_mean,
            np.linalg.inv(patch.on_precision),
            patch.on_logdet,
            patch.off_mean,
            np.linalg.inv(patch.off_precision),
            np.array(patch.off_logdet),
        )
        for key, value in zip(_PATCHES, values, strict=True):
            arrays[f"{name}/{key}"] = np.asarray(value).astype(np.float32)
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def _patches(values: list[np.ndarray]) -> PatchModel:
    on_mean, on_covariance, on_logdet, off_mean, off_covariance, off_logdet = values
    return PatchModel(
        on_mean, np.linalg.inv(on_covariance), on_logdet, off_mean, np.linalg.inv(off_covariance), float(off_logdet)
    )


def _pack(covariance: np.ndarray) -> np.ndarray:
    """The lower triangle."""
    return covariance[np.tril_indices(len(covariance))].astype(np.float32)


def _unpack(triangle: np.ndarray) -> np.ndarray:
    """The symmetric matrix; a little is added to its diagonal, for rounding."""
    size = int((np.sqrt(8 * len(triangle) + 1) - 1) / 2)
    matrix = np.zeros((size, size))
    matrix[np.tril_indices(size)] = triangle
    return matrix + np.tril(matrix, -1).T + 1e-3 * np.eye(size)
