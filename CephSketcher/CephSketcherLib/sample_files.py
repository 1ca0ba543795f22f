"""The samples as files of every kind that a film comes in: pictures, DICOM, and a volume to be projected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from CephSketcherLib.phantom.skull_phantom import skull_phantom
from CephSketcherLib.sample_film import SampleFilm, projected_film, sample_film, write_volume
from CephSketcherLib.sample_film_dicom import write_dicom

#: Seeds below 1000 are never trained on.
SEEDS = (7, 11, 23, 42)


@dataclass(frozen=True)
class SampleFile:
    """A sample that was written.

    Attributes:
        made: the film and its truth.
        words: what kind of file it is.
        values: options that `deepmed ceph` traces it with.
    """

    made: SampleFilm
    path: Path
    words: str
    values: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Which phantom it is."""
        return f"Skull phantom {self.path.name.split('.')[0].split('_')[1]}"


def write_samples(folder: Path) -> Iterator[SampleFile]:
    """Writes two PNG films, one that looks left, a DICOM film, and a volume to be projected; one by one."""
    from PIL import Image

    right, left, stated, projected = SEEDS
    for seed, words in ((right, "PNG, pixel size given"), (left, "PNG, the face looks left, pixel size given")):
        made = sample_film(seed).mirrored() if seed == left else sample_film(seed)
        path = folder / f"skull_{seed}.png"
        Image.fromarray(made.film.pixels).save(path)
        yield SampleFile(made, path, words, {"spacing": made.film.scale.mean if made.film.scale else None})
    made, path = sample_film(stated), folder / f"skull_{stated}.dcm"
    write_dicom(made, path)
    yield SampleFile(made, path, "DICOM, detector spacing and magnification from its header", {})
    head, path = skull_phantom(projected), folder / f"head_{projected}.nii.gz"
    write_volume(head, path)
    words = "Head volume, made into a film by parallel rays"
    yield SampleFile(projected_film(head), path, words, {"project": "parallel"})
