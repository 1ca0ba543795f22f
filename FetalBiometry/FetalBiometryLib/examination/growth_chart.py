"""Growth charts as plain data: the centile curves of a standard with this examination and former visits on them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from DeepMedLib.report.model import Band, Chart, ChartPoint, Series
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.standards import EFW, Standard

#: Weeks that a chart shows before the first and after the last point.
MARGIN = (4.0, 6.0)
CENTILES = (3.0, 10.0, 50.0, 90.0, 97.0)
MEASURES = (EFW, "AC", "HC", "BPD", "FL", "OFD")
_TITLES = {
    EFW: "Estimated fetal weight",
    "AC": "Abdominal circumference",
    "HC": "Head circumference",
    "BPD": "Biparietal diameter (outer-outer)",
    "FL": "Femur length",
    "OFD": "Occipitofrontal diameter",
}


@dataclass(frozen=True)
class GrowthPoint:
    """A measure at an age: weeks, value, their standard uncertainties (None when unknown), and which visit it is."""

    weeks: float
    value: float
    sd: float | None = None
    weeks_sd: float | None = None
    former: bool = False
    visit: str = ""


@dataclass(frozen=True)
class GrowthChart:
    """One measure.

    Attributes:
        measure, unit: "HC", "mm".
        standard, reference: the standard and its publication.
        weeks: (n,) gestational ages of the curves.
        curves: centile -> (n,) values, lowest centile first.
        points: former visits in the order of age, then this examination.
    """

    measure: str
    unit: str
    standard: str
    reference: str
    weeks: tuple[float, ...]
    curves: dict[float, tuple[float, ...]]
    points: tuple[GrowthPoint, ...]

    @property
    def title(self) -> str:
        """Measure and standard."""
        return f"{_TITLES.get(self.measure, self.measure)}, {self.standard}"

    def plot(self) -> Chart:
        """`report_chart` under a title that fits a plot view beside the pictures: the measure as reports call it."""
        return replace(self.report_chart(), title=f"{self.measure}, {self.standard}")

    def report_chart(self) -> Chart:
        """For the report: curves with their centile at the right, the range 10 to 90 shaded, 95 % bars."""
        lines = tuple(
            Series(self.weeks, values, f"{centile:g}", dashed=centile not in (50.0,))
            for centile, values in self.curves.items()
        )
        bands: tuple[Band, ...] = ()
        if 10.0 in self.curves and 90.0 in self.curves:
            bands = (Band(self.weeks, self.curves[10.0], self.curves[90.0]),)
        points = tuple(
            ChartPoint(p.weeks, p.value, "" if p.former else f"{p.value:.0f} {self.unit}", p.weeks_sd or None, p.sd)
            for p in self.points
        )
        return Chart(self.title, "Gestational age (weeks)", f"{self.measure} ({self.unit})", lines, bands, points)


def curves(
    chart: Standard,
    measure: str,
    centiles: tuple[float, ...] = CENTILES,
    step: float = 0.25,
    about: tuple[float, float] | None = None,
) -> tuple[tuple[float, ...], dict[float, tuple[float, ...]]]:
    """Ages of a standard, and its centile curves there.

    Args:
        about: the ages that matter; the curves then reach a little beyond them (`MARGIN`) and not over the whole range,
            so that an uncertainty of some millimeters can be seen.

    Raises:
        OutOfRange: the standard has no such chart, or not those centiles.
    """
    low, high = chart.ranges.get(measure, (0.0, 0.0))
    if high <= low:
        chart.value_at(measure, low, 50)  # says that there is no chart
    if about is not None:
        first, last = max(low, about[0] - MARGIN[0]), min(high, about[1] + MARGIN[1])
        low, high = (first, last) if last > first else (low, high)  # all ages are outside: show what there is
    weeks = tuple(float(w) for w in np.append(np.arange(low, high - 1e-9, step), high))
    return weeks, {c: tuple(chart.value_at(measure, w, c) for w in weeks) for c in centiles}


def growth_charts(result: ExaminationResult) -> tuple[GrowthChart, ...]:
    """A chart for every measure that this examination or a former visit has, where the standard has one.

    Without a known age this examination has no place on a chart; former visits still have theirs.
    """
    made = []
    for measure in MEASURES:
        chart = result.charts.of(measure)
        points = _points(result, measure)
        if chart is None or not points:
            continue
        ages = [p.weeks for p in points]
        weeks, lines = curves(chart, measure, about=(min(ages), max(ages)))
        unit = "g" if measure == EFW else "mm"
        made.append(GrowthChart(measure, unit, chart.name, chart.reference, weeks, lines, points))
    return tuple(made)


def _points(result: ExaminationResult, measure: str) -> tuple[GrowthPoint, ...]:
    former = [
        GrowthPoint(v.weeks, v.measures[measure], v.sd(measure), None, True, v.title())
        for v in sorted(result.options.visits, key=lambda v: v.weeks)
        if measure in v.measures
    ]
    if result.known_age is None:
        return tuple(former)
    age = result.known_age
    if measure == EFW and result.weight is not None:
        now = [GrowthPoint(age.weeks, result.weight.grams, result.weight.sd, age.sd, visit="this examination")]
    elif measure in result.averages and result.averages[measure].unit == "mm":
        mean = result.averages[measure]
        now = [GrowthPoint(age.weeks, mean.value, mean.sd, age.sd, visit="this examination")]
    else:
        now = []
    return tuple(former + now)
