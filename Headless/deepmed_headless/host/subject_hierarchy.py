"""A subject hierarchy item for every data node; in the desktop a Qt plugin logic adds them."""

from __future__ import annotations

from typing import Any

_KINDS = (
    "vtkMRMLDisplayableNode",
    "vtkMRMLVolumeNode",
    "vtkMRMLTableNode",
    "vtkMRMLTextNode",
    "vtkMRMLTransformNode",
    "vtkMRMLSequenceNode",
    "vtkMRMLSequenceBrowserNode",
    "vtkMRMLPlotChartNode",
    "vtkMRMLPlotSeriesNode",
)


class SubjectHierarchyItems:
    """Watches a scene and adds an item when a data node arrives or a scene file has been read,
    and takes it away with its node."""

    def __init__(self, scene: Any) -> None:
        import vtk

        self._scene = scene
        scene.GetSubjectHierarchyNode()

        @vtk.calldata_type(vtk.VTK_OBJECT)
        def on_node_added(caller: Any, event: str, node: Any) -> None:
            if not caller.IsImporting():
                self._ensure_item(node)

        def on_import_ended(caller: Any, event: str) -> None:
            for index in range(caller.GetNumberOfNodes()):
                self._ensure_item(caller.GetNthNode(index))

        @vtk.calldata_type(vtk.VTK_OBJECT)
        def on_node_going(caller: Any, event: str, node: Any) -> None:
            hierarchy = caller.GetSubjectHierarchyNode()
            if caller.IsClosing() or hierarchy is None or hierarchy is node:
                return
            item = hierarchy.GetItemByDataNode(node)
            if item:
                hierarchy.RemoveItem(item, False, False)

        self._on_node_added = on_node_added
        self._on_node_going = on_node_going
        self._on_import_ended = on_import_ended
        scene.AddObserver(scene.NodeAddedEvent, self._on_node_added)
        scene.AddObserver(scene.NodeAboutToBeRemovedEvent, self._on_node_going)
        scene.AddObserver(scene.EndImportEvent, self._on_import_ended)

    def _ensure_item(self, node: Any) -> None:
        if node.GetHideFromEditors() or not any(node.IsA(kind) for kind in _KINDS):
            return
        hierarchy = self._scene.GetSubjectHierarchyNode()
        if hierarchy is not None and not hierarchy.GetItemByDataNode(node):
            hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
