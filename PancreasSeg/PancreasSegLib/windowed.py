"""Organs in an 8-bit axial slice picture whose window, pixel size and way of lying are not known (torch; worker
only)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from DeepMedLib.errors import BadInput
from PancreasSegLib.framing import NOMINAL_WIDTH_MM, PIXEL_MM, resized, tissue_box, working_size
from PancreasSegLib.network_pass import OFFSETS_MM, PICTURE_LOOKS, Look, seen_by
from PancreasSegLib.organ_model import OrganModels
from PancreasSegLib.organ_network import ORIENTATIONS
from PancreasSegLib.organs import BY_KEY, CHANNELS

WAYS = (
    "upright: front at the top, the patient's right at the left",
    "turned a quarter counterclockwise",
    "upside down by half a turn",
    "turned a quarter clockwise",
    "mirrored, left and right exchanged",
    "mirrored, and turned a quarter counterclockwise",
    "mirrored, top and bottom exchanged",
    "mirrored, and turned a quarter clockwise",
)
"""What the network's eight ways mean: quarter turns against the clock, from the fourth on after a mirroring."""

_SQUARE = 128
_LABELS = np.array([0, *(BY_KEY[organ].label for organ in CHANNELS)], np.uint8)


@dataclass(frozen=True, eq=False)
class SliceSegmentation:
    """Labels of a picture.

    Attributes:
        labels: (H, W) uint8 as the picture lies, ids of `ORGANS`.
        way: index into `WAYS`.
        way_probability: of that.
    """

    labels: np.ndarray
    way: int
    way_probability: float


def turned_back(array: np.ndarray, way: int) -> np.ndarray:
    """An array (..., H, W) that was turned by ``way``, upright again."""
    straight = np.rot90(array, -(way % 4), (-2, -1))
    return straight[..., ::-1] if way >= 4 else straight


def turned(array: np.ndarray, way: int) -> np.ndarray:
    """An upright array (..., H, W) turned by ``way``; `turned_back` undone."""
    return np.rot90(array[..., ::-1] if way >= 4 else array, way % 4, (-2, -1))


def way_of(picture: np.ndarray, models: OrganModels) -> np.ndarray:
    """(8,) probabilities of how a picture (H, W) uint8 lies."""
    small = _working(picture)
    square = np.zeros((_SQUARE, _SQUARE), np.uint8)
    height, width = small.shape
    top, left = (height - _SQUARE) // 2, (width - _SQUARE) // 2
    rows, columns = slice(max(0, top), top + _SQUARE), slice(max(0, left), left + _SQUARE)
    part = small[rows, columns]
    square[max(0, -top) : max(0, -top) + part.shape[0], max(0, -left) : max(0, -left) + part.shape[1]] = part
    network, device = models.organs.network, models.organs.device.name
    # Each way of asking has its own right answer; together they are surer than one.
    total = np.zeros(ORIENTATIONS)
    with torch.inference_mode():
        for asked in range(ORIENTATIONS):
            view = torch.from_numpy(np.ascontiguousarray(turned(square, asked))).float().to(device) / 255
            answer = network.orientation(view.expand(1, len(OFFSETS_MM), -1, -1).contiguous())[0]
            log = torch.log_softmax(answer.float(), 0).cpu().numpy()
            total += [log[_after(way, asked)] for way in range(ORIENTATIONS)]
    share = np.exp((total - total.max()) / 2)  # the eight answers are far from independent
    return share / share.sum()


def segment_slice(picture: np.ndarray, models: OrganModels, way: int | None = None) -> SliceSegmentation:
    """Outline organs in a picture.

    Args:
        picture: (H, W) uint8, bright = dense.
        way: how it lies, index into `WAYS`; None lets the network tell.

    Raises:
        BadInput: it is not a grey picture, or too small.
    """
    if picture.ndim != 2 or picture.dtype != np.uint8:
        raise BadInput("The picture is not an 8-bit grey one.", "Give an axial CT slice as PNG or JPEG.")
    if min(picture.shape) < 64:
        raise BadInput(f"The picture has only {picture.shape[1]} x {picture.shape[0]} pixels.", "Give a larger one.")
    share = 1.0
    if way is None:
        ways = way_of(picture, models)
        way, share = int(ways.argmax()), float(ways.max())
    straight = np.ascontiguousarray(turned_back(picture, way))
    total = torch.zeros(())
    for look in PICTURE_LOOKS:
        views = torch.from_numpy(_working(straight, look.zoom)).float().expand(1, len(OFFSETS_MM), -1, -1) / 255
        # The picture is scaled once, from its own pixels.
        small = seen_by(models.organs.network, views.contiguous(), Look(turn=look.turn), models.organs.device.name)
        total = total + F.interpolate(small, straight.shape, mode="bilinear", align_corners=False)[0]
    labels = _LABELS[total.argmax(0).numpy()]
    return SliceSegmentation(np.ascontiguousarray(turned(labels, way)), way, share)


def _working(picture: np.ndarray, zoom: float = 1.0) -> np.ndarray:
    """The picture at the networks' scale, its body ``zoom`` times as wide as a usual one."""
    top, bottom, left, right = tissue_box(picture)
    # Lying on its side, a body is taller than wide.
    pixel_mm = zoom * NOMINAL_WIDTH_MM / max(right - left, bottom - top)
    return resized(picture[None], working_size(picture.shape, (pixel_mm, pixel_mm), PIXEL_MM))[0]


def _after(way: int, asked: int) -> int:
    """The way in which something lies that lay in ``way`` and was then turned by ``asked``."""
    mirrored, quarters = asked >= 4, asked % 4
    before = -(way % 4) if mirrored else way % 4
    return (before + quarters) % 4 + 4 * ((way >= 4) != mirrored)
