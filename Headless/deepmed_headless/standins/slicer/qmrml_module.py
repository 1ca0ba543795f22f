"""Slicer's widgets that have a stand-in, as they are reached: `slicer.qMRMLNodeComboBox`."""

from __future__ import annotations

from deepmed_headless.standins.slicer.markups_place_widget import qSlicerMarkupsPlaceWidget
from deepmed_headless.standins.slicer.module_panel import qSlicerScriptedLoadableModuleWidget
from deepmed_headless.standins.slicer.qmrml_hierarchy_combo_box import qMRMLSubjectHierarchyComboBox
from deepmed_headless.standins.slicer.qmrml_node_combo_box import qMRMLNodeComboBox
from deepmed_headless.standins.slicer.qmrml_segment_editor_widget import qMRMLSegmentEditorWidget
from deepmed_headless.standins.slicer.qmrml_segment_selector_widget import qMRMLSegmentSelectorWidget
from deepmed_headless.standins.slicer.qmrml_segments_table_view import qMRMLSegmentsTableView
from deepmed_headless.standins.slicer.qmrml_show_3d_button import qMRMLSegmentationShow3DButton
from deepmed_headless.standins.slicer.qmrml_slider_widget import qMRMLSliderWidget
from deepmed_headless.standins.slicer.qmrml_table_view import qMRMLTableView
from deepmed_headless.standins.slicer.qmrml_widget import qMRMLWidget, qSlicerWidget
from deepmed_headless.standins.slicer.simple_markups_widget import qSlicerSimpleMarkupsWidget

QMRML_CLASSES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        qMRMLNodeComboBox,
        qMRMLSegmentEditorWidget,
        qMRMLSegmentSelectorWidget,
        qMRMLSegmentationShow3DButton,
        qMRMLSegmentsTableView,
        qMRMLSliderWidget,
        qMRMLSubjectHierarchyComboBox,
        qMRMLTableView,
        qMRMLWidget,
        qSlicerMarkupsPlaceWidget,
        qSlicerScriptedLoadableModuleWidget,
        qSlicerSimpleMarkupsWidget,
        qSlicerWidget,
    )
}
