"""The part of the module's Logic that measures whole examinations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import TaskResult
from DeepMedLib.mrml.inputs import pictureNodes
from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic, Preparation, timed
from DeepMedLib.options import checked_options
from DeepMedLib.picture.scale import Scale
from FetalBiometryLib.examination.cine import sampled_frames
from FetalBiometryLib.examination.options import settings_of
from FetalBiometryLib.options import OPTIONS
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryMrml import examinationComputation, examinationExport
from FetalBiometryMrml.examinationNodes import ExaminationNodes, readExamination, writeExamination
from FetalBiometryMrml.planeNodes import RESULTS, PlaneNodes


class ExaminationLogic(ModuleLogic):
    """Base of FetalBiometryLogic."""

    def loadFolder(self, folder: str | Path) -> tuple[list[slicer.vtkMRMLVolumeNode], list[tuple[str, str]]]:
        """Load all pictures of a folder; of a cine loop some evenly spaced frames.

        :return: the volumes, and files that could not be read with the reason.
        :raises BadInput: the folder holds no picture.
        """
        return pictureNodes.loadFolder(folder, ULTRASOUND, sampled_frames)

    def processExamination(
        self,
        volumeNodes: Sequence[slicer.vtkMRMLVolumeNode],
        scale: Scale | None = None,
        name: str = "",
        onProgress: Callable[[float, str], None] | None = None,
        **options: Any,
    ) -> ExaminationNodes:
        """Measure the pictures of one fetus and one day in one job and combine them; returns when done.

        :param volumeNodes: stills, loops or sequence proxies.
        :param scale: mm per pixel of all pictures; None takes what each states.
        :param name: of the examination, for reports.
        :param options: as `FetalBiometryLib.options` declares them.
        :raises DeepMedError: bad input, or the computation failed.
        """
        with timed("Fetal biometry: examination"):
            preparation = self.prepareExamination(volumeNodes, scale, name, **options)
            return self.finishExamination(preparation, self.compute(preparation, onProgress))

    def prepareExamination(
        self,
        volumeNodes: Sequence[slicer.vtkMRMLVolumeNode],
        scale: Scale | None = None,
        name: str = "",
        **options: Any,
    ) -> Preparation:
        """Check the pictures of an examination and describe the computation; see `processExamination`.

        :raises BadInput: none of them can be measured, or a setting cannot be met.
        """
        values = checked_options(OPTIONS, options)
        settings = self.taskSettings(values)
        return examinationComputation.prepareExamination(volumeNodes, scale, settings_of(values), name, settings)

    def finishExamination(self, preparation: Preparation, computed: TaskResult) -> ExaminationNodes:
        """Turn computed findings into nodes: each picture's, the examination's table, growth charts.

        :raises BadInput: a setting that cannot be met.
        """
        asked, found = preparation.extra, []
        skipped = list(asked.skipped)
        for picture, values in examinationComputation.eachResult(preparation, computed):
            try:
                nodes = self.finish(picture, values)
            except BadInput as error:  # one picture with a scale that contradicts itself does not stop the others
                skipped.append((picture.extra.picture.name, str(error)))
                continue
            if nodes.result.plane == "other":
                skipped.append((nodes.result.picture, nodes.result.finding.reason))
            else:
                found.append(nodes)
        whole = writeExamination(found, asked.options, asked.name, skipped)
        RESULTS.showOnly(whole.bestNodes())
        return whole

    def combineAsked(
        self, pictures: Sequence[PlaneNodes], name: str, skipped: Sequence[tuple[str, str]], values: Mapping[str, Any]
    ) -> ExaminationNodes:
        """The examination that a command asks for, of pictures that are measured already.

        Of those that show no plane only the reason stays; the pictures leave the scene.

        :raises BadInput: none of the pictures could be read, or a setting cannot be met.
        """
        if not pictures:
            raise BadInput("None of the pictures of the examination could be measured.", "See what each one says.")
        found = [nodes for nodes in pictures if nodes.result.plane != "other"]
        left_out = [nodes for nodes in pictures if nodes.result.plane == "other"]
        reasons = [(nodes.result.picture, nodes.result.finding.reason) for nodes in left_out]
        for nodes in left_out:
            slicer.mrmlScene.RemoveNode(nodes.volume)
        whole = writeExamination(found, settings_of(values)[1], name, [*skipped, *reasons])
        RESULTS.showOnly(whole.bestNodes())
        return whole

    def readExamination(self, node: slicer.vtkMRMLNode | None) -> ExaminationNodes | None:
        """The examination of a table, e.g. in a scene that was loaded; None for any other node.

        :raises BadInput: its growth table is not where it was.
        """
        return readExamination(node)

    def taskSettings(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What a task of this module needs besides the pictures."""
        return {"resources": str(self.modelsFolder()), "device": values["device"], "plane": values["plane"]}

    def exportFiles(self, nodes: Any, folder: str | Path) -> list[Path]:
        """Write every file of a measured picture, or of an examination: report, picture and tables.

        :raises DeepMedError: an input has gone, a package is missing, or the folder cannot be written.
        """
        if isinstance(nodes, ExaminationNodes):
            return examinationExport.exportFiles(nodes, Path(folder).absolute())
        return super().exportFiles(nodes, folder)

    def exportReport(self, nodes: Any, folder: str | Path) -> list[Path]:
        """Write report.html and report.pdf of a picture or an examination, and report.dcm where it came from DICOM.

        :raises DeepMedError: a package is missing or the folder cannot be written.
        """
        if isinstance(nodes, ExaminationNodes):
            return examinationExport.exportExamination(nodes, Path(folder))
        return super().exportReport(nodes, folder) + self.exportMore(nodes, Path(folder))
