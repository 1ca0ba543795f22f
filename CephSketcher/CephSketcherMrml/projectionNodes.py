"""A lateral film of a head CT or CBCT in the scene."""

from __future__ import annotations

import slicer

from CephSketcherLib.film.lateral_film import HEAD
from CephSketcherLib.film.projection import Geometry, project_lateral
from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs.pictureNodes import addPicture
from DeepMedLib.mrml.inputs.scanNodes import REMARKS_ATTRIBUTE
from DeepMedLib.mrml.inputs.volumes import arrayFromVolume
from DeepMedLib.mrml.results.provenance import setProvenance
from DeepMedLib.mrml.results.transaction import sceneTransaction
from DeepMedLib.picture.picture import Origin, Picture
from DeepMedLib.picture.scale import Scale
from DeepMedLib.provenance import Provenance

PARALLEL, DIVERGENT = "parallel", "divergent"
SMALLEST_HEAD_MM = 80.0
_OF = "DeepMed.ProjectionOf"


def isProjection(volumeNode: slicer.vtkMRMLVolumeNode) -> bool:
    """Whether a film was made of a volume."""
    return volumeNode.GetAttribute(_OF) is not None


def lateralFilm(
    volumeNode: slicer.vtkMRMLScalarVolumeNode | None,
    rays: str = PARALLEL,
    sourceToMidplane: float = 1524.0,
    midplaneToFilm: float = 150.0,
    pixel: float = 0.25,
    slab: float = 0.0,
) -> slicer.vtkMRMLVolumeNode:
    """The film as a new volume with its scale; the face looks right.

    Args:
        rays: parallel (true lengths) or divergent (as from a cephalostat, magnified).
        sourceToMidplane, midplaneToFilm: mm, for divergent rays.
        pixel: mm on the film.
        slab: only tissue within half of this from the middle, mm; 0 for the whole head.

    Raises:
        BadInput: no volume, too thin a volume, or a geometry that is not possible.
    """
    if volumeNode is None:
        raise BadInput("No head volume is selected.", "Choose a head CT or CBCT.")
    if rays not in (PARALLEL, DIVERGENT):
        raise BadInput(f"Rays cannot be '{rays}'.", "Choose parallel or divergent.")
    array, grid = arrayFromVolume(volumeNode)
    if array.ndim != 3 or min(array.shape) < 8:
        raise BadInput(f"{volumeNode.GetName()} is no volume of a head.", "Choose a head CT or CBCT of many slices.")
    source = sourceToMidplane if rays == DIVERGENT else None
    geometry = Geometry(source_mm=source, film_mm=midplaneToFilm, pixel_mm=pixel, slab_mm=slab or None)
    film = project_lateral(array, grid, geometry)
    size = [side * film.mm_per_px for side in film.film.shape]
    if min(size) < SMALLEST_HEAD_MM:
        raise BadInput(
            f"The volume gives a film of {size[1]:.0f} x {size[0]:.0f} mm, too small for a face.",
            "Choose a CT or CBCT of the whole face.",
        )
    magnification = geometry.magnification if rays == DIVERGENT else None
    scale = Scale(
        film.mm_per_px,
        film.mm_per_px,
        f"lateral projection, {rays} rays",
        plane=HEAD,
        magnification=magnification,
    )
    notes = ("The film is a projection of a volume, not an exposure.",)
    with sceneTransaction():
        node = addPicture(Picture(film.film, Origin(f"{volumeNode.GetName()} lateral film", scale=scale, notes=notes)))
        setProvenance(node, Provenance("lateral projection", "", "", "", "numpy"))
        node.SetAttribute(_OF, volumeNode.GetName())
        if volumeNode.GetAttribute(REMARKS_ATTRIBUTE):  # a slice that the scan lacks is missing in the film, too
            node.SetAttribute(REMARKS_ATTRIBUTE, volumeNode.GetAttribute(REMARKS_ATTRIBUTE))
        node.SetAttribute(
            "DeepMed.Projection",
            f"{rays} rays, source to mid-plane {source or 0:g} mm, to film {midplaneToFilm:g} mm, slab {slab:g} mm",
        )
    return node
