"""Fetal Biometry's pictures in the documentation."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from deepmed_headless.pictures.screenshots import SEED, look_at_the_picture, opened, page_of, picture_of, wait

FORMER_VISITS = (
    "ga_weeks,BPD_mm,HC_mm,AC_mm,FL_mm,EFW_g\n20,47.6,173.9,148.9,31.9,318\n24.3,60.5,220.3,192.7,42.8,650\n"
)


def take(folder: Path) -> None:
    """Panel, views and report of Fetal Biometry: the head alone, then an examination of all planes."""
    import slicer

    module, widget = opened("FetalBiometry")
    manager = slicer.app.layoutManager()  # the views must be there before a picture is shown in them
    widget.choose(module.samples.loadPhantom(SEED))
    widget._parameterNode.plane = "head"
    widget._parameterNode.gaWeeks = 25.0
    widget.ui.applyButton.click()
    wait(widget)
    picture_of(widget, 470, 1180, folder / "FetalBiometryPanel.png")
    manager.resetSliceViews()
    manager.resetThreeDViews()
    look_at_the_picture(widget._parameterNode.inputVolume)
    manager.four_up(folder / "FetalBiometryViews.png")
    with tempfile.TemporaryDirectory() as reports:
        files = module.FetalBiometryLogic().exportReport(widget.resultPanel.nodes, reports)
        page_of(files[1], folder / "FetalBiometryReport")
    slicer.mrmlScene.Clear(0)
    widget.enter()
    examination(widget, folder)
    widget.cleanup()


def examination(widget: Any, folder: Path) -> None:
    """Each plane of the generated examination, its panel, its growth charts and its report."""
    import slicer

    manager = slicer.app.layoutManager()
    panel = widget.examinationPanel
    with tempfile.TemporaryDirectory() as reports:
        visits = Path(reports) / "former_visits.csv"
        visits.write_text(FORMER_VISITS, encoding="utf-8")
        panel.onSample()
        widget._parameterNode.plane = "auto"
        widget._parameterNode.gaWeeks = 28.0
        widget.ui.visitsPathLineEdit.currentPath = str(visits)
        widget.ui.examinationButton.click()
        wait(panel)
        for section in ("scale", "settings", "results"):
            getattr(widget.ui, f"{section}CollapsibleButton").collapsed = True
        widget.ui.examinationCollapsibleButton.collapsed = False
        picture_of(widget, 470, 1120, folder / "FetalBiometryExaminationPanel.png")
        for volume, plane in zip(panel.chosen(), ("head", "abdomen", "femur", "thorax"), strict=True):
            widget.choose(volume)
            widget._parameterNode.plane = plane  # named, so that each page of the tutorial has its picture
            widget.ui.applyButton.click()
            wait(widget)
            manager.resetSliceViews()
            manager.slice_picture("Red", folder / f"FetalBiometry{plane.capitalize()}.png", (800, 560))
        files = widget.logic.exportReport(panel.nodes, reports)
        page_of(files[1], folder / "FetalBiometryExaminationReport")
        page_of(files[1], folder / "FetalBiometryGrowth", 3)
