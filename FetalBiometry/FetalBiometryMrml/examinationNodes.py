"""An examination in the scene: a summary table, which is its handle, and growth charts as plots.

Its measured pictures are results of their own, to which the handle refers: what a person drags there counts here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import slicer

from DeepMedLib.mrml.nodes.plots import plotFromChart, plotNodes
from DeepMedLib.mrml.nodes.tables import tableFromMeasurements
from DeepMedLib.mrml.results.resultNodes import ResultKind, ResultNodes
from DeepMedLib.mrml.results.transaction import sceneTransaction
from FetalBiometryLib.examination.growth_chart import growth_charts
from FetalBiometryLib.examination.options import ExaminationOptions
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryMrml.planeNodes import PlaneNodes, readPlane


@dataclass
class ExaminationNodes(ResultNodes[ExaminationResult]):
    """The nodes of an examination.

    Attributes:
        pictures: the measured pictures, abstained ones included.
    """

    pictures: list[PlaneNodes] = field(default_factory=list)

    @property
    def table(self) -> slicer.vtkMRMLTableNode:
        """All numbers of the examination; the result's handle."""
        return self.get("table")

    @property
    def charts(self) -> dict[str, slicer.vtkMRMLPlotChartNode]:
        """Growth charts by measure; empty without a known age or former visits."""
        return {name: node for name, node in self.group("chart").items() if "." not in name}

    def bestNodes(self) -> PlaneNodes | None:
        """The best picture, of the first plane that has one; else any."""
        best = next(iter(self.result.best.values()), None)
        chosen = [nodes for nodes in self.pictures if nodes.result is best]
        return next(iter(chosen or self.pictures), None)

    def bestPictures(self) -> list[PlaneNodes]:
        """The best picture of each plane, or the first pictures where none is vouched for."""
        best = list(self.result.best.values())
        return [p for p in self.pictures if any(p.result is result for result in best)] or self.pictures[:4]

    def change(self) -> str:
        """What was done to its pictures since; "" for nothing."""
        return next((said for picture in self.pictures if (said := picture.change())), "")


EXAMINATIONS = ResultKind(
    "FetalExamination", ExaminationResult, handle="table", folder="examination", nodesType=ExaminationNodes
)


def writeExamination(
    pictures: Sequence[PlaneNodes],
    options: ExaminationOptions,
    name: str,
    skipped: Sequence[tuple[str, str]] = (),
) -> ExaminationNodes:
    """Combine measured pictures and write table and charts; on an error the scene stays as it was.

    Raises:
        BadInput: no picture, or a setting that cannot be met.
    """
    result = ExaminationResult.of([nodes.result for nodes in pictures], options, name, skipped)
    shown = ExaminationNodes(result, None, pictures=list(pictures)).bestNodes()
    volume = None if shown is None else shown.volume

    def make() -> dict[str, slicer.vtkMRMLNode]:
        title = slicer.mrmlScene.GenerateUniqueName("Examination")
        return {"table": tableFromMeasurements(result.measurements(), name=title), **_charts(result, {})}

    written = EXAMINATIONS.write(result, volume, make, _inputs(pictures))
    assert isinstance(written, ExaminationNodes)
    written.pictures = list(pictures)
    return written


def readExamination(node: slicer.vtkMRMLNode | None) -> ExaminationNodes | None:
    """The examination of a table, with its pictures as they are now; None for any other node.

    Raises:
        BadInput: its growth table is not where it was.
    """
    read = EXAMINATIONS.read(node)
    if not isinstance(read, ExaminationNodes):
        return None
    for number, known in enumerate(read.result.results):
        picture = readPlane(read.inputs.get(_picture(number)))
        if picture is not None:
            read.pictures.append(picture)
        elif not known.vouched:  # nothing was drawn in it; of a measured one that is missing the table was deleted
            read.pictures.append(PlaneNodes(known, None))
    return refreshExamination(read, withCharts=False)


def _picture(number: int) -> str:
    return f"picture.{number}"


def _inputs(pictures: Sequence[PlaneNodes]) -> dict[str, slicer.vtkMRMLNode]:
    """The handles of the pictures, numbered as the results are."""
    return {_picture(n): nodes.handle for n, nodes in enumerate(pictures) if nodes.handle is not None}


def addPicture(nodes: ExaminationNodes, picture: PlaneNodes) -> ExaminationNodes:
    """The examination with one more result, in place of an older one of the same plane and frame of that picture."""
    result = picture.result

    def replaced(other: PlaneNodes) -> bool:
        same = other.volume is picture.volume and other.result.frame == result.frame
        return other.table is picture.table or (same and other.result.plane == result.plane)

    return replace(nodes, pictures=[*(p for p in nodes.pictures if not replaced(p)), picture])


def refreshExamination(
    nodes: ExaminationNodes, options: ExaminationOptions | None = None, withCharts: bool = True
) -> ExaminationNodes:
    """Follow its pictures after a person dragged a line of one, or a setting changed.

    Args:
        withCharts: draw the growth charts anew, too; while a line is being dragged that is too slow.

    Raises:
        BadInput: a setting that cannot be met; nothing has changed then.
    """
    current = [readPlane(picture.table) or picture for picture in nodes.pictures]
    old = nodes.result
    result = ExaminationResult.of([p.result for p in current], options or old.options, old.name, old.skipped)
    made = replace(nodes, result=result, pictures=current, inputs=_inputs(current))
    tableFromMeasurements(result.measurements(), node=made.table)
    if withCharts:
        with sceneTransaction():
            made.nodes = {"table": made.table, **_charts(result, made.charts)}
    EXAMINATIONS.store(made)
    return made


def _charts(result: ExaminationResult, known: dict[str, slicer.vtkMRMLPlotChartNode]) -> dict[str, slicer.vtkMRMLNode]:
    """A plot for every measure that can be placed, by role with its parts; those of measures that are gone leave."""
    wanted = {chart.measure: chart.plot() for chart in growth_charts(result)}
    for measure in [m for m in known if m not in wanted]:
        for node in reversed(plotNodes(known[measure])):
            slicer.mrmlScene.RemoveNode(node)
    found: dict[str, slicer.vtkMRMLNode] = {}
    for measure, chart in wanted.items():
        node, *parts = plotNodes(plotFromChart(chart, known.get(measure)))
        found[f"chart.{measure}"] = node
        found |= {f"chart.{measure}.{number}": part for number, part in enumerate(parts)}
    return found
