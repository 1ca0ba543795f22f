"""Results in the scene: found again after saving, renaming and merging; owned nodes go with their handle."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from DeepMedLib.remark import Gravity, Remark
from Testing.unit.deepmedlib.test_results import Weighed

PROVENANCE = {"model": "scales", "version": "1", "sha256": "0", "device": "CPU", "engine": "none", "date": "2026-01-01"}


@pytest.fixture
def kind(slicerScene: Any) -> Any:
    from DeepMedLib.mrml.results.resultNodes import ResultKind

    return ResultKind("Weighing", Weighed, handle="table", folder="weight")


def picture(name: str = "scan") -> Any:
    import slicer

    return slicer.util.addVolumeFromArray(np.zeros((2, 3, 4), np.int16), name=name)


def write(kind: Any, volume: Any, grams: float | None = 12.0) -> Any:
    from DeepMedLib.mrml.nodes.markups import lineNode
    from DeepMedLib.mrml.nodes.tables import tableFromMeasurements

    result = Weighed(grams, (Remark("Mirrored.", Gravity.GRAVE),), PROVENANCE)

    def make() -> dict[str, Any]:
        if grams is None:
            return {}
        return {
            "table": tableFromMeasurements(result.measurements()),
            "line.long": lineNode("long", np.zeros(3), np.ones(3)),
            "line.short": lineNode("short", np.zeros(3), np.ones(3) / 2),
        }

    return kind.write(result, volume, make)


def test_a_result_is_read_from_any_of_its_nodes(kind: Any) -> None:
    nodes = write(kind, picture())
    assert set(nodes.group("line")) == {"long", "short"} and nodes.handle is nodes.get("table")
    for node in nodes.all():
        again = kind.read(node)
        assert again.result == nodes.result and again.nodes == nodes.nodes and again.volume is nodes.volume
    assert kind.read(nodes.volume) is None and kind.read(None) is None
    assert nodes.get("line.long").GetAttribute("DeepMed.Model") == "scales"


def test_an_abstained_result_leaves_the_scene(kind: Any) -> None:
    import slicer

    volume = picture()
    count = slicer.mrmlScene.GetNumberOfNodes()
    nodes = write(kind, volume, None)
    assert nodes.handle is None and slicer.mrmlScene.GetNumberOfNodes() == count


def test_names_do_not_matter_and_ids_may_change(kind: Any, tmp_path: Path) -> None:
    import slicer

    nodes = write(kind, picture("one"), 1.0)
    for node in [nodes.volume, *nodes.all()]:
        node.SetName('"Or ?"')
    assert slicer.util.saveScene(str(tmp_path / "one.mrb"))
    slicer.mrmlScene.Clear(0)
    write(kind, picture("two"), 2.0)
    with zipfile.ZipFile(tmp_path / "one.mrb") as bundle:
        bundle.extractall(tmp_path)
    slicer.util.loadScene(str(next(tmp_path.rglob("*.mrml"))))
    found = {nodes.result.grams: nodes for nodes in kind.inScene()}
    assert set(found) == {1.0, 2.0}
    assert found[1.0].volume.GetName() == '"Or ?"' and found[2.0].volume.GetName() == "two"
    assert not set(found[1.0].all()) & set(found[2.0].all())
    assert all(len(nodes.all()) == 3 for nodes in found.values())


def test_deleting_the_handle_takes_the_nodes_along(kind: Any) -> None:
    import slicer

    kept, gone = write(kind, picture("kept")), write(kind, picture("gone"))
    parts = [node.GetID() for node in gone.all()]
    slicer.mrmlScene.RemoveNode(gone.handle)
    assert [slicer.mrmlScene.GetNodeByID(identifier) for identifier in parts] == [None] * 3
    assert gone.volume.GetScene() is not None and len(kind.read(kept.handle).all()) == 3


def test_deleting_a_part_leaves_the_rest(kind: Any) -> None:
    import slicer

    nodes = write(kind, picture())
    slicer.mrmlScene.RemoveNode(nodes.get("line.long"))
    again = kind.read(nodes.handle)
    assert set(again.nodes) == {"table", "line.short"}
    slicer.mrmlScene.RemoveNode(nodes.volume)
    assert kind.read(nodes.handle).volume is None


def test_a_changed_result_and_new_nodes_are_stored(kind: Any) -> None:
    from dataclasses import replace

    from DeepMedLib.mrml.nodes.markups import lineNode

    nodes = write(kind, picture())
    nodes.result = replace(nodes.result, grams=3.0)
    del nodes.nodes["line.long"]
    nodes.nodes["line.third"] = lineNode("third", np.zeros(3), np.ones(3))
    kind.store(nodes)
    again = kind.read(nodes.get("line.third"))
    assert again.result.grams == 3.0 and set(again.nodes) == {"table", "line.short", "line.third"}


def test_what_fails_leaves_the_scene(kind: Any) -> None:
    import slicer

    from DeepMedLib.mrml.nodes.markups import lineNode

    volume = picture()
    count = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(ValueError, match="role"):
        result = Weighed(1.0, provenance=PROVENANCE)
        kind.write(
            result, volume, lambda: {role: lineNode("x", np.zeros(3), np.ones(3)) for role in ("table", "a role")}
        )
    with pytest.raises(ValueError, match="needs its table"):
        kind.write(result, volume, lambda: {"line": lineNode("x", np.zeros(3), np.ones(3))})
    assert slicer.mrmlScene.GetNumberOfNodes() == count


def test_one_result_is_shown_at_a_time(kind: Any) -> None:
    first, second = write(kind, picture("a")), write(kind, picture("b"))
    kind.showOnly(second)
    assert [n.get("line.long").GetDisplayVisibility() for n in (first, second)] == [0, 1]
    kind.showOnly(None)
    assert [n.get("line.long").GetDisplayVisibility() for n in (first, second)] == [0, 0]
