"""Labels to segments and back, coded names, and where results stand in the hierarchy."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("slicer")

import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code
from DeepMedLib.mrml.inputs import volumes
from DeepMedLib.mrml.nodes import terminology, transforms
from DeepMedLib.mrml.nodes.segmentations import SegmentSpec, maskFromSegment, segmentationFromLabels
from DeepMedLib.mrml.results import hierarchy

pytestmark = pytest.mark.usefixtures("slicerScene")

PANCREAS = Code("15776009", "SCT", "Pancreas")
LEFT = Code("7771000", "SCT", "Left")
SPECS = (
    SegmentSpec("pancreas", "Pancreas", (0.98, 0.71, 0.44), (terminology.ANATOMICAL_STRUCTURE, PANCREAS)),
    SegmentSpec("liver", "Liver", (0.87, 0.51, 0.4)),
    SegmentSpec("kidney", "Left kidney", (0.7, 0.4, 0.3), (terminology.ANATOMICAL_STRUCTURE, PANCREAS, LEFT)),
)


def scan() -> slicer.vtkMRMLScalarVolumeNode:
    matrix = np.array([[0.6, -0.3, 0, 10], [0.3, 0.8, 0, -20], [0, 0, -2.5, 30], [0, 0, 0, 1.0]])
    matrix[:3, 1] = np.cross(matrix[:3, 2], matrix[:3, 0]) * 0.5
    return slicer.util.addVolumeFromArray(np.zeros((4, 5, 6), np.int16), ijkToRAS=matrix, name="CT")


def some_labels() -> np.ndarray:
    labels = np.zeros((4, 5, 6), np.uint8)
    labels[1, 2, 3] = 1
    labels[0, 0, 0] = labels[3, 4, 5] = labels[2, 3, 4] = 3
    return labels


@pytest.mark.parametrize("moved", [False, True])
def test_labels_round_trip(moved: bool) -> None:
    node = scan()
    if moved:
        turn = np.array([[0.0, -1, 0, 5], [1, 0, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]])
        node.SetAndObserveTransformNodeID(transforms.linearTransformNode(turn, "table").GetID())
    labels = some_labels()
    result = segmentationFromLabels(labels, node, SPECS, "Organs")
    segments = result.GetSegmentation()
    assert [segments.GetNthSegmentID(index) for index in range(segments.GetNumberOfSegments())] == [
        "pancreas",
        "kidney",
    ]
    assert segments.GetNumberOfLayers() == 1
    np.testing.assert_array_equal(maskFromSegment(result, "pancreas", node), labels == 1)
    np.testing.assert_array_equal(maskFromSegment(result, "kidney", node), labels == 3)
    np.testing.assert_allclose(
        result.GetSegmentCenterRAS("pancreas"), volumes.pixelToRas(node, [3, 2], frame=1), atol=1e-6
    )
    assert result.GetDisplayNode() is not None
    assert result.GetNodeReference(result.GetReferenceImageGeometryReferenceRole()) is node
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLLabelMapVolumeNode") == 0


def test_name_color_and_code() -> None:
    segments = segmentationFromLabels(some_labels(), scan(), SPECS, "Organs").GetSegmentation()
    kidney = segments.GetSegment("kidney")
    assert kidney.GetName() == "Left kidney"
    assert kidney.GetColor() == pytest.approx((0.7, 0.4, 0.3))
    assert terminology.terminologyOf(kidney) == (terminology.ANATOMICAL_STRUCTURE, PANCREAS, LEFT)
    entry = slicer.vtkSlicerTerminologyEntry()
    slicer.modules.terminologies.logic().DeserializeTerminologyEntry(
        terminology.terminologyTag((terminology.ANATOMICAL_STRUCTURE, PANCREAS, LEFT)), entry
    )
    assert entry.GetTerminologyContextName() == terminology.GENERAL_ANATOMY
    assert (entry.GetTypeObject().GetCodeValue(), entry.GetTypeModifierObject().GetCodeMeaning()) == (
        "15776009",
        "Left",
    )
    bare = segments.GetSegment("pancreas")
    bare.RemoveTag(slicer.vtkSegment.GetTerminologyEntryTagName())
    assert terminology.terminologyOf(bare) == ()


def test_update_replaces_ours_and_keeps_the_users_segments() -> None:
    node = scan()
    result = segmentationFromLabels(some_labels(), node, SPECS, "Organs")
    result.GetSegmentation().AddEmptySegment("mine", "Drawn by hand")
    flipped = some_labels()[::-1].copy()
    assert segmentationFromLabels(flipped, node, SPECS, "ignored", node=result) is result
    assert sorted(result.GetSegmentation().GetSegmentIDs()) == ["kidney", "mine", "pancreas"]
    np.testing.assert_array_equal(maskFromSegment(result, "kidney", node), flipped == 3)


def test_empty_labels_and_kept_empty_segments() -> None:
    node = scan()
    nothing = np.zeros((4, 5, 6), np.uint8)
    assert segmentationFromLabels(nothing, node, SPECS, "None").GetSegmentation().GetNumberOfSegments() == 0
    kept = segmentationFromLabels(nothing, node, SPECS, "Kept", keepEmpty=True)
    assert kept.GetSegmentation().GetNumberOfSegments() == 3
    assert not maskFromSegment(kept, "liver", node).any()


def test_refusals() -> None:
    node = scan()
    with pytest.raises(BadInput, match=r"shape \(4, 5, 5\)"):
        segmentationFromLabels(np.zeros((4, 5, 5), np.uint8), node, SPECS, "x")
    with pytest.raises(ValueError, match="integers"):
        segmentationFromLabels(np.zeros((4, 5, 6)), node, SPECS, "x")
    with pytest.raises(ValueError, match="do not all name"):
        segmentationFromLabels(np.full((4, 5, 6), 4), node, SPECS, "x")
    with pytest.raises(BadInput, match="no segment spleen"):
        maskFromSegment(segmentationFromLabels(some_labels(), node, SPECS, "x"), "spleen", node)
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1


def test_saved_and_loaded_again(tmp_path) -> None:
    node = scan()
    slicer.util.saveNode(segmentationFromLabels(some_labels(), node, SPECS, "Organs"), str(tmp_path / "o.seg.nrrd"))
    again = slicer.util.loadSegmentation(str(tmp_path / "o.seg.nrrd"))
    np.testing.assert_array_equal(maskFromSegment(again, "kidney", node), some_labels() == 3)
    assert terminology.terminologyOf(again.GetSegmentation().GetSegment("pancreas"))[1] == PANCREAS


def test_results_stand_beside_their_input() -> None:
    tree = slicer.mrmlScene.GetSubjectHierarchyNode()
    study = tree.CreateStudyItem(tree.GetSceneItemID(), "Study")
    node = scan()
    tree.SetItemParent(hierarchy.itemOf(node), study)
    result = segmentationFromLabels(some_labels(), node, SPECS, "Organs")
    hierarchy.placeBeside(result, node)
    assert tree.GetItemParent(tree.GetItemByDataNode(result)) == study
    folder = hierarchy.placeInFolder([result], node, "Results")
    assert tree.GetItemParent(folder) == study
    assert tree.GetItemParent(tree.GetItemByDataNode(result)) == folder
    assert hierarchy.placeInFolder([], node, "Results") == folder


def test_terminology_file_that_is_missing_is_refused(tmp_path) -> None:
    with pytest.raises(BadInput, match="missing"):
        terminology.loadTerminology(tmp_path / "none.term.json")


def test_own_terminology_list_is_loaded(tmp_path) -> None:
    entry = {"CodeValue": "123037004", "CodingSchemeDesignator": "SCT", "CodeMeaning": "Anatomical Structure"}
    head = {"CodeValue": "69536005", "CodingSchemeDesignator": "SCT", "CodeMeaning": "Head"}
    content = {
        "SegmentationCategoryTypeContextName": "DeepMed test list",
        "@schema": "https://raw.githubusercontent.com/qiicr/dcmqi/master/doc/segment-context-schema.json#",
        "SegmentationCodes": {"Category": [{**entry, "Type": [{**head, "recommendedDisplayRGBValue": [1, 2, 3]}]}]},
    }
    path = tmp_path / "DeepMed-Test.term.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert terminology.loadTerminology(path) == "DeepMed test list"
    assert slicer.modules.terminologies.logic().IsTerminologyContextLoaded("DeepMed test list")
    bad = tmp_path / "bad.term.json"
    bad.write_text("[]", encoding="utf-8")
    with pytest.raises(BadInput, match="is not a terminology list"):
        terminology.loadTerminology(bad)
