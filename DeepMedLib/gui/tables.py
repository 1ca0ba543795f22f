"""Tables in a panel: names as headings, every row seen, no column cut."""

from __future__ import annotations

import qt
import slicer

_MOST_ROWS = 16
"""Longer tables scroll."""
_HEADING_MARGIN = 14  # above and below the headings' text, in every style of Qt


def showTable(view: slicer.qMRMLTableView, tableNode: slicer.vtkMRMLTableNode | None, wide: str = "") -> None:
    """Show a table in a qMRMLTableView; None empties it.

    Columns share the width and their texts are wrapped, so that none is cut; the view is as high as its rows, so that
    none is hidden.

    Args:
        wide: the column of words among numbers; it takes what the numbers leave.
    """
    view.setMRMLTableNode(tableNode)
    view.visible = tableNode is not None
    if tableNode is None:
        return
    tableNode.SetUseColumnTitleAsColumnHeader(True)
    view.wordWrap = True
    view.verticalHeader().visible = False
    header = view.horizontalHeader()
    header.setSectionResizeMode(qt.QHeaderView.ResizeToContents if wide else qt.QHeaderView.Stretch)
    if wide:
        header.setSectionResizeMode(tableNode.GetColumnIndex(wide), qt.QHeaderView.Stretch)
    view.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
    view.resizeRowsToContents()
    rows = min(tableNode.GetNumberOfRows(), _MOST_ROWS)
    heading = qt.QFontMetrics(view.font).height() + _HEADING_MARGIN
    view.setMinimumHeight(sum(view.rowHeight(row) for row in range(rows)) + heading + 2 * view.frameWidth)
