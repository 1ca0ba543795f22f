"""Which chart a measure is placed on: the selected standard, the user's own table, the chart that fits the weight."""

from __future__ import annotations

from dataclasses import dataclass

from DeepMedLib.errors import BadInput
from FetalBiometryLib.growth.standards import EFW, IG21, WHO, Standard, standard, weight_standard
from FetalBiometryLib.growth.table import read_growth_table
from FetalBiometryLib.growth.weight import WeightFormula

SEXES = ("", "girl", "boy")


@dataclass(frozen=True)
class Charts:
    """The charts of one examination.

    Attributes:
        biometry: of BPD, OFD, HC, AC, FL.
        weight: of the estimated weight; None when ``weight_note`` says why there is none.
    """

    biometry: Standard
    weight: Standard | None
    weight_note: str = ""

    def of(self, measure: str) -> Standard | None:
        """The chart of a measure; None when there is none."""
        chart = self.weight if measure == EFW else self.biometry
        return chart if chart is not None and measure in chart.ranges else None


def choose_charts(
    name: str,
    formula: WeightFormula | None,
    weight_name: str = "",
    sex: str = "",
    table: str = "",
    group: str = "",
) -> Charts:
    """The charts for an examination.

    Args:
        name: standard of the biometry; not used when a table is given.
        formula: the formula of the weight, None when there is no weight.
        weight_name: standard of the weight; empty takes the one that belongs to ``name`` and to the formula
            (INTERGROWTH-21st: the 2020 chart for Hadlock weights, the 2017 chart for its own formula).
        sex: "girl" or "boy" takes the WHO weight chart of that sex; empty the one for both.
        table: file of the user's own table, e.g. NICHD; see `growth_table.read_growth_table`.
        group: the table's group.

    Raises:
        BadInput: no such standard, an unreadable table, or a chosen weight standard that is not for that formula.
    """
    if sex not in SEXES:
        raise BadInput(f"{sex} is no sex of a growth standard.", "Choose girl, boy, or leave it empty.")
    biometry = read_growth_table(table, group or None) if table else standard(name)
    if formula is None:
        return Charts(biometry, None, "No weight was estimated.")
    if weight_name:
        return Charts(biometry, weight_standard(_by_sex(weight_name, sex), formula))
    if EFW in biometry.ranges and table:
        # A table does not say which formula its weights follow: the user who chose it answers for that.
        return Charts(biometry, biometry)
    try:
        return Charts(biometry, weight_standard(_by_sex(biometry.name, sex), formula))
    except BadInput:
        return Charts(
            biometry,
            None,
            f"{biometry.name} has no weight chart for {formula.name}: choose another weight standard.",
        )


def _by_sex(name: str, sex: str) -> str:
    return f"{WHO} {sex}s (EFW)" if sex and name == WHO else name


def charts_named(charts: Charts) -> str:
    """The charts in words, for reports: name and publication."""
    parts = [f"{charts.biometry.name} ({charts.biometry.reference})"]
    if charts.weight is not None and charts.weight is not charts.biometry:
        parts.append(f"weight: {charts.weight.name} ({charts.weight.reference})")
    elif charts.weight is None and charts.weight_note:
        parts.append(charts.weight_note.rstrip("."))
    return "; ".join(parts)


DEFAULT_STANDARD = IG21
