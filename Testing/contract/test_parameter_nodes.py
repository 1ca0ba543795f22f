"""Node parameters that Slicer's wrapper can connect: no abstract class, and a union of classes with None."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from Testing.contract.import_graph import SourceTree

ROOT = Path(__file__).resolve().parents[2]


def wrapped(tree: ast.AST) -> Iterator[ast.ClassDef]:
    """The classes that carry @parameterNodeWrapper."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(
            "parameterNodeWrapper" in ast.unparse(d) for d in node.decorator_list
        ):
            yield node


def problems(tree: ast.AST) -> list[str]:
    """What Slicer's wrapper would refuse, one line a parameter."""
    import slicer

    found = []
    for parameters in wrapped(tree):
        for field in (line for line in parameters.body if isinstance(line, ast.AnnAssign)):
            names = [
                node.attr
                for node in ast.walk(field.annotation)
                if isinstance(node, ast.Attribute) and node.attr.startswith("vtkMRML")
            ]
            name = ast.unparse(field.target)
            for class_name in names:
                try:
                    getattr(slicer, class_name)()
                except TypeError as error:
                    found.append(f"{name}: {class_name}: {error}")
            if len(names) > 1 and not any(
                isinstance(node, ast.Constant) and node.value is None for node in ast.walk(field.annotation)
            ):
                found.append(f"{name}: a union of node classes needs None, the value of an empty selector")
    return found


def sources() -> list[Path]:
    """Every file of ours with such a class."""
    tree = SourceTree(ROOT)
    files = [*tree.modules.values(), *(path for package in tree.packages for path in tree.files_of(package))]
    return [path for path in files if any(wrapped(ast.parse(path.read_text(encoding="utf-8"))))]


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_node_parameters_can_be_connected(path: Path, slicerScene: Any) -> None:
    assert problems(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_every_module_has_parameters() -> None:
    assert len(sources()) >= len(SourceTree(ROOT).modules)


def test_wrong_parameters_are_found(slicerScene: Any) -> None:
    source = (
        "@parameterNodeWrapper\nclass P:\n"
        "    good: slicer.vtkMRMLScalarVolumeNode\n"
        "    several: Union[slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLVectorVolumeNode, None]\n"
        "    abstract: slicer.vtkMRMLVolumeNode\n"
        "    bare: Union[slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLVectorVolumeNode]\n"
    )
    assert problems(ast.parse(source)) == [
        "abstract: vtkMRMLVolumeNode: this is an abstract class and cannot be instantiated",
        "bare: a union of node classes needs None, the value of an empty selector",
    ]
