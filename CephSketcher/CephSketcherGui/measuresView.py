"""The table of measures in the panel: one analysis or all, deviations as bars and in color."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import qt
from slicer.i18n import tr as _

from CephSketcherLib.analysis.analyses import ANALYSES, CephMeasure
from CephSketcherLib.report.deviation_bar import deviation_bar, number

_DEVIATION, _NORM = 2, 3
_WIDEST_NORM = 96  # pixels; a panel is some 500 wide, and longer norms are wrapped
_CALM, _FAR, _VERY_FAR = "#2c7a4b", "#9a6200", "#a92e2e"


class MeasuresView:
    """Fills a table widget.

    Args:
        table: a QTableWidget.
        chooser: a QComboBox whose first entry means all analyses.
    """

    def __init__(self, table: Any, chooser: Any) -> None:
        self._table, self._chooser = table, chooser
        self._measures: tuple[CephMeasure, ...] = ()
        self._names: tuple[str, ...] = ()
        chooser.addItems(list(ANALYSES))
        chooser.connect("currentIndexChanged(int)", lambda index: self._fill())
        titles = [_("Measure"), _("Value ± SD"), _("−3 … +3 SD"), _("Norm")]
        table.setColumnCount(len(titles))
        table.setHorizontalHeaderLabels(titles)
        table.verticalHeader().setVisible(False)
        table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)

    def show(self, measures: Sequence[CephMeasure]) -> None:
        """Show these measures."""
        self._measures = tuple(measures)
        self._fill()

    def _shown(self) -> list[CephMeasure]:
        index = self._chooser.currentIndex
        if index <= 0:
            return list(self._measures)
        wanted = ANALYSES[self._chooser.currentText]
        found = {measure.name: measure for measure in self._measures}
        return [found[name] for name in wanted if name in found]

    def _fill(self) -> None:
        """Cells that are there already only get another text: measuring a row's room takes long with many rows."""
        shown = self._shown()
        rows = [self._cells(measure) for measure in shown]
        names = tuple(measure.name for measure in shown)
        fresh = names != self._names
        if fresh:
            self._table.setRowCount(len(shown))
        self._names = names
        for row, (measure, cells) in enumerate(zip(shown, rows, strict=True)):
            tip = f"{measure.note} {measure.norm_source}".strip()
            for column, text in enumerate(cells):
                item = None if fresh else self._table.item(row, column)
                if item is None:
                    item = qt.QTableWidgetItem(text)
                    self._table.setItem(row, column, item)
                elif item.text() != text:
                    item.setText(text)
                item.setToolTip(tip)
                if column == _DEVIATION and measure.deviation_sd is not None:
                    item.setForeground(qt.QBrush(qt.QColor(self._color(measure.deviation_sd))))
        if fresh:  # names take what the numbers leave, in as many lines as they need: no column is cut
            self._table.resizeColumnsToContents()
            self._table.setColumnWidth(_NORM, min(self._table.columnWidth(_NORM), _WIDEST_NORM))
            self._table.horizontalHeader().setSectionResizeMode(0, qt.QHeaderView.Stretch)
            self._table.resizeRowsToContents()

    @staticmethod
    def _cells(measure: CephMeasure) -> tuple[str, ...]:
        unit = {"deg": "°", "%": " %", "mm": " mm"}.get(measure.unit, "")
        spread = "" if measure.sd is None else f" ± {number(measure.sd)}"
        mark = " *" if measure.from_outlines else ""
        deviation = ""
        if measure.deviation_sd is not None:
            bar = deviation_bar(measure.deviation_sd, measure.deviation_interval)
            deviation = f"{bar}\n{measure.deviation_sd:+.1f} SD".replace("-", "−")
        return measure.title + mark, f"{number(measure.value)}{spread}{unit}", deviation, measure.norm_text

    @staticmethod
    def _color(deviation: float) -> str:
        return _CALM if abs(deviation) < 1 else _FAR if abs(deviation) < 2 else _VERY_FAR
