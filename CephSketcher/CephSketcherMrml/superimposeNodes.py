"""Two tracings laid upon each other: the later one as locked curves on the earlier film, and a table of changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from CephSketcherLib.comparison.comparison import Comparison, compare
from CephSketcherLib.comparison.tables import changes_table, displacements_table
from CephSketcherLib.film.lateral_film import LATERAL_FILM
from CephSketcherLib.report.deviation_bar import number
from CephSketcherLib.report.overlay import comparison_overlay
from CephSketcherMrml.cephNodes import CephNodes
from CephSketcherMrml.curveNodes import curveNode
from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs.pictureNodes import displayOf
from DeepMedLib.mrml.nodes.tables import fillTable
from DeepMedLib.mrml.results.hierarchy import placeInFolder
from DeepMedLib.mrml.results.ownership import nodesWith, share
from DeepMedLib.mrml.results.provenance import setProvenance
from DeepMedLib.mrml.results.transaction import sceneTransaction
from DeepMedLib.provenance import Provenance
from DeepMedLib.report.files import write_whole

_METHOD = "DeepMed.Superimposition"
LATER_COLOR = (1.0, 0.35, 0.62)
COLUMNS = ("What", "Earlier", "Later", "Change ± SD", "Sure", "Usual")


@dataclass
class SuperimposedNodes:
    """A later tracing on an earlier film.

    Attributes:
        comparison: the fit and all changes.
        earlier, later: the tracings.
        curves: the later outlines on the earlier film.
        table: the changes.
    """

    comparison: Comparison
    earlier: CephNodes
    later: CephNodes
    curves: list[slicer.vtkMRMLMarkupsCurveNode] = field(default_factory=list)
    table: slicer.vtkMRMLTableNode | None = None

    def all(self) -> list[slicer.vtkMRMLNode]:
        """Curves and table."""
        return [*self.curves, *([self.table] if self.table is not None else [])]

    def record(self) -> dict[str, Any]:
        """For result.json."""
        return self.comparison.to_json()


def superimpose(earlier: CephNodes, later: CephNodes, method: str) -> SuperimposedNodes:
    """Lay the later tracing on the earlier film.

    Raises:
        BadInput: points or outlines of the method are missing.
    """
    film = earlier.volume
    if film is None:
        raise BadInput("The film of the earlier tracing was removed from the scene.", "Load it again and trace it.")
    comparison = compare(earlier.result, later.result, method)
    nodes = SuperimposedNodes(comparison, earlier, later)
    with sceneTransaction():
        for outline in comparison.outlines.values():
            name = slicer.mrmlScene.GenerateUniqueName(f"Later {outline.title.lower()}")
            curve = curveNode(name, film, outline, locked=True)
            display = curve.GetDisplayNode()
            display.SetColor(*LATER_COLOR)
            display.SetSelectedColor(*LATER_COLOR)
            display.SetGlyphScale(0.01)
            nodes.curves.append(curve)
        name = slicer.mrmlScene.GenerateUniqueName("Superimposition")
        table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
        nodes.table = fillTable(table, COLUMNS, _rows(comparison))
        for node in nodes.all():
            setProvenance(node, Provenance(**later.result.provenance))
            node.SetAttribute(_METHOD, method)
        share([tracing.handle for tracing in (earlier, later) if tracing.handle is not None], nodes.all())
        placeInFolder(nodes.all(), film, f"{film.GetName()} superimposition")
    return nodes


def inScene() -> list[slicer.vtkMRMLNode]:
    """Curves and tables of all comparisons, also of those that came with a scene."""
    return nodesWith(_METHOD)


def removeSuperimpositions(but: SuperimposedNodes | None = None) -> None:
    """Delete the nodes of all comparisons but one; the tracings stay."""
    kept = but.all() if but is not None else []
    for node in inScene():
        if node not in kept:
            slicer.mrmlScene.RemoveNode(node)


def hideSuperimpositions(but: SuperimposedNodes | None = None) -> None:
    """Take the later outlines of all comparisons off the views, also those that came with a scene."""
    kept = but.curves if but is not None else []
    for curve in slicer.util.getNodesByClass("vtkMRMLMarkupsCurveNode"):
        if curve.GetAttribute(_METHOD) is not None and curve not in kept:
            curve.SetDisplayVisibility(False)


def overlayOf(nodes: SuperimposedNodes) -> np.ndarray:
    """(H, W, 3) uint8: the earlier film with both tracings."""
    return comparison_overlay(displayOf(nodes.earlier.volume, LATERAL_FILM), nodes.earlier.result, nodes.comparison)


def exportSuperimposition(nodes: SuperimposedNodes, folder: Path) -> list[Path]:
    """Write superimposition.png, changes.csv, displacements.csv, superimposition.html and superimposition.pdf.

    Raises:
        DeepMedError: a package is missing or the folder cannot be written.
    """
    from CephSketcherLib.report.reports import comparison_report
    from DeepMedLib.report.html import write_html
    from DeepMedLib.report.pdf import write_pdf
    from DeepMedLib.report.png import encode_png

    comparison = nodes.comparison
    report = comparison_report(nodes.earlier.result, comparison)
    files = [
        write_whole(folder / "superimposition.png", encode_png(overlayOf(nodes))),
        write_whole(folder / "changes.csv", changes_table(comparison.changes).csv().encode()),
        write_whole(folder / "displacements.csv", displacements_table(comparison.displacements).csv().encode()),
        folder / "superimposition.html",
        folder / "superimposition.pdf",
    ]
    write_html(report, files[-2])
    write_pdf(report, files[-1])
    return files


def _rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """Six narrow columns: a panel is some 500 pixels wide."""
    rows: list[tuple[str, ...]] = []
    for c in comparison.changes:
        what = f"{c.title} ({'°' if c.unit == 'deg' else c.unit})"
        change = _with_sd(c.difference, c.sd)
        usual = c.usual_text.replace("-", "−")
        rows.append((what, number(c.first), number(c.second), change, _word(c.significant), usual))
    for d in comparison.displacements:
        sd = None if d.sd_forward is None or d.sd_up is None else float(np.hypot(d.sd_forward, d.sd_up) / np.sqrt(2))
        way = f"{d.symbol}: {number(abs(d.forward))} {'forward' if d.forward >= 0 else 'backward'}, "
        way += f"{number(abs(d.up))} {'up' if d.up >= 0 else 'down'} ({d.unit})"
        rows.append((way, "", "", _with_sd(d.length, sd), _word(d.significant), ""))
    return rows


def _with_sd(value: float, sd: float | None) -> str:
    return number(value) if sd is None else f"{number(value)} ± {number(sd)}"


def _word(significant: bool | None) -> str:
    return "" if significant is None else "yes" if significant else "no"
