"""qMRMLNodeComboBox's stand-in behaves as the selector in a running Slicer."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def selector(scene: Any, *kinds: str, none: bool = False) -> tuple[Any, list[Any]]:
    """A selector in a scene and the list of nodes it told of."""
    import slicer

    combo = slicer.qMRMLNodeComboBox()
    combo.nodeTypes = list(kinds) or ["vtkMRMLScalarVolumeNode"]
    combo.noneEnabled = none
    told: list[Any] = []
    combo.connect("currentNodeChanged(vtkMRMLNode*)", told.append)
    combo.setMRMLScene(scene)
    return combo, told


def test_picks_the_only_node_as_soon_as_it_has_a_scene(demo: ModuleType, slicerScene: Any) -> None:
    block = demo.makeBlock()
    combo, told = selector(slicerScene)
    assert combo.currentNode() is block
    assert combo.currentNodeID == block.GetID()
    assert told == [block]


def test_without_none_picks_the_first_node_that_comes_and_stays(demo: ModuleType, slicerScene: Any) -> None:
    combo, told = selector(slicerScene)
    assert combo.currentNode() is None
    first = demo.makeBlock()
    second = demo.makeBlock()
    assert combo.currentNode() is first
    assert told == [first]
    slicerScene.RemoveNode(first)
    assert combo.currentNode() is second
    slicerScene.Clear(0)
    assert combo.currentNode() is None
    assert told == [first, second, None]


def test_with_none_nothing_is_picked(demo: ModuleType, slicerScene: Any) -> None:
    block = demo.makeBlock()
    combo, told = selector(slicerScene, none=True)
    assert combo.currentNode() is None
    combo.setCurrentNode(block)
    demo.makeBlock()
    assert combo.currentNode() is block
    slicerScene.RemoveNode(block)
    assert combo.currentNode() is None
    assert told == [block, None]


def test_has_no_scene_until_it_is_given_one(demo: ModuleType) -> None:
    import slicer

    demo.makeBlock()
    combo = slicer.qMRMLNodeComboBox()
    combo.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    assert combo.currentNode() is None
    assert combo.nodeCount() == 0


def test_derived_hidden_and_attributed_nodes(demo: ModuleType, slicerScene: Any) -> None:
    block = demo.makeBlock()
    label = slicerScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "label")
    combo, _ = selector(slicerScene)
    assert combo.nodeCount() == 2, "derived classes are listed by default"
    combo.hideChildNodeTypes = ["vtkMRMLLabelMapVolumeNode"]
    assert combo.nodeCount() == 1
    combo.hideChildNodeTypes = []
    label.SetHideFromEditors(True)
    assert combo.nodeCount() == 1
    label.SetHideFromEditors(False)
    combo.addAttribute("vtkMRMLScalarVolumeNode", "Role", "input")
    assert combo.nodeCount() == 0
    block.SetAttribute("Role", "input")
    assert combo.nodeCount() == 0, "as in Slicer, an attribute alone does not make the list look again"
    block.SetName("renamed")
    assert combo.nodeFromIndex(0) is block


def test_rename_is_followed(demo: ModuleType, slicerScene: Any) -> None:
    block = demo.makeBlock()
    combo, told = selector(slicerScene)
    names: list[str] = []
    combo.connect("currentNodeRenamed(QString)", names.append)
    block.SetName("renamed")
    assert names == ["renamed"]
    assert told == [block]


def test_menu_makes_and_removes_nodes(slicerScene: Any) -> None:
    combo, _ = selector(slicerScene, "vtkMRMLSegmentationNode", none=True)
    combo.baseName = "Result"
    added: list[Any] = []
    combo.connect("nodeAddedByUser(vtkMRMLNode*)", added.append)
    node = combo.addNode()
    assert node.GetName() == "Result"
    assert combo.currentNode() is node
    assert added == [node]
    combo.removeCurrentNode()
    assert combo.currentNode() is None


def test_overload_with_bool(demo: ModuleType, slicerScene: Any) -> None:
    combo, _ = selector(slicerScene)
    flags: list[bool] = []
    combo.connect("currentNodeChanged(bool)", flags.append)
    demo.makeBlock()
    slicerScene.Clear(0)
    assert flags == [True, False]
