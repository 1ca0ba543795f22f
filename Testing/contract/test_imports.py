"""The arrows of the house (CONTRIBUTING.md), and what a module file may reach when Slicer starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from Testing.contract.import_graph import SourceTree, arrow_problems, foreign_problems, import_circles, network_problems
from Testing.contract.shipped_files import ROOT

SOUND = {
    "Alpha/Alpha.py": "import slicer\nfrom DeepMedLib import mrml\nfrom AlphaLib.science import f\n",
    "Alpha/AlphaLib/__init__.py": "",
    "Alpha/AlphaLib/science.py": "import numpy as np\n\ndef f():\n    import torch\n    return torch\n",
    "Alpha/AlphaLib/network.py": "import torch\nfrom DeepMedLib import errors\n",
    "Alpha/AlphaMrml/__init__.py": "import slicer\nfrom AlphaLib import science\nfrom DeepMedLib import mrml\n",
    "Beta/Beta.py": "import qt\nimport DeepMedLib.gui.panel\n",
    "Beta/BetaLib/__init__.py": "",
    "DeepMedLib/__init__.py": "",
    "DeepMedLib/errors.py": "import json\n",
    "DeepMedLib/mrml/__init__.py": "import vtk\nfrom ..errors import x\n",
    "DeepMedLib/gui/__init__.py": "",
    "DeepMedLib/gui/panel.py": "import qt, ctk\nfrom DeepMedLib import errors\n",
    "Headless/deepmed_headless/__init__.py": "import rich\nimport DeepMedLib\n",
    "Training/__init__.py": "import torch\n",
}


def plant(folder: Path, changes: dict[str, str] | None = None) -> Path:
    """Lay a small sound tree, with some files replaced or added."""
    for name, text in (SOUND | (changes or {})).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_module_files_reach_only_what_slicer_ships() -> None:
    assert SourceTree(ROOT).modules, "no module file found"
    assert foreign_problems(ROOT) == []


def test_arrows_run_one_way() -> None:
    assert arrow_problems(ROOT) == []


def test_no_files_import_one_another_in_a_circle() -> None:
    assert import_circles(ROOT) == []


def test_a_sound_tree_passes(tmp_path: Path) -> None:
    root = plant(tmp_path)
    assert import_circles(root) == []
    assert foreign_problems(root) == []
    assert arrow_problems(root) == []


@pytest.mark.parametrize(
    ("name", "text", "package", "chain"),
    [
        ("Alpha/Alpha.py", "import torch\n", "torch", "Alpha/Alpha.py"),
        (
            "Alpha/Alpha.py",
            "try:\n    import monai.networks\nexcept ImportError:\n    pass\n",
            "monai",
            "Alpha/Alpha.py",
        ),
        ("Alpha/Alpha.py", "class Widget:\n    import pandas\n", "pandas", "Alpha/Alpha.py"),
        ("Alpha/Alpha.py", "def f(x=__import__('torch')):\n    pass\n", "torch", "Alpha/Alpha.py"),
        ("Alpha/Alpha.py", "import importlib\nm = importlib.import_module('pydicom')\n", "pydicom", "Alpha/Alpha.py"),
        ("Alpha/Alpha.py", "from AlphaLib import network\n", "torch", "Alpha/Alpha.py -> Alpha/AlphaLib/network.py"),
        (
            "Alpha/AlphaLib/__init__.py",
            "from . import network\n",
            "torch",
            "Alpha/Alpha.py -> Alpha/AlphaLib/__init__.py -> Alpha/AlphaLib/network.py",
        ),
        (
            "Alpha/AlphaLib/__init__.py",
            "from .network import anything\n",
            "torch",
            "Alpha/Alpha.py -> Alpha/AlphaLib/__init__.py -> Alpha/AlphaLib/network.py",
        ),
        (
            "DeepMedLib/errors.py",
            "from jinja2 import Template\n",
            "jinja2",
            "Alpha/Alpha.py -> DeepMedLib/mrml/__init__.py -> DeepMedLib/errors.py",
        ),
        (
            "DeepMedLib/__init__.py",
            "if True:\n    import PIL.Image\n",
            "PIL",
            "Alpha/Alpha.py -> DeepMedLib/__init__.py",
        ),
    ],
)
def test_a_foreign_import_at_file_scope_is_found(
    tmp_path: Path, name: str, text: str, package: str, chain: str
) -> None:
    problems = foreign_problems(plant(tmp_path, {name: text}))
    assert [problem.split(" line ")[0] for problem in problems if problem.startswith("Alpha ")] == [
        f"Alpha reaches {package} at file scope: {chain}"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    import torch\n",
        "async def f():\n    from monai import x\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\n",
        "class Logic:\n    def process(self):\n        import torch\n",
    ],
)
def test_a_foreign_import_that_does_not_run_at_once_is_allowed(tmp_path: Path, text: str) -> None:
    assert foreign_problems(plant(tmp_path, {"Alpha/Alpha.py": text})) == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Alpha/AlphaLib/science.py", "import BetaLib\n", "may not import BetaLib"),
        ("Alpha/AlphaLib/science.py", "def f():\n    import slicer\n", "may not import slicer"),
        ("Alpha/AlphaLib/science.py", "from DeepMedLib.mrml import x\n", "may not import DeepMedLib.mrml"),
        ("Alpha/AlphaLib/science.py", "from DeepMedLib import gui\n", "may not import DeepMedLib.gui"),
        ("Alpha/AlphaLib/science.py", "import Alpha\n", "may not import the module file Alpha"),
        ("Alpha/AlphaLib/science.py", "from AlphaMrml import x\n", "may not import AlphaMrml"),
        ("Alpha/AlphaMrml/__init__.py", "from ctk import x\n", "may not import ctk"),
        ("Alpha/AlphaMrml/__init__.py", "import BetaLib\n", "may not import BetaLib"),
        ("Alpha/Alpha.py", "from BetaLib import x\n", "may not import BetaLib"),
        ("Alpha/Alpha.py", "def f():\n    import deepmed_headless\n", "nothing imports deepmed_headless"),
        ("DeepMedLib/errors.py", "import AlphaLib.science\n", "may not import AlphaLib"),
        ("DeepMedLib/errors.py", "from . import mrml\n", "may not import DeepMedLib.mrml"),
        ("DeepMedLib/errors.py", "import vtk\n", "may not import vtk"),
        ("Alpha/AlphaLib/science.py", "import vtk\n", "may not import vtk"),
        ("DeepMedLib/mrml/__init__.py", "import qt\n", "may not import qt"),
        ("DeepMedLib/gui/panel.py", "import Training\n", "nothing imports Training"),
        ("Headless/deepmed_headless/__init__.py", "from Training import x\n", "nothing imports Training"),
        ("Training/__init__.py", "import Testing.phantoms\n", "nothing imports Testing"),
    ],
)
def test_an_arrow_that_runs_backwards_is_found(tmp_path: Path, name: str, text: str, expected: str) -> None:
    problems = arrow_problems(plant(tmp_path, {name: text}))
    assert len(problems) == 1
    assert problems[0].startswith(name)
    assert expected in problems[0]


def test_a_science_of_surfaces_has_vtk_and_no_slicer(tmp_path: Path) -> None:
    room = "EPMapping/EPMappingLib"
    files = {f"{room}/__init__.py": "", f"{room}/mesh.py": "import vtk\nfrom vtk.util import numpy_support\n"}
    assert arrow_problems(plant(tmp_path / "a", {"EPMapping/EPMapping.py": "import vtk\n", **files})) == []
    files[f"{room}/mesh.py"] += "import slicer\n"
    problems = arrow_problems(plant(tmp_path / "b", {"EPMapping/EPMapping.py": "import vtk\n", **files}))
    assert len(problems) == 1 and "may not import slicer" in problems[0]


@pytest.mark.parametrize(
    "back",
    [
        "from AlphaLib import science\n",
        "from .science import f\n",
        "def g():\n    import AlphaLib.science\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from AlphaLib.science import f\n",
    ],
)
def test_a_circle_of_imports_is_found(tmp_path: Path, back: str) -> None:
    science = SOUND["Alpha/AlphaLib/science.py"] + "from AlphaLib.network import net\n"
    root = plant(tmp_path, {"Alpha/AlphaLib/science.py": science, "Alpha/AlphaLib/network.py": back})
    assert import_circles(root) == [["Alpha/AlphaLib/network.py", "Alpha/AlphaLib/science.py"]]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Alpha/AlphaLib/science.py", "import AlphaHeadless\n", "nothing imports AlphaHeadless"),
        ("Alpha/Alpha.py", "def f():\n    from AlphaHeadless import x\n", "nothing imports AlphaHeadless"),
        ("Alpha/AlphaHeadless/__init__.py", "import BetaLib\n", "may not import BetaLib"),
        ("Alpha/AlphaHeadless/__init__.py", "import Training\n", "nothing imports Training"),
    ],
)
def test_a_headless_part_is_a_room_of_headless(tmp_path: Path, name: str, text: str, expected: str) -> None:
    sound = {"Alpha/AlphaHeadless/__init__.py": "import typer, deepmed_headless, AlphaLib, AlphaMrml\n"}
    assert arrow_problems(plant(tmp_path, sound)) == []
    (problem,) = arrow_problems(plant(tmp_path, sound | {name: text}))
    assert problem.startswith(name) and expected in problem


def test_no_network_runs_inside_slicer() -> None:
    assert network_problems(ROOT) == []


@pytest.mark.parametrize(
    ("name", "text", "loaded"),
    [
        ("Alpha/Alpha.py", "def f():\n    import torch\n", "Alpha/Alpha.py line 2 loads torch"),
        (
            "Alpha/AlphaMrml/__init__.py",
            "def f():\n    from AlphaLib.network import x\n",
            "Alpha/AlphaMrml/__init__.py line 2 loads torch",
        ),
        (
            "DeepMedLib/gui/panel.py",
            "def f():\n    import monai.bundle\n",
            "DeepMedLib/gui/panel.py line 2 loads monai",
        ),
    ],
)
def test_a_network_inside_slicer_is_found(tmp_path: Path, name: str, text: str, loaded: str) -> None:
    assert network_problems(plant(tmp_path, {name: text})) == [loaded]
