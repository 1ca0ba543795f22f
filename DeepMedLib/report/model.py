"""What a one-page report says, free of how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from DeepMedLib.measurement import Measurement

DISCLAIMER = "Research use only; not for clinical decisions."


@dataclass(frozen=True)
class Picture:
    """A picture with its caption.

    Attributes:
        pixels: (H, W) grey or (H, W, 3) red, green, blue; uint8; first row on top.
        caption: one sentence below the picture, also read out by screen readers.
        pixel_aspect: height of a pixel over its width, so that anatomy keeps its shape.
    """

    pixels: np.ndarray
    caption: str = ""
    pixel_aspect: float = 1.0

    def __post_init__(self) -> None:
        shape = self.pixels.shape
        if self.pixels.dtype != np.uint8 or not (len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)) or 0 in shape:
            raise ValueError(f"a picture is (H, W) or (H, W, 3) of uint8, not {shape} of {self.pixels.dtype}")
        if not 0.05 < self.pixel_aspect < 20:
            raise ValueError("pixel_aspect is the height of a pixel over its width")

    @property
    def aspect(self) -> float:
        """Height of the picture over its width, as shown."""
        return self.pixels.shape[0] * self.pixel_aspect / self.pixels.shape[1]


@dataclass(frozen=True)
class Section:
    """A titled block: measurements, or a plain table, or a paragraph, or several of them in this order.

    Attributes:
        title: heading.
        measurements: shown as measure, value, SD, 95 % interval and source.
        header: column titles of ``rows``.
        rows: a plain table; each row as long as ``header``.
        text: a paragraph below.
    """

    title: str
    measurements: tuple[Measurement, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError(f"section {self.title!r}: every row needs {len(self.header)} cells")

    @property
    def wide(self) -> bool:
        """Whether the block needs the whole width of the page."""
        return len(self.header) > 3


@dataclass(frozen=True)
class Series:
    """A line of a chart; ``label`` stands at its right end."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    label: str = ""
    dashed: bool = False


@dataclass(frozen=True)
class Band:
    """A shaded range of a chart between two lines over the same x."""

    x: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    label: str = ""


@dataclass(frozen=True)
class ChartPoint:
    """The measured point of a chart, with 95 % bars where an uncertainty is known (1.96 sd)."""

    x: float
    y: float
    label: str = ""
    sd_x: float | None = None
    sd_y: float | None = None


@dataclass(frozen=True)
class Chart:
    """A simple line chart."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...] = ()
    bands: tuple[Band, ...] = ()
    points: tuple[ChartPoint, ...] = ()

    def __post_init__(self) -> None:
        if not self.series and not self.bands and not self.points:
            raise ValueError(f"chart {self.title!r} has nothing to show")
        lengths = [(len(line.x), len(line.y)) for line in self.series]
        lengths += [(len(band.x), len(values)) for band in self.bands for values in (band.low, band.high)]
        if any(left != right or left < 2 for left, right in lengths):
            raise ValueError(f"chart {self.title!r}: x and y need the same length, two or more")


@dataclass(frozen=True)
class Report:
    """One page about one examination, or the first of several.

    Attributes:
        title, subtitle: what was measured, and on what.
        date: as printed.
        subject: pairs of label and value (pseudonym, file, plane ...); print nothing the user has not entered.
        key: the one to three figures that matter most, printed large.
        pictures: the first is printed large, further ones below it.
        warnings: sentences that the reader must see before the numbers.
        sections, charts, notes: the body.
        provenance: model, version, hash, device and so on.
        disclaimer: last line of the page.
        more: further pages of the same document, each laid out for itself; theirs are not looked at.
    """

    title: str
    subtitle: str = ""
    date: str = ""
    subject: tuple[tuple[str, str], ...] = ()
    key: tuple[Measurement, ...] = ()
    pictures: tuple[Picture, ...] = ()
    warnings: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
    disclaimer: str = DISCLAIMER
    more: tuple[Report, ...] = ()

    @property
    def pages(self) -> tuple[Report, ...]:
        """This page and the further ones."""
        return (self, *self.more)

    @property
    def picture_alone(self) -> bool:
        """Whether the first picture has the whole width: one picture with no figures, tables or charts beside it."""
        beside = self.key or self.charts or any(not section.wide for section in self.sections)
        return len(self.pictures) == 1 and not beside

    @property
    def charts_beside(self) -> bool:
        """Whether the charts stand below the pictures in the left column, not across the page."""
        return bool(self.pictures) and 0 < len(self.charts) <= 2
