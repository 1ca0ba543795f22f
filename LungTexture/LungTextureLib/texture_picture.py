"""Slices of a chest CT with the lungs' textures in color, and their names (Pillow for the text)."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from DeepMedLib.ct.working import canonical_view
from DeepMedLib.geometry import Grid
from LungTextureLib.classes import CLASSES

WINDOW_HU = (-1000.0, -500.0)
NOT_SURE_COLOR = (0.55, 0.55, 0.55)
COLORS = (*(item.color for item in CLASSES), NOT_SURE_COLOR)
NAMES = (*(item.name for item in CLASSES), "Not sure")
_LUNG_COLOR = (0.45, 0.70, 0.90)
_LINE = 20


def texture_picture(
    values: np.ndarray, lungs: np.ndarray, textures: np.ndarray | None, grid: Grid, width: int = 1000
) -> np.ndarray:
    """(H, W, 3) uint8: axial slices of upper, middle and lower lungs, plain above, colored below, and a legend.

    Front of the patient at the top, the patient's right at the left.

    Args:
        values: (k, j, i) HU.
        lungs: the same shape, 1 right, 2 left.
        textures: classes from 1 and "not sure" after them; None shows the lungs' outlines.
        grid: where they lie.
        width: pixels of the picture, about.
    """
    change = grid.canonical()
    hu, inside = (canonical_view(array, change)[:, ::-1, ::-1] for array in (values, lungs))
    colored = None if textures is None else canonical_view(textures, change)[:, ::-1, ::-1]
    dx, dy, _ = (float(value) for value in change.target.spacing)
    box = _box(inside)
    step = 3 * (box[1].stop - box[1].start) * dx / width
    plain, marked = [], []
    for k in _places(inside):
        low, high = WINDOW_HU
        grey = np.clip((hu[k][box].astype(np.float32) - low) * (255 / (high - low)), 0, 255)
        grey = np.clip(ndimage.zoom(grey, (dy / step, dx / step), order=1), 0, 255).astype(np.uint8)
        tile = np.repeat(grey[..., None], 3, axis=-1)
        plain.append(tile)
        marked.append(
            _colored(tile, inside[k][box], None if colored is None else colored[k][box], (dy / step, dx / step))
        )
    found = [] if textures is None else [n for n in range(len(NAMES)) if (textures == n + 1).any()]
    return np.vstack([np.hstack(plain), np.hstack(marked), _legend(found, 3 * plain[0].shape[1])])


def _box(inside: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns around both lungs; the whole slice without lungs."""
    found = ndimage.find_objects(inside.any(axis=0).astype(np.uint8))
    if not found:
        return slice(0, inside.shape[1]), slice(0, inside.shape[2])
    return tuple(slice(max(0, part.start - 4), part.stop + 4) for part in found[0])  # type: ignore[return-value]


def _places(inside: np.ndarray) -> list[int]:
    rows = np.flatnonzero(inside.any(axis=(1, 2)))
    rows = rows if len(rows) else np.arange(len(inside))
    return [int(rows[round(share * (len(rows) - 1))]) for share in (0.8, 0.5, 0.25)]


def _colored(tile: np.ndarray, inside: np.ndarray, colored: np.ndarray | None, zoom: tuple[float, float]) -> np.ndarray:
    out = tile.copy()
    if colored is None:
        mask = ndimage.zoom((inside > 0).astype(np.uint8), zoom, order=0) > 0
        out[mask & ~ndimage.binary_erosion(mask, iterations=2)] = np.rint(255 * np.array(_LUNG_COLOR))
        return out
    labels = ndimage.zoom(colored, zoom, order=0)
    for number, color in enumerate(COLORS):
        mask = labels == number + 1
        out[mask] = (0.55 * out[mask] + 0.45 * 255 * np.array(color)).astype(np.uint8)
    return out


def _legend(found: list[int], width: int) -> np.ndarray:
    from PIL import Image, ImageDraw, ImageFont

    columns = max(1, width // 260)
    image = Image.new("RGB", (width, max(1, -(-len(found) // columns)) * _LINE + 6), (0, 0, 0))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=14)
    for number, index in enumerate(found):
        x, y = (number % columns) * 260 + 6, (number // columns) * _LINE + 3
        color = tuple(round(255 * part) for part in COLORS[index])
        draw.rectangle((x, y + 3, x + 12, y + 15), fill=color)
        draw.text((x + 18, y), NAMES[index], fill=(225, 225, 225), font=font)
    return np.asarray(image)
