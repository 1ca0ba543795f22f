"""Finding the depth ruler drawn on an ultrasound screen and proposing the pixel size that it means.

A ruler is a column (or row) of short bright marks at equal distances. Marks are looked for as thin bright spots; the
best arithmetic progression among the spots of one column is kept only when spots scattered at random would hardly ever
line up as well ("number of false alarms", Desolneux, Moisan and Morel 2000). The pitch follows from least squares over
sub-pixel mark positions. How many millimetres a mark is worth cannot be read off the marks alone: it is proposed from
the pattern of longer marks and from the depth that would follow, and has to be confirmed by the user.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage
from scipy.special import betainc

from DeepMedLib.picture.picture import Picture
from DeepMedLib.picture.ruler_pattern import RulerReading, read_pattern
from DeepMedLib.picture.scale import Scale

SMALLEST_PITCH = 9.0  # pixels; speckle itself repeats below that
LEAST_MARKS = 5
SMALLEST_MM, LARGEST_MM = 0.005, 5.0  # of a pixel
LEAST_RESPONSE = 40.0  # grey levels above the surroundings
TOLERANCE = 1.1  # pixels between a spot and its place in the progression
LEAST_SPAN = 0.3  # of the picture's side: words are regular, too, but short
WORST_RESIDUAL = 0.55  # pixels, root mean square; chance gives about 0.6
MOST_SPOTS = 60  # strongest spots of a column that are looked at
FALSE_ALARMS = 1e-4  # expected number of chance rulers a picture
_LEVELS = (LEAST_RESPONSE, 60.0, 90.0, 135.0, 200.0)
_TOLERANCES = (TOLERANCE, 0.7)
_STRIP = 0.22  # share of the picture's width (or height) searched at each edge


@dataclass(frozen=True)
class RulerProposal:
    """A ruler that was found, for the user to confirm.

    Attributes:
        axis: "y" for marks one below another, "x" for marks side by side.
        position_px: column (axis y) or row (axis x) of the marks.
        ticks_px: (n,) sub-pixel places of the marks along the axis, in pixels.
        pitch_px: pixels from mark to mark.
        pitch_sd_px: its standard uncertainty.
        residual_px: root mean square distance of the marks from perfect regularity.
        reading: what a mark is worth, with the alternatives.
        log10_false_alarms: how unlikely the marks are to line up by chance (the lower the better).
    """

    axis: str
    position_px: float
    ticks_px: np.ndarray
    pitch_px: float
    pitch_sd_px: float
    residual_px: float
    reading: RulerReading
    log10_false_alarms: float

    @property
    def mm_per_tick(self) -> float:
        """The proposed worth of one mark."""
        return self.reading.proposed_mm

    @property
    def mm_per_px(self) -> float:
        """The proposed pixel size."""
        return self.mm_per_tick / self.pitch_px

    @property
    def confidence(self) -> float:
        """0..1: how sure the worth of a mark is, given the ruler."""
        return self.reading.confidence

    def points(self) -> np.ndarray:
        """(n, 2) places of the marks as (x, y)."""
        across = np.full_like(self.ticks_px, self.position_px)
        return np.column_stack((across, self.ticks_px) if self.axis == "y" else (self.ticks_px, across))

    def with_mm_per_tick(self, mm: float) -> RulerProposal:
        """The same ruler with a mark's worth chosen by the user."""
        return replace(self, reading=self.reading.chosen(mm))

    def scale(self, confirmed: bool = False, aspect: float = 1.0) -> Scale:
        """Pixel size, not confirmed unless the user did so.

        Args:
            aspect: height of a pixel over its width; the ruler tells one of both.

        Raises:
            BadInput: the pixel size that follows is impossible.
        """
        source = f"ruler of {len(self.ticks_px)} marks, {self.mm_per_tick:g} mm each"
        width = self.mm_per_px / aspect if self.axis == "y" else self.mm_per_px
        return Scale(
            width,
            width * aspect,
            f"{source}, confirmed by the user" if confirmed else f"{source}, proposed",
            confirmed,
            "" if confirmed else f"{self.reading.reason} Please confirm.",
            self.pitch_sd_px / self.pitch_px,
        )

    def text(self) -> str:
        """One sentence for the user."""
        return (
            f"Ruler with {len(self.ticks_px)} marks every {self.pitch_px:.2f} pixels; taken as "
            f"{self.mm_per_tick:g} mm a mark this is {self.mm_per_px:.4f} mm per pixel. {self.reading.reason}"
        )


