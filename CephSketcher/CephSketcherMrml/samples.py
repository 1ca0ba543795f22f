"""Sample films: lateral projections of a skull phantom made on this computer, with known landmarks and no download."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import slicer

from CephSketcherLib.film.lateral_film import LATERAL_FILM
from CephSketcherLib.sample_film import SampleFilm, sample_film
from CephSketcherLib.tracing.result import CephOptions, CephResult
from CephSketcherLib.tracing.solve import solve
from CephSketcherMrml.cephComputation import writeNodes
from CephSketcherMrml.cephNodes import RESULTS, CephNodes
from DeepMedLib.mrml.inputs.pictureNodes import addPicture, pictureOf
from DeepMedLib.mrml.inputs.sampleData import registerSample
from DeepMedLib.provenance import Provenance

SEED = 7
NAME = "SkullPhantomFilm"


def loadPhantom(seed: int = SEED) -> slicer.vtkMRMLVolumeNode:
    """A lateral film of the phantom with its pixel size set."""
    return addPicture(sample_film(seed).film)


def registerSampleData(iconsFolder: str) -> None:
    """Add the tile to the Sample Data module."""
    thumbnail = Path(iconsFolder) / "CephSketcherPhantom.png"
    registerSample("CephSketcher", "Lateral cephalogram", NAME, thumbnail, lambda: _show(loadPhantom()))


def _show(node: slicer.vtkMRMLVolumeNode) -> slicer.vtkMRMLVolumeNode:
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    return node


def trueResult(phantom: SampleFilm) -> CephResult:
    """The phantom's true landmarks as a result, solved like one that a network found."""
    film = phantom.film
    result = CephResult(
        film=film.name,
        width=film.width,
        height=film.height,
        facing=phantom.facing,
        landmarks=phantom.landmarks,
        scale=film.scale,
        options=CephOptions(),
        provenance=asdict(Provenance("phantom truth", "", "", "", "")),
    )
    return solve(result, film.pixels)


def trueTracing(node: slicer.vtkMRMLVolumeNode, seed: int = SEED) -> CephNodes:
    """The phantom's true tracing in the scene: to learn dragging, and to test it without a network."""
    phantom = sample_film(seed)
    if pictureOf(node, LATERAL_FILM).pixels.shape != phantom.film.pixels.shape:
        raise ValueError("the volume is not the phantom's film")
    result = trueResult(phantom)
    return RESULTS.write(result, node, lambda: writeNodes(node, result))
