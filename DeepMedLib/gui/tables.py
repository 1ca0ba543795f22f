"""Tables in a panel: names as headings, every row seen, no column cut."""

from __future__ import annotations

import qt
import slicer

_MOST_ROWS = 16
"""Longer tables scroll."""
_PANEL_WIDTH = 470
"""Pixels for a table in a module panel, which is some 500 wide."""
_NARROWEST, _WIDEST = 90, 200
"""Of columns of words, whose cells are wrapped."""
_HEADING_MARGIN = 14  # above and below the headings' text, in every style of Qt


def showTable(view: slicer.qMRMLTableView, tableNode: slicer.vtkMRMLTableNode | None, wide: str = "") -> None:
    """Show a table in a qMRMLTableView; None empties it.

    Each column is as wide as what it holds; where that is too much the widest are narrowed and their texts wrapped,
    and where that is not enough the table scrolls sideways. Columns without any text are not shown. The view is as
    high as its rows, so that none is hidden.

    Args:
        wide: the column that takes what the others leave; the widest if not given.
    """
    view.setMRMLTableNode(tableNode)
    view.visible = tableNode is not None
    if tableNode is None:
        return
    tableNode.SetUseColumnTitleAsColumnHeader(True)
    view.wordWrap = True
    view.verticalHeader().visible = False
    columns = _hideEmpty(view, tableNode)
    bar = _shareWidth(view, columns, tableNode.GetColumnIndex(wide) if wide else -1) if columns else 0
    view.resizeRowsToContents()
    rows = min(tableNode.GetNumberOfRows(), _MOST_ROWS)
    heading = qt.QFontMetrics(view.font).height() + _HEADING_MARGIN
    height = sum(view.rowHeight(row) for row in range(rows)) + heading + 2 * view.frameWidth + bar
    view.setMinimumHeight(height)
    view.setMaximumHeight(height)


def _hideEmpty(view: slicer.qMRMLTableView, tableNode: slicer.vtkMRMLTableNode) -> list[int]:
    """Hide the columns that say nothing; returns the others."""
    rows, shown = range(tableNode.GetNumberOfRows()), []
    for column in range(tableNode.GetNumberOfColumns()):
        empty = not any(tableNode.GetCellText(row, column) for row in rows)
        view.setColumnHidden(column, empty)
        if not empty:
            shown.append(column)
    return shown


def _shareWidth(view: slicer.qMRMLTableView, columns: list[int], wide: int) -> int:
    """Share the width among columns; returns the height of the bar by which the table scrolls sideways, or 0."""
    header = view.horizontalHeader()
    header.setSectionResizeMode(qt.QHeaderView.ResizeToContents)
    view.resizeColumnsToContents()
    needed = {column: view.columnWidth(column) for column in columns}
    least = {column: min(needed[column], max(_NARROWEST, header.sectionSizeHint(column))) for column in columns}
    fits = sum(least.values()) <= _PANEL_WIDTH
    most = _WIDEST
    while fits and sum(max(min(needed[column], most), least[column]) for column in columns) > _PANEL_WIDTH:
        most -= 1
    for column in columns:
        if needed[column] > max(most, least[column]):
            header.setSectionResizeMode(column, qt.QHeaderView.Interactive)
            view.setColumnWidth(column, max(most, least[column]))
    if not fits:
        view.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOn)
        return int(view.style().pixelMetric(qt.QStyle.PM_ScrollBarExtent))
    words = wide if wide in needed else max(columns, key=lambda column: needed[column])
    header.setSectionResizeMode(words, qt.QHeaderView.Stretch)
    view.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
    return 0