@dataclass(frozen=True)
class _Line:
    """A progression found in one column."""

    column: int
    start: float
    pitch: float
    rows: np.ndarray  # (n,) rows of the spots that are hit
    index: np.ndarray  # (n,) their places in the progression
    log_alarms: float
    strength: float


def propose_ruler(picture: Picture | np.ndarray) -> RulerProposal | None:
    """Look for a ruler along the left, right, top and bottom edges; None when there is none to rely on.

    Args:
        picture: a checked picture, or its grey pixels (H, W).
    """
    grey = picture.grey() if isinstance(picture, Picture) else np.asarray(picture)
    if grey.ndim != 2 or min(grey.shape) < 64:
        return None
    best: RulerProposal | None = None
    for axis, view in (("y", grey), ("x", grey.T)):
        found = _search(np.ascontiguousarray(view, np.float32), axis, grey.shape)
        if found is not None and (best is None or found.log10_false_alarms < best.log10_false_alarms):
            best = found
    return best


def _search(grey: np.ndarray, axis: str, shape: tuple[int, ...]) -> RulerProposal | None:
    """The best ruler of vertical direction in this view of the picture."""
    height, width = grey.shape
    strip = max(24, round(_STRIP * width))
    response = np.zeros_like(grey)
    for edge in (slice(0, min(strip, width)), slice(max(strip, width - strip), width)):
        response[:, edge] = mark_response(grey[:, edge], width)
    spots = (response >= LEAST_RESPONSE) & (response >= ndimage.maximum_filter1d(response, 5, axis=0))
    spots[1:] &= response[1:] > response[:-1]  # of two equal rows, the first
    columns = np.flatnonzero(spots.sum(axis=0) >= LEAST_MARKS)
    columns = columns[columns % 2 == 0]  # marks are wider than one pixel
    tests = 0.0
    lines = []
    for column in columns:
        rows = np.flatnonzero(spots[:, column])
        strengths = response[rows, column]
        if len(rows) > MOST_SPOTS:
            keep = np.sort(np.argsort(strengths)[-MOST_SPOTS:])
            rows, strengths = rows[keep], strengths[keep]
        line, tried = _best_progression(int(column), rows.astype(float), strengths, height)
        tests += tried
        if line is not None:
            lines.append(line)
    if not lines:
        return None
    lines.sort(key=lambda line: (line.log_alarms, -line.strength))
    for line in lines[:8]:
        if line.log_alarms + math.log10(max(tests, 1)) > math.log10(FALSE_ALARMS):
            break
        found = _measure(grey, response, line, axis, shape, math.log10(max(tests, 1)))
        if found is not None:
            return found
    return None


def mark_response(grey: np.ndarray, width: int) -> np.ndarray:
    """How much a spot stands out as a short mark, in grey levels: thin along y and not long along x.

    Args:
        grey: (H, w) float32, a strip of the picture.
        width: columns of the whole picture.
    """
    thin = grey - ndimage.grey_opening(grey, size=(9, 1))
    short = grey - ndimage.grey_opening(grey, size=(1, max(25, round(0.035 * width) | 1)))
    return ndimage.convolve1d(np.minimum(thin, short), np.array([0.25, 0.5, 0.25], np.float32), axis=1)


