"""What both landmark networks see and what their maps mean (torch; imported by the worker only).

The coarse network looks at the whole film, shrunk to `CANVAS`: one map a landmark, a sigmoid of which says how sure it
is that the landmark is there. The fine network looks at the face in a canonical frame (turned and scaled by the coarse
points) at twice the resolution of its maps: one probability distribution over the plane a landmark.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from CephSketcherLib.landmarks.face_frame import Similarity

CANVAS = (192, 160)  # rows, columns of the whole film
FACE = (320, 288)  # rows, columns of the canonical face; its maps have half as many
MAP_STEP = 2  # face pixels a map pixel
COARSE_OFFSET = 6.0  # taken from the coarse maps, so that a fresh network starts at "nothing here"


def film_tensor(film: np.ndarray) -> torch.Tensor:
    """(H, W) of any numbers -> (1, 1, H, W) float32; the 0.1 and 99.9 percentiles become 0 and 1."""
    film = np.asarray(film)
    sample = film[:: max(1, film.shape[0] // 800), :: max(1, film.shape[1] // 800)]
    low, high = np.percentile(sample, (0.1, 99.9))
    scaled = film.astype(np.float32)
    scaled -= np.float32(low)
    scaled /= np.float32(max(1e-6, float(high - low)))
    return torch.from_numpy(np.ascontiguousarray(scaled)).clamp_(0, 1)[None, None]


def shrink(film: torch.Tensor, factor: float) -> tuple[torch.Tensor, Similarity]:
    """A film (1, 1, H, W) with fewer pixels, averaged, and the map from its pixels to those of the given one."""
    height, width = film.shape[2:]
    size = (max(8, round(height * factor)), max(8, round(width * factor)))
    small = F.interpolate(film, size, mode="bilinear", antialias=factor < 1, align_corners=False)
    sx, sy = width / size[1], height / size[0]
    # Pixel centers are at integers; a resized picture keeps its corners.
    return small, Similarity(np.array([[sx, 0, 0.5 * sx - 0.5], [0, sy, 0.5 * sy - 0.5]]))


def letterbox(height: int, width: int, canvas: tuple[int, int] = CANVAS) -> Similarity:
    """Pixels of a film -> pixels of the canvas: as large as fits, in the middle."""
    scale = min(canvas[0] / height, canvas[1] / width)
    shift = [(canvas[1] - 1) / 2 - scale * (width - 1) / 2, (canvas[0] - 1) / 2 - scale * (height - 1) / 2]
    return Similarity(np.array([[scale, 0, shift[0]], [0, scale, shift[1]]]))


def sampling_grid(to_film: Similarity, canvas: tuple[int, int], film_size: tuple[int, int]) -> torch.Tensor:
    """(1, h, w, 2) for `grid_sample` (align_corners False): where each canvas pixel lies on the film."""
    row, column = torch.meshgrid(torch.arange(canvas[0]), torch.arange(canvas[1]), indexing="ij")
    pixels = torch.stack((column, row), -1).float()
    return normalised(apply(to_film, pixels), film_size)[None]


def apply(transform: Similarity, pixels: torch.Tensor) -> torch.Tensor:
    """(..., 2) float32 points through a transform."""
    matrix = torch.from_numpy(transform.matrix.astype(np.float32))
    return pixels @ matrix[:, :2].T + matrix[:, 2]


def normalised(pixels: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Pixel positions (..., 2) as (x, y) -> the -1..1 of `grid_sample` with align_corners False."""
    extent = torch.tensor([size[1], size[0]], dtype=pixels.dtype)
    return (2 * pixels + 1) / extent - 1


def channels(grey: torch.Tensor) -> torch.Tensor:
    """Grey (n, 1, H, W) of any range -> (n, 2, H, W): stretched between its 2 and 98 percentiles; local contrast.

    Local contrast, (x - mean) / SD of the surroundings, shows the soft profile where the film is nearly black and makes
    scanners alike.
    """
    n, _, height, width = grey.shape
    sample = grey[:, :, ::4, ::4].reshape(n, -1)
    low, high = (torch.quantile(sample, q, dim=1).reshape(n, 1, 1, 1) for q in (0.02, 0.98))
    x = ((grey - low) / (high - low).clamp_min(1e-3)).clamp(-0.2, 1.3)
    cell = max(4, height // 26)

    def smooth(y: torch.Tensor) -> torch.Tensor:
        pooled = F.avg_pool2d(y, cell, cell // 2, padding=cell // 2, count_include_pad=False)
        return F.interpolate(pooled, (height, width), mode="bilinear", align_corners=True)

    difference = x - smooth(x)
    local = difference / torch.sqrt(smooth(difference**2) + 4e-4)
    return torch.cat((2 * x - 1, 0.5 * local.clamp(-4, 4)), 1)


def fine_input(face: torch.Tensor) -> torch.Tensor:
    """(n, 1, *FACE) grey -> (n, 8, FACE / 2): both channels, each 2 x 2 block of pixels as four channels."""
    return F.pixel_unshuffle(channels(face), MAP_STEP)


def distributions(logits: torch.Tensor) -> torch.Tensor:
    """Fine maps (n, L, h, w) -> probabilities that sum to one over the plane."""
    n, count, height, width = logits.shape
    return torch.softmax(logits.reshape(n, count, -1), 2).reshape(n, count, height, width)


def moments(p: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (n, L, 2) and covariance (n, L, 2, 2) of distributions (n, L, h, w), in map pixels (x, y)."""
    height, width = p.shape[2:]
    x, y = torch.arange(width, dtype=p.dtype), torch.arange(height, dtype=p.dtype)
    px, py = p.sum(2), p.sum(3)
    mx, my = px @ x, py @ y
    xx = px @ x**2 - mx**2
    yy = py @ y**2 - my**2
    xy = torch.einsum("nlhw,h,w->nl", p, y, x) - mx * my
    return torch.stack((mx, my), -1), torch.stack((torch.stack((xx, xy), -1), torch.stack((xy, yy), -1)), -2)


def face_of_map(points: torch.Tensor) -> torch.Tensor:
    """Map pixels -> face pixels."""
    return points * MAP_STEP + (MAP_STEP - 1) / 2


def map_of_face(points: torch.Tensor) -> torch.Tensor:
    """Face pixels -> map pixels."""
    return (points - (MAP_STEP - 1) / 2) / MAP_STEP
