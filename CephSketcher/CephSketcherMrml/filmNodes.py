"""Films in the scene: loading a file with its scale, and the film that a volume shows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import slicer

from CephSketcherLib.film.files import PROJECT_REMEDY, Film, film_from_array, read_film, to_display
from CephSketcherLib.film.scale import FilmScale
from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.sourceFiles import isRemembered, rememberFile, sourceFile
from DeepMedLib.mrml.transaction import sceneTransaction
from DeepMedLib.mrml.volumes import (
    numberOfFrames,
    pictureFromVolume,
    setSpacingOfPicture,
    spacingOfPicture,
    volumeFromPicture,
)
from DeepMedLib.picture_files import kind_of

SCALE_ATTRIBUTE = "DeepMed.FilmScale"
NOTES_ATTRIBUTE = "DeepMed.FilmNotes"


def loadFilm(path: str | Path) -> slicer.vtkMRMLVolumeNode:
    """Read a film into a volume node that shows it at its true size where the file states one.

    Raises:
        BadInput: see `CephSketcherLib.film.files.read_film`; the scene stays as it was.
    """
    film = read_film(path)
    with sceneTransaction():
        volumeNode = addFilm(film)
        rememberFile(volumeNode, path)
    return volumeNode


def addFilm(film: Film) -> slicer.vtkMRMLVolumeNode:
    """A film as a one-slice volume, shown from its dark to its bright end."""
    spacing = (film.scale.mm_per_px_x, film.scale.mm_per_px_y) if film.scale is not None else None
    volumeNode = volumeFromPicture(film.pixels, spacing, film.name)
    if spacing is None and film.aspect != 1.0:  # shown in its true shape; its size stays unknown
        volumeNode.SetSpacing(1.0, film.aspect, 1.0)
    if film.scale is not None:
        setScale(volumeNode, film.scale)
    volumeNode.SetAttribute(NOTES_ATTRIBUTE, json.dumps(film.notes))
    volumeNode.CreateDefaultDisplayNodes()
    low, high = (float(v) for v in np.percentile(film.pixels[::4, ::4], (0.5, 99.5)))
    display = volumeNode.GetDisplayNode()
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(low, max(high, low + 1))
    return volumeNode


def filmOf(volumeNode: slicer.vtkMRMLVolumeNode | None) -> Film:
    """The film that a volume shows, with what its file says about its scale.

    A DICOM film that Slicer's own reader loaded is read again from its file: its white may have been stored as low.

    Raises:
        BadInput: no volume, several slices, or no film.
    """
    if volumeNode is None:
        raise BadInput("No film is selected.", "Choose or load a lateral cephalogram.")
    slices = numberOfFrames(volumeNode)
    if slices > 1:
        raise BadInput(f"{volumeNode.GetName()} is a volume of {slices} slices, not a film.", PROJECT_REMEDY)
    pixels = pictureFromVolume(volumeNode)
    path = sourceFile(volumeNode)
    if path is not None and not isRemembered(volumeNode) and kind_of(path) == "dicom":
        film = read_film(path)
        if film.pixels.shape == pixels.shape[:2]:
            return film
    spacing = spacingOfPicture(volumeNode)
    film = film_from_array(pixels, volumeNode.GetName(), spacing)
    remembered = volumeNode.GetAttribute(NOTES_ATTRIBUTE)
    notes = tuple(json.loads(remembered)) if remembered else film.notes
    aspect = volumeNode.GetSpacing()[1] / volumeNode.GetSpacing()[0]
    return replace(film, aspect=aspect, notes=notes)


def setScale(volumeNode: slicer.vtkMRMLVolumeNode, scale: FilmScale) -> None:
    """Calibrate a film: its spacing becomes the scale, and where the scale comes from stays with the node."""
    setSpacingOfPicture(volumeNode, (scale.mm_per_px_x, scale.mm_per_px_y))
    volumeNode.SetAttribute(SCALE_ATTRIBUTE, json.dumps(scale.to_dict()))


def scaleOf(volumeNode: slicer.vtkMRMLVolumeNode, film: Film) -> FilmScale | None:
    """The scale set in this scene, else the one that the film states; None when it is not known."""
    return scaleSet(volumeNode) or film.scale


def scaleSet(volumeNode: slicer.vtkMRMLVolumeNode) -> FilmScale | None:
    """The scale set in this scene; None when none was."""
    text = volumeNode.GetAttribute(SCALE_ATTRIBUTE)
    return FilmScale.from_dict(json.loads(text)) if text else None


def displayOf(volumeNode: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """(H, W) uint8: the film for drawing on."""
    return to_display(filmOf(volumeNode).pixels)
