"""An examination in the scene: its measured pictures, a summary table and growth charts as plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import slicer

from DeepMedLib.mrml.nodes.plots import plotFromChart, plotNodes
from DeepMedLib.mrml.nodes.tables import tableFromMeasurements
from DeepMedLib.mrml.results.hierarchy import placeInFolder
from DeepMedLib.mrml.results.provenance import setProvenance
from DeepMedLib.mrml.results.transaction import sceneTransaction
from FetalBiometryLib.examination.growth_chart import growth_charts
from FetalBiometryLib.examination.options import ExaminationOptions
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.visits import Visit
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryMrml.planeNodes import PlaneNodes, readPlane


@dataclass
class ExaminationNodes:
    """The nodes of an examination.

    Attributes:
        result: numbers and flags.
        pictures: the measured pictures, abstained ones included.
        table: all numbers of the examination.
        charts: growth charts by measure; empty without a known age or former visits.
    """

    result: ExaminationResult
    pictures: list[PlaneNodes]
    table: slicer.vtkMRMLTableNode
    charts: dict[str, slicer.vtkMRMLPlotChartNode] = field(default_factory=dict)

    def bestNodes(self) -> PlaneNodes | None:
        """The best picture, of the first plane that has one; else any."""
        best = next(iter(self.result.best.values()), None)
        chosen = [nodes for nodes in self.pictures if nodes.result is best]
        return next(iter(chosen or self.pictures), None)

    def bestPictures(self) -> list[PlaneNodes]:
        """The best picture of each plane, or the first pictures where none is vouched for."""
        best = list(self.result.best.values())
        return [p for p in self.pictures if any(p.result is result for result in best)] or self.pictures[:4]


def examinationOptions(
    options: MeasureOptions, visits: Sequence[Visit] = (), growthTable: str = "", growthGroup: str = ""
) -> ExaminationOptions:
    """The settings of an examination from those of its pictures.

    Raises:
        BadInput: a setting that cannot be met.
    """
    return ExaminationOptions(
        ga_weeks=options.ga_weeks,
        standard=options.standard,
        dating=options.dating,
        weight_formula=options.weight,
        sex=options.sex,
        growth_table=growthTable,
        growth_group=growthGroup,
        bpd_convention=options.bpd_convention,
        visits=tuple(visits),
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
    with sceneTransaction():
        title = slicer.mrmlScene.GenerateUniqueName("Examination")
        table = tableFromMeasurements(result.measurements(), name=title)
        made = ExaminationNodes(result, list(pictures), table)
        _writeCharts(made)
        setProvenance(table, {key: value for key, value in result.provenance.items() if value})
        if pictures:
            placeInFolder([table, *_chartNodes(made)], pictures[0].volume, title)
    return made


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
    made = replace(nodes, result=result, pictures=current)
    tableFromMeasurements(result.measurements(), node=made.table)
    if withCharts:
        with sceneTransaction():
            _writeCharts(made)
    return made


def _writeCharts(nodes: ExaminationNodes) -> None:
    """A plot for every measure that can be placed; those of measures that are gone are emptied and removed."""
    wanted = {chart.measure: chart.report_chart() for chart in growth_charts(nodes.result)}
    for measure in [m for m in nodes.charts if m not in wanted]:
        for node in reversed(plotNodes(nodes.charts.pop(measure))):
            slicer.mrmlScene.RemoveNode(node)
    for measure, chart in wanted.items():
        nodes.charts[measure] = plotFromChart(chart, nodes.charts.get(measure))


def _chartNodes(nodes: ExaminationNodes) -> list[slicer.vtkMRMLNode]:
    return [node for chart in nodes.charts.values() for node in plotNodes(chart)]
