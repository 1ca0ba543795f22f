"""Tables in a panel: no column is cut, none is shown that says nothing."""

from __future__ import annotations

from typing import Any


def table(cells: dict[str, tuple[str, ...]]) -> Any:
    """A table node of text."""
    import slicer

    from DeepMedLib.mrml.nodes.tables import fillTable

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    return fillTable(node, list(cells), list(zip(*cells.values(), strict=True)))


def test_no_column_of_a_table_is_cut(slicerScene: Any) -> None:
    """Columns are as wide as their texts; empty ones take no room; what finds no room is reached by scrolling."""
    import qt
    import slicer

    from DeepMedLib.gui.tables import showTable

    view = slicer.qMRMLTableView()
    words = "a sentence that is longer than every number in the row beside it"
    showTable(view, table({"Organ": ("Left kidney",), "Cut at": ("",), "Remark": (words,)}))
    header = view.horizontalHeader()
    assert [view.isColumnHidden(column) for column in range(3)] == [False, True, False]
    assert header.sectionResizeMode(2) == qt.QHeaderView.Stretch
    assert header.sectionResizeMode(0) == qt.QHeaderView.ResizeToContents
    assert view.minimumHeight == view.maximumHeight > 0

    texts = {"Where": (words,), "Organ": ("Left kidney",), "Why": (words + words,)}
    showTable(view, table(texts))
    modes = [header.sectionResizeMode(column) for column in range(3)]
    assert modes == [qt.QHeaderView.Interactive, qt.QHeaderView.ResizeToContents, qt.QHeaderView.Stretch]
    assert 150 < view.columnWidth(0) <= 200 and view.rowHeight(0) > 2 * view.fontMetrics().height()

    many = {"Organ": ("Left kidney",)} | {f"Number {column} (ml)": ("1827.4",) for column in range(12)}
    showTable(view, table(many))
    assert not any(view.isColumnHidden(column) for column in range(13))
    needed = [view.fontMetrics().horizontalAdvance(title) for title in many]
    assert all(view.columnWidth(column) >= needed[column] for column in range(13))
    assert view.horizontalScrollBarPolicy == qt.Qt.ScrollBarAlwaysOn
    showTable(view, table({"Organ": ("Left kidney",), "Volume (ml)": ("90.0",)}))
    assert view.horizontalScrollBarPolicy == qt.Qt.ScrollBarAlwaysOff
