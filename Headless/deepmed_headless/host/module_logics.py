"""The compiled module logics that slicer-core brings, connected to one scene and application logic."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from deepmed_headless.vtk_errors import vtk_errors

# module name as in slicer.modules.<lower>, class of its logic, folder inside the share folder
MODULE_LOGICS = (
    ("Annotations", "vtkSlicerAnnotationModuleLogic", ""),
    ("Cameras", "vtkSlicerCamerasModuleLogic", ""),
    ("Markups", "vtkSlicerMarkupsLogic", ""),
    ("Volumes", "vtkSlicerVolumesLogic", ""),
    ("Models", "vtkSlicerModelsLogic", ""),
    ("Terminologies", "vtkSlicerTerminologiesModuleLogic", "terminologies"),
    ("Segmentations", "vtkSlicerSegmentationsModuleLogic", ""),
    ("SubjectHierarchy", "vtkSlicerSubjectHierarchyModuleLogic", ""),
    ("Sequences", "vtkSlicerSequencesLogic", ""),
    ("Tables", "vtkSlicerTablesLogic", ""),
    ("Plots", "vtkSlicerPlotsLogic", ""),
    ("Texts", "vtkSlicerTextsLogic", ""),
    ("Transforms", "vtkSlicerTransformLogic", ""),
    ("Units", "vtkSlicerUnitsLogic", ""),
    ("CropVolume", "vtkSlicerCropVolumeLogic", ""),
    ("VolumeRendering", "vtkSlicerVolumeRenderingLogic", ""),
    ("SceneViews", "vtkSlicerSceneViewsModuleLogic", ""),
    ("ViewControllers", "vtkSlicerViewControllersLogic", ""),
    ("Reformat", "vtkSlicerReformatLogic", ""),
    ("Data", "vtkSlicerDataModuleLogic", ""),
)


def create_module_logics(scene: Any, application_logic: Any, share: Path | None) -> dict[str, Any]:
    """Creates each logic and registers it with the application logic.

    Args:
        scene: the vtkMRMLScene.
        application_logic: the vtkSlicerApplicationLogic.
        share: Slicer's share folder (holds `terminologies/`), or None where there is none.

    Returns:
        logic by module name, "Colors" included.
    """
    import slicer

    color_logic = application_logic.GetColorLogic()
    application_logic.SetModuleLogic("Colors", color_logic)  # display nodes ask for their color node there
    scene.RegisterNodeClass(slicer.vtkMRMLColorLegendDisplayNode())  # as the application's own color logic does
    logics = {"Colors": color_logic}
    for name, class_name, folder in MODULE_LOGICS:
        if not hasattr(slicer, class_name):
            logging.warning("slicer-core has no %s: slicer.modules.%s is missing.", class_name, name.lower())
            continue
        logic = getattr(slicer, class_name)()
        if share is not None and hasattr(logic, "SetModuleShareDirectory"):
            logic.SetModuleShareDirectory(str(share / folder))
        logic.SetMRMLApplicationLogic(application_logic)
        with vtk_errors() as messages:
            logic.SetMRMLScene(scene)
        # Without a share folder there are no terminology files; the logic still reads and writes entries.
        without_files = name == "Terminologies" and share is None
        for line in messages:
            if not (without_files and "Failed to load" in line):
                logging.error("slicer.modules.%s: %s", name.lower(), line)
        application_logic.SetModuleLogic(name, logic)
        logics[name] = logic
    return logics
