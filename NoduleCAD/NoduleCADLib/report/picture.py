"""Axial slices through the marks, each with its outline and number (Pillow for the text)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from NoduleCADLib.axial_scan import AxialScan
from NoduleCADLib.mark import ACCEPTED, REJECTED, NoduleMark

WINDOW_HU = (-1350.0, 150.0)
_SIDE_MM = 60.0
_MOST, _COLUMNS = 8, 4
COLORS = {ACCEPTED: (110, 220, 120), REJECTED: (150, 150, 150), "": (255, 170, 60)}


def marks_picture(scan: AxialScan, labels: np.ndarray, marks: Sequence[NoduleMark], width: int = 1000) -> np.ndarray:
    """(H, W, 3) uint8: a tile of 60 x 60 mm for each of the first eight marks, or the middle slice without marks.

    Front of the patient at the top, the patient's right at the left.

    Args:
        labels: (x, y, z) uint8, label n is mark n.
    """
    from PIL import Image, ImageDraw, ImageFont

    if not marks:
        return _whole(scan, width)
    side = max(80, width // _COLUMNS)
    rows = -(-min(len(marks), _MOST) // _COLUMNS)
    image = Image.new("RGB", (side * _COLUMNS, side * rows), (0, 0, 0))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=max(11, side // 14))
    for number, mark in enumerate(marks[:_MOST]):
        x, y = number % _COLUMNS * side, number // _COLUMNS * side
        image.paste(Image.fromarray(_tile(scan, labels, mark, side)), (x, y))
        size = "" if mark.mean_mm is None else f"  {mark.mean_mm:.1f} mm"
        draw.text((x + 6, y + 4), f"{mark.number}{size}", fill=COLORS[mark.decision], font=font)
    return np.asarray(image)


def _tile(scan: AxialScan, labels: np.ndarray, mark: NoduleMark, side: int) -> np.ndarray:
    xyz = scan.xyz(np.array(mark.position))
    steps = ((np.arange(side) + 0.5) / side - 0.5) * _SIDE_MM
    columns, rows = xyz[0] - steps / scan.spacing[0], xyz[1] - steps / scan.spacing[1]  # R at the left, front on top
    z = int(np.clip(round(float(xyz[2])), 0, scan.hu.shape[2] - 1))
    at = np.meshgrid(columns, rows, indexing="xy")
    plane = ndimage.map_coordinates(scan.hu[:, :, z].astype(np.float32), at, order=1, cval=-1000.0)
    own = ndimage.map_coordinates((labels[:, :, z] == mark.number).astype(np.float32), at, order=1) >= 0.5
    tile = np.repeat(_gray(plane)[..., None], 3, axis=-1)
    tile[own & ~ndimage.binary_erosion(own)] = COLORS[mark.decision]
    tile[-1], tile[:, -1] = 40, 40
    return tile


def _whole(scan: AxialScan, width: int) -> np.ndarray:
    plane = scan.hu[::-1, ::-1, scan.hu.shape[2] // 2].T.astype(np.float32)
    step = plane.shape[1] * float(scan.spacing[0]) / width
    zoom = (float(scan.spacing[1]) / step, float(scan.spacing[0]) / step)
    return np.repeat(_gray(ndimage.zoom(plane, zoom, order=1))[..., None], 3, axis=-1)


def _gray(hu: np.ndarray) -> np.ndarray:
    low, high = WINDOW_HU
    return np.clip((hu - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
