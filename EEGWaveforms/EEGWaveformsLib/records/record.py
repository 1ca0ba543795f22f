"""A record: channels of one sampling rate, each with its unit; what was not recorded is NaN."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Remark

MOST_SAMPLES = 400_000_000
"""Of all channels together: 1.6 GB in single precision; longer records are read channel by channel."""


@dataclass(frozen=True)
class Record:
    """Channels over time.

    Attributes:
        name: of the file or node, without its folder.
        labels: (C,) names of the channels.
        values: (C, n) float32 or float64, NaN where nothing was recorded.
        rate_hz: samples a second.
        units: (C,) e.g. "uV", "mV"; "" where the file does not say.
        remarks: what reading it has shown.
    """

    name: str
    labels: tuple[str, ...]
    values: np.ndarray
    rate_hz: float
    units: tuple[str, ...]
    remarks: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or len(self.labels) != len(self.values) or len(self.units) != len(self.values):
            raise ValueError("a record has a label and a unit for each row of its values")

    @property
    def duration_s(self) -> float:
        """From the first to the end of the last sample."""
        return self.values.shape[1] / self.rate_hz

    def index(self, label: str) -> int:
        """The row of a channel by its name; case and blanks do not matter.

        Raises:
            BadInput: there is none of that name.
        """
        wanted = label.strip().casefold()
        for row, known in enumerate(self.labels):
            if known.strip().casefold() == wanted:
                return row
        shown = ", ".join(self.labels[:12]) + (" ..." if len(self.labels) > 12 else "")
        raise BadInput(f"There is no channel '{label}' in {self.name}.", f"Choose one of: {shown}.")


def checked_rate(rate_hz: float, name: str) -> float:
    """The rate itself.

    Raises:
        BadInput: it is not above 0 and at most 1 MHz.
    """
    if not np.isfinite(rate_hz) or not 0 < rate_hz <= 1e6:
        raise BadInput(f"{name} states a sampling rate of {rate_hz:g} Hz.", "Check the file.")
    return float(rate_hz)
