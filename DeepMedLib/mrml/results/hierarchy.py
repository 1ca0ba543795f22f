"""Where results appear in the subject hierarchy: in the study or folder of their input."""

from __future__ import annotations

import slicer


def itemOf(node: slicer.vtkMRMLNode) -> int:
    """The node's subject hierarchy item, made at the top level when it has none yet."""
    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    item = hierarchy.GetItemByDataNode(node)
    return item or hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)


def placeBeside(node: slicer.vtkMRMLNode, reference: slicer.vtkMRMLNode) -> None:
    """Put a node into the study or folder of the reference node."""
    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    hierarchy.SetItemParent(itemOf(node), hierarchy.GetItemParent(itemOf(reference)))


def placeInFolder(nodes: list[slicer.vtkMRMLNode], reference: slicer.vtkMRMLNode, folderName: str) -> int:
    """Put nodes into a folder beside the reference node, made on first use; returns the folder's item."""
    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    parent = hierarchy.GetItemParent(itemOf(reference))
    folder = hierarchy.GetItemChildWithName(parent, folderName)
    if not folder or hierarchy.GetItemDataNode(folder) is not None:
        folder = hierarchy.CreateFolderItem(parent, folderName)
    for node in nodes:
        hierarchy.SetItemParent(itemOf(node), folder)
    return folder
