"""The sampling rate that a column of times states, and where such a column is not one of even steps."""

from __future__ import annotations

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Remark

_UNEVEN = 0.02  # of a step
_ROUNDED_S, _MOST_ROUNDED = 1.01e-3, 0.3  # what steps between whole milliseconds are off, and of a step at most
_MOST_GAPS = 200


def from_times(times_s: np.ndarray, values: np.ndarray, name: str) -> tuple[np.ndarray, float, tuple[Remark, ...]]:
    """Values on an even grid of time.

    Args:
        times_s: (n,) of the samples.
        values: (C, n).

    Returns:
        (C, m) values with NaN in gaps, the rate in Hz, and a remark where there are gaps.

    Raises:
        BadInput: times run backward, repeat, or come in steps that are no multiples of one.
    """
    if len(times_s) < 2:
        raise BadInput(f"{name} holds one sample.", "Give a record of 10 s or more.")
    if not np.isfinite(times_s).all():
        raise BadInput(f"Times are missing in {name}.", "Fill the column of times, or leave it out and give the rate.")
    steps = np.diff(times_s)
    if (steps <= 0).any():
        at = int(np.flatnonzero(steps <= 0)[0]) + 2
        raise BadInput(f"The times of {name} run backward or repeat at row {at}.", "Sort the rows by time.")
    # Rounded times have steps of two sizes: their mean is the step, the median only one of the two.
    median = float(np.median(steps))
    step = float(steps[steps < 1.5 * median].mean())
    off = np.abs(steps / step - np.round(steps / step))
    irregular = float((off > max(_UNEVEN, min(_ROUNDED_S / step, _MOST_ROUNDED))).mean())
    gaps = steps > 1.5 * step
    if irregular > 0.01 or gaps.sum() > _MOST_GAPS:
        raise BadInput(
            f"The times of {name} are irregular: {100 * irregular:.0f} % of the steps differ from {step:.4g} s.",
            "Resample the record to even steps before.",
        )
    if not gaps.any():
        return values, 1 / step, ()
    index = np.concatenate([[0], np.cumsum(np.maximum(np.round(steps / step), 1))]).astype(int)
    even = np.full((len(values), int(index[-1]) + 1), np.nan, values.dtype)
    even[:, index] = values
    lost = float(steps[gaps].sum() - gaps.sum() * step)
    first = float(times_s[int(np.flatnonzero(gaps)[0])])
    number = int(gaps.sum())
    text = f"{lost:.1f} s are missing from {name}, in {number} gap{'s' * (number > 1)}, the first at {first:.1f} s."
    return even, 1 / step, (Remark(text),)
