"""Run both networks over films and keep what is needed to calibrate and to judge: one record a film."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from monai.networks.nets import UNet

from CephSketcherLib.landmarks.inference import CoarseLook, FineLooks, FineNetworks, coarse_looks, place_face
from CephSketcherLib.landmarks.network import film_tensor
from CephSketcherLib.landmarks.shape_model import ShapeModel

from . import data
from .train import kind_of, network_config, weights_of

WAYS = ((False, False), (True, False), (False, True), (True, True))


@dataclass(frozen=True)
class Record:
    """One film: what was found, in its pixels, and what the readers marked.

    Attributes:
        readers: (readers, L, 2); nan where missing.
        looks: of the coarse network, best first.
        fine: None where the coarse look saw too little.
        mm_per_px: (x, y) mm a picture pixel.
    """

    film: str
    readers: np.ndarray
    looks: list[CoarseLook]
    fine: FineLooks | None
    mm_per_px: np.ndarray

    def errors_mm(self, reader: int | None = None) -> np.ndarray:
        """(L,) distance from a reader, or from the mean of the readers; nan where there is none."""
        truth = np.nanmean(self.readers, 0) if reader is None else self.readers[reader]
        if self.fine is None:
            return np.full(len(truth), np.nan)
        return np.linalg.norm((self.fine.points - truth) * self.mm_per_px, axis=1)


def trained(work: Path, job: str, landmarks: int) -> torch.nn.Module:
    """The network of a job, or of several joined by "+"."""
    network = UNet(**network_config(kind_of(job), landmarks))
    network.load_state_dict(weights_of(work, job))
    return network.eval().to(memory_format=torch.channels_last)


def look(
    coarse: torch.nn.Module, fine: FineNetworks, model: ShapeModel, film: np.ndarray
) -> tuple[list[CoarseLook], FineLooks | None]:
    """Both networks on one film that looks right."""
    tensor = film_tensor(film)
    found = coarse_looks(coarse, tensor, WAYS)
    upright = next(item for item in found if not item.mirrored and not item.inverted)
    try:
        to_face, _ = place_face(upright, model)
    except ValueError:
        return found, None
    return found, fine.look(tensor, to_face, model)


def records(
    coarse: torch.nn.Module, fine: FineNetworks, model: ShapeModel, source: data.Source, names: Iterable[str]
) -> list[Record]:
    """The films of these splits."""
    found = data.readings(source)
    split = data.splits(source, list(found))
    wanted = set(names)
    mm = np.array(source.points_per_pixel) * source.mm_per_px
    result = []
    for film, readers in found.items():
        if split[film] in wanted:
            picture = data.read_film(source.folder / "images" / f"{film}.jpg")
            result.append(Record(film, readers, *look(coarse, fine, model, picture), mm))
    return result


def shape_model(sources: list[data.Source], shape: np.ndarray) -> ShapeModel:
    """The Gaussian of faces, from films trained on."""
    faces = []
    for source in sources:
        found = data.readings(source)
        split = data.splits(source, list(found))
        faces += [np.nanmean(p, 0) for film, p in found.items() if split[film] == "train"]
    return ShapeModel.learn(np.stack(faces), shape)