def _best_progression(column: int, rows: np.ndarray, strengths: np.ndarray, height: int) -> tuple[_Line | None, float]:
    """The progression in one column that chance explains least, and how many were tried."""
    n = len(rows)
    chance = min(0.9, n * 2 * TOLERANCE / height)
    first = np.concatenate([np.arange(n - step) for step in (1, 2, 3)])
    gaps = np.concatenate([rows[step:] - rows[:-step] for step in (1, 2, 3)])
    fits = (gaps >= SMALLEST_PITCH) & (gaps <= height / (LEAST_MARKS - 1))
    first, gaps = first[fits], gaps[fits]
    if not len(gaps):
        return None, 0.0
    # Only pairs whose near continuation is there as well are worth growing.
    steps = (rows[None, :] - rows[first][:, None]) / gaps[:, None]
    near = np.abs(np.rint(steps)) <= 5
    meets = near & (np.abs(steps - np.rint(steps)) * gaps[:, None] <= 1.5 * TOLERANCE)
    support = meets.sum(axis=1) - 10 * chance
    best = None
    seen: set[int] = set()
    for k in np.argsort(support)[::-1]:
        if support[k] < LEAST_MARKS - 1.5 + math.sqrt(10 * chance) or len(seen) == 6:
            break
        if round(gaps[k]) in seen:
            continue
        seen.add(round(gaps[k]))
        line = _grow(column, rows, strengths, rows[first[k]], gaps[k], height)
        if line is not None and (best is None or line.log_alarms < best.log_alarms):
            best = line
    return best, float(len(gaps))


def _grow(column: int, rows: np.ndarray, strengths: np.ndarray, start: float, gap: float, height: int) -> _Line | None:
    """Extend a pair of spots to a progression, refining its pitch on the way."""
    for reach in (4, 10, 1000):  # few marks first: an error of the pitch grows with distance
        place = np.rint((rows - start) / gap)
        hit = (np.abs(rows - start - place * gap) <= TOLERANCE) & (np.abs(place) <= reach)
        index = place[hit]
        if len(index) < LEAST_MARKS - 1:
            return None
        spread = index - index.mean()
        power = float(spread @ spread)
        if power == 0:
            return None
        gap = float(spread @ rows[hit]) / power
        start = float(rows[hit].mean() - gap * index.mean())
        if gap < SMALLEST_PITCH:
            return None
    best = None
    for tolerance in _TOLERANCES:
        line = _judge(column, rows, strengths, start, gap, height, tolerance)
        if line is not None and (best is None or line.log_alarms < best.log_alarms):
            best = line
    return best


def _judge(
    column: int, rows: np.ndarray, strengths: np.ndarray, start: float, gap: float, height: int, tolerance: float
) -> _Line | None:
    """Which spots belong to the progression, and how likely chance would do as well."""
    place = np.rint((rows - start) / gap)
    distance = np.abs(rows - start - place * gap)
    hit = distance <= tolerance
    if not hit.any():
        return None
    level = float(np.median(strengths[hit]))
    hit &= (strengths > 0.6 * level) & (strengths < 2.5 * level)
    place, found, distance = place[hit], rows[hit], distance[hit]
    order = np.lexsort((distance, place))
    place, found = place[order], found[order]
    first = np.diff(place, prepend=-np.inf) > 0
    place, found = _longest_run(place[first], found[first])
    if len(place) < LEAST_MARKS or found[-1] - found[0] < LEAST_SPAN * height:
        return None
    # The two spots that proposed the progression are no evidence for it.
    predicted, hits = int(place[-1] - place[0]) + 1 - 2, len(place) - 2
    # Marks are bright: only spots about as bright could have taken their places.
    floor = max(step for step in _LEVELS if step <= max(0.6 * level, LEAST_RESPONSE))
    chance = min(0.9, float((strengths >= floor).sum()) * 2 * tolerance / height)
    tail = betainc(hits, predicted - hits + 1, chance) * len(_LEVELS) * len(_TOLERANCES)
    return _Line(column, start, gap, found, place, math.log10(max(float(tail), 1e-300)), level)


