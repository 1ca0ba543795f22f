"""Is this a picture that a network should look at? Cheap tests on the pixels alone (numpy, scipy)."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from DeepMedLib.errors import BadInput

SMALLEST_SIDE = 200
LARGEST_PIXELS = 120_000_000
SMALLEST_CONTRAST = 0.02  # of the range of values, between the 2 and 98 percentiles, against the value's own size
NOISE_CORRELATION = 0.6  # between neighbouring blocks; films: above 0.95
LONGEST_ASPECT = 3.0


def check_film(film: np.ndarray) -> np.ndarray:
    """A film as numbers that a network may look at.

    Args:
        film: (H, W) of any numbers.

    Returns:
        The same array; float32 where it was boolean.

    Raises:
        BadInput: it is not a plane of finite numbers, too small, too large, far too long, blank, or noise.
    """
    film = np.asarray(film)
    if film.ndim != 2 or film.dtype.kind not in "iufb":
        raise BadInput("The film is not a plane of grey values.", "Give one grey picture: DICOM, PNG, JPEG or TIFF.")
    height, width = film.shape
    if min(height, width) < SMALLEST_SIDE:
        raise BadInput(
            f"The picture has only {width} x {height} pixels.",
            f"Give the full-size film, at least {SMALLEST_SIDE} pixels on each side.",
        )
    if height * width > LARGEST_PIXELS:
        raise BadInput(
            f"The picture has {width} x {height} pixels.", "Give the film at 10 pixels a millimeter or less."
        )
    if max(height, width) > LONGEST_ASPECT * min(height, width):
        raise BadInput(
            f"The picture of {width} x {height} pixels is a strip, not a film.", "Give the whole lateral film."
        )
    if film.dtype.kind == "b":
        film = film.astype(np.float32)
    if film.dtype.kind == "f" and not np.isfinite(film).all():
        raise BadInput("The film holds values that are not numbers (NaN or infinite).", "Export the film again.")
    step = max(1, int(np.sqrt(height * width / 250_000)))
    small = film[::step, ::step].astype(np.float64)
    low, high = np.percentile(small, (2, 98))
    if high - low <= 2 or high - low < SMALLEST_CONTRAST * max(abs(low), abs(high)):
        if not (film.dtype.kind == "f" and high - low > 1e-3 and max(abs(low), abs(high)) <= 1.5):
            raise BadInput("The picture is blank: it has hardly any contrast.", "Choose the lateral film.")
    if block_correlation(film) < NOISE_CORRELATION:
        raise BadInput("The picture looks like noise, not like a film.", "Check that the right file was chosen.")
    return film


def block_correlation(film: np.ndarray) -> float:
    """Correlation of neighbouring blocks of a hundredth of the film (the smaller of both directions).

    About 0 for independent noise, near 1 for anything with shapes in it.
    """
    block = max(1, min(film.shape) // 100)
    rows, columns = (size // block * block for size in film.shape)
    cells = film[:rows, :columns].astype(np.float64).reshape(rows // block, block, columns // block, block).mean((1, 3))
    cells = ndimage.zoom(cells, 1.0) if block == 1 else cells
    found = []
    for a, b in ((cells[:, 1:], cells[:, :-1]), (cells[1:], cells[:-1])):
        power = float(a.std() * b.std())
        found.append(float(((a - a.mean()) * (b - b.mean())).mean()) / power if power > 0 else 0.0)
    return min(found)
