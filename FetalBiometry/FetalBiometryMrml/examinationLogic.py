"""The part of the module's Logic that measures whole examinations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import slicer

from DeepMedLib.jobs.task import TaskResult
from DeepMedLib.mrml.inputs import pictureNodes
from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic, timed
from DeepMedLib.picture.scale import Scale
from FetalBiometryLib.examination.cine import sampled_frames
from FetalBiometryLib.examination.options import ExaminationOptions
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryMrml import examinationComputation, examinationExport
from FetalBiometryMrml.examinationComputation import ExaminationPreparation
from FetalBiometryMrml.examinationNodes import ExaminationNodes, examinationOptions


class ExaminationLogic(ModuleLogic):
    """Base of FetalBiometryLogic."""

    def loadFolder(self, folder: str | Path) -> tuple[list[slicer.vtkMRMLVolumeNode], list[tuple[str, str]]]:
        """Load all pictures of a folder; of a cine loop some evenly spaced frames.

        :return: the volumes, and files that could not be read with the reason.
        :raises BadInput: the folder holds no picture.
        """
        return pictureNodes.loadFolder(folder, ULTRASOUND, sampled_frames)

    def prepareExamination(
        self, volumeNodes: Sequence[slicer.vtkMRMLVolumeNode], device: str = "auto"
    ) -> ExaminationPreparation:
        """Check the pictures of an examination and describe the computation.

        :raises BadInput: none of them can be measured.
        """
        return examinationComputation.prepareExamination(volumeNodes, self.modelsFolder(), device)

    def processExamination(
        self,
        volumeNodes: Sequence[slicer.vtkMRMLVolumeNode],
        scale: Scale | None = None,
        options: MeasureOptions | None = None,
        examination: ExaminationOptions | None = None,
        device: str = "auto",
        name: str = "",
        onProgress: Callable[[float, str], None] | None = None,
    ) -> ExaminationNodes:
        """Measure the pictures of one fetus and one day in one job and combine them; returns when done.

        :param volumeNodes: stills, loops or sequence proxies.
        :param scale: mm per pixel of all pictures; None takes what each states.
        :param options: settings of the single measurements.
        :param examination: settings of the examination; those that follow from `options` when None.
        :raises DeepMedError: bad input, or the computation failed.
        """
        with timed("Fetal biometry: examination"):
            preparation = self.prepareExamination(volumeNodes, device)
            computed = self.compute(preparation, onProgress)
            return self.finishExamination(preparation, computed, scale, options, examination, name)

    def finishExamination(
        self,
        preparation: ExaminationPreparation,
        computed: TaskResult,
        scale: Scale | None = None,
        options: MeasureOptions | None = None,
        examination: ExaminationOptions | None = None,
        name: str = "",
    ) -> ExaminationNodes:
        """Turn computed findings into nodes: each picture's, the examination's table, growth charts.

        :raises BadInput: a setting that cannot be met.
        """
        chosen = options or MeasureOptions()
        whole = examination or examinationOptions(chosen)
        return examinationComputation.finishExamination(preparation, computed, scale, chosen, whole, name)

    def exportFiles(self, nodes: Any, folder: str | Path) -> list[Path]:
        """Write every file of a measured picture, or of an examination: report, picture and tables.

        :raises DeepMedError: an input has gone, a package is missing, or the folder cannot be written.
        """
        if isinstance(nodes, ExaminationNodes):
            return examinationExport.exportFiles(nodes, Path(folder).absolute())
        return super().exportFiles(nodes, folder)

    def exportExamination(self, nodes: ExaminationNodes, folder: str | Path) -> list[Path]:
        """Write report.html and report.pdf, and report.dcm when pictures came from DICOM.

        :raises DeepMedError: a package is missing or the folder cannot be written.
        """
        return examinationExport.exportExamination(nodes, Path(folder))
