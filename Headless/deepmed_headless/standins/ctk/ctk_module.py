"""The module `ctk`: CTK's widgets that have a stand-in."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from deepmed_headless.standins.ctk.ctk_buttons import (
    ctkCheckablePushButton,
    ctkColorPickerButton,
    ctkDirectoryButton,
    ctkMenuButton,
)
from deepmed_headless.standins.ctk.ctk_collapsible_button import ctkCollapsibleButton
from deepmed_headless.standins.ctk.ctk_collapsible_group_box import ctkCollapsibleGroupBox
from deepmed_headless.standins.ctk.ctk_combo_boxes import ctkCheckableComboBox, ctkComboBox
from deepmed_headless.standins.ctk.ctk_double_spin_box import ctkDoubleSpinBox
from deepmed_headless.standins.ctk.ctk_fitted_text_browser import ctkFittedTextBrowser
from deepmed_headless.standins.ctk.ctk_path_line_edit import ctkPathLineEdit
from deepmed_headless.standins.ctk.ctk_range_widget import ctkRangeWidget
from deepmed_headless.standins.ctk.ctk_slider_widget import ctkSliderWidget

CTK_CLASSES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        ctkCheckableComboBox,
        ctkCheckablePushButton,
        ctkCollapsibleButton,
        ctkCollapsibleGroupBox,
        ctkColorPickerButton,
        ctkComboBox,
        ctkDirectoryButton,
        ctkDoubleSpinBox,
        ctkFittedTextBrowser,
        ctkMenuButton,
        ctkPathLineEdit,
        ctkRangeWidget,
        ctkSliderWidget,
    )
}


class CtkModule(ModuleType):
    """`import ctk`. A class without stand-in raises an AttributeError that says so."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in CTK_CLASSES:
            raise AttributeError(f"ctk.{name} has no stand-in headless; see Headless/README.md.")
        return CTK_CLASSES[name]