def _longest_run(place: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The longest stretch without two missing marks in a row."""
    breaks = np.flatnonzero(np.diff(place) > 2) + 1
    pieces = np.split(np.arange(len(place)), breaks)
    longest = max(pieces, key=len)
    return place[longest], rows[longest]


def _measure(
    grey: np.ndarray, response: np.ndarray, line: _Line, axis: str, shape: tuple[int, ...], log_tests: float
) -> RulerProposal | None:
    """Sub-pixel positions, least squares and the marks' lengths."""
    height = grey.shape[0]
    places, rows = [], []
    for place in range(int(line.index[0]), int(line.index[-1]) + 1):
        row = line.start + place * line.pitch
        if not 2 <= row <= height - 3:
            continue
        fine = _sub_pixel(response[:, line.column], row)
        if fine is None:
            continue
        places.append(place)
        rows.append(fine)
    if len(rows) < LEAST_MARKS:
        return None
    index, y = np.array(places, float), np.array(rows)
    slope = offset = residual = spread = 0.0
    for _ in range(3):
        slope, offset = (float(v) for v in np.polyfit(index, y, 1))
        off = y - offset - slope * index
        residual = float(np.sqrt(np.mean(off**2)))
        keep = np.abs(off) <= max(0.6, 2.5 * residual)
        spread = float(np.sqrt(((index - index.mean()) ** 2).sum()))
        if keep.all():
            break
        index, y = index[keep], y[keep]
        if len(y) < LEAST_MARKS:
            return None
    if residual > WORST_RESIDUAL or slope < SMALLEST_PITCH:
        return None
    at = [round(v) for v in y]
    top = float(np.quantile([grey[r - 1 : r + 2, line.column].max() for r in at], 0.9))
    sizes = np.array([_mark_size(grey, r, line.column, top) for r in at])
    reading = read_pattern(index.astype(int), sizes, slope, shape[0], (SMALLEST_MM, LARGEST_MM))
    if reading is None:
        return None
    uncertainty = max(residual, 0.05) * math.sqrt(len(y) / max(1, len(y) - 2)) / spread
    return RulerProposal(
        axis, float(line.column), y, slope, uncertainty, residual, reading, line.log_alarms + log_tests
    )


def _sub_pixel(profile: np.ndarray, row: float) -> float | None:
    """Centre of mass of the mark within 3 pixels of a row; None when there is no mark."""
    low, high = max(0, round(row) - 4), min(len(profile), round(row) + 5)
    window = profile[low:high]
    peak = int(np.argmax(window))
    top = float(window[peak])
    if top < 0.5 * LEAST_RESPONSE:
        return None
    y = np.arange(low, high)
    near = np.abs(y - (low + peak)) <= 3
    weight = np.where(near, np.maximum(window - 0.2 * top, 0), 0)
    return float((weight * y).sum() / weight.sum())


def _mark_size(grey: np.ndarray, row: int, column: int, top: float) -> float:
    """Area of a mark in pixels of full brightness ``top``, independent of its sub-pixel place and of the background."""
    left = max(0, column - 24)
    patch = grey[max(0, row - 6) : row + 7, left : column + 25]
    background = np.median(patch, axis=0)
    at_row, at = min(row, 6), column - left
    middle = patch[max(0, at_row - 2) : at_row + 3]
    profile = np.maximum(middle - background, 0).sum(axis=0) / np.maximum(top - background, 32)
    peak = max(0, at - 2) + int(np.argmax(profile[max(0, at - 2) : at + 3]))
    labels, _count = ndimage.label(profile > 0.3 * profile[peak])
    return float(profile[labels == labels[peak]].sum()) if labels[peak] else 0.0
