"""Right and left lung, also where they touch in front of the heart or behind it."""

from __future__ import annotations

import numpy as np

from DeepMedLib.ct.morphology import Spacing, bounding_box, components, distance_to

RIGHT, LEFT = 1, 2
_RADII_MM = (0.0, 1.5, 3.0, 4.5, 6.0, 8.0, 10.0, 13.0)
_SHARE = 0.12  # of the eroded lung, that a core must hold to be a lung of its own
_ACROSS = 0.1  # of a part's volume beyond the middle, from which on it may be both lungs


def split_sides(lung: np.ndarray, values: np.ndarray, spacing: Spacing, middle: float) -> tuple[np.ndarray, str]:
    """Labels RIGHT and LEFT for lung voxels.

    The lung is eroded until it falls into a right and a left core; from these a watershed on the picture grows back,
    so that the border runs along the light line between the lungs. Where no erosion parts them, the body's middle
    does, and the sentence says so.

    Args:
        lung: (k, j, i) bool, axes towards R, A, S.
        values: HU of the same shape.
        spacing: mm along k, j, i.
        middle: column i of the body's middle.

    Returns:
        uint8 labels and a warning, empty if all went well.
    """
    labels = np.zeros(lung.shape, np.uint8)
    if not lung.any():
        return labels, ""
    box = bounding_box(lung, (1, 1, 1))
    cropped, center = lung[box], middle - box[2].start
    markers = _markers(cropped, spacing, center)
    if markers is None:
        columns = np.arange(cropped.shape[2])
        sides = np.where(columns > center, RIGHT, LEFT).astype(np.uint8)
        both = min(cropped[:, :, columns > center].sum(), cropped[:, :, columns <= center].sum())
        if both < _ACROSS * cropped.sum():  # one lung only
            side = RIGHT if _mean_column(cropped) > center else LEFT
            labels[box][cropped] = side
            return labels, f"Only the {'right' if side == RIGHT else 'left'} lung was found."
        labels[box] = np.where(cropped, sides[None, None, :], 0)
        return labels, "The lungs could not be told apart where they touch; they were parted in the middle."
    labels[box] = _grown(cropped, values[box], markers)
    return labels, ""


def _markers(lung: np.ndarray, spacing: Spacing, center: float) -> np.ndarray | None:
    padded = np.pad(lung, 1, mode="edge")
    depth = distance_to(~padded, spacing)[1:-1, 1:-1, 1:-1]
    for radius in _RADII_MM:
        labels, counts = components(depth > radius)
        total = counts.sum()
        large = np.flatnonzero(counts >= max(_SHARE * total, 1))
        if len(large) < 2:
            continue
        means = {int(number): _mean_column(labels == number) for number in large}
        ordered = sorted(means, key=lambda number: means[number])
        # Two parts of one lung (an open fissure) are no pair: they lie on the same side.
        low, high = means[ordered[0]], means[ordered[-1]]
        if (high - low) * spacing[2] < 40 or not _apart(labels, ordered[0], ordered[-1]):
            continue
        split = center if low < center < high else (low + high) / 2
        markers = np.zeros(lung.shape, np.uint8)
        for number, count in enumerate(counts):
            if number and count >= 0.01 * total:
                column = means.get(number)
                part = labels == number
                column = _mean_column(part) if column is None else column
                markers[part] = RIGHT if column > split else LEFT
        if (markers == RIGHT).any() and (markers == LEFT).any():
            return markers
    return None


def _apart(labels: np.ndarray, first: int, second: int) -> bool:
    """Whether two parts overlap little when seen from above: an upper and a lower lobe do, two lungs do not."""
    one, two = (labels == first).any(axis=0), (labels == second).any(axis=0)
    return bool((one & two).sum() < 0.35 * min(one.sum(), two.sum()))


def _grown(lung: np.ndarray, values: np.ndarray, markers: np.ndarray) -> np.ndarray:
    import SimpleITK as sitk

    relief = np.where(lung, np.clip(values, -1024, 200), 1000).astype(np.int16)
    grown = sitk.MorphologicalWatershedFromMarkers(
        sitk.GetImageFromArray(relief), sitk.GetImageFromArray(markers), markWatershedLine=False, fullyConnected=False
    )
    return np.where(lung, sitk.GetArrayFromImage(grown), 0).astype(np.uint8)


def _mean_column(mask: np.ndarray) -> float:
    columns = mask.sum(axis=(0, 1))
    return float((columns * np.arange(len(columns))).sum() / max(columns.sum(), 1))
