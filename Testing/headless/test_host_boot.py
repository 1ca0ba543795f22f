"""Booting, module loading, sample data and packaging of the headless host."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deepmed_headless import boot, load_module, load_named, repository_root, vtk_errors

HEADLESS = Path(__file__).resolve().parents[2] / "Headless"


def test_boot_is_a_singleton_and_fills_the_slicer_namespace(slicerScene: Any) -> None:
    import slicer

    assert boot() is slicer.app
    assert slicer.mrmlScene is slicerScene
    assert slicer.modules.volumes.logic().GetClassName() == "vtkSlicerVolumesLogic"
    assert slicer.app.coreIOManager().fileType("a.SEG.nrrd") == "SegmentationFile"
    assert slicer.util.getModule("Markups") is slicer.modules.markups


def test_repository_root_holds_the_library() -> None:
    assert (repository_root() / "DeepMedLib" / "__init__.py").is_file()


def test_without_qt_names_fail_loudly() -> None:
    """In a process of its own, since Qt stand-ins stay installed in this one."""
    code = (
        "import deepmed_headless, logging; deepmed_headless.boot(); import qt, ctk, slicer\n"
        "for use in (lambda: qt.QPushButton('x'), lambda: ctk.ctkSliderWidget()):\n"
        "    try: use()\n"
        "    except AttributeError as error: print(error)\n"
        "import sys; print('PySide6' in sys.modules)\n"
    )
    environment = {"PYTHONPATH": str(HEADLESS)}
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=environment, timeout=300
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("qt.QPushButton is not available headless")
    assert lines[1].startswith("ctk.ctkSliderWidget is not available headless")
    assert lines[2] == "False"
    assert done.stderr == "", "booting must be silent"


def test_module_is_registered_and_its_test_class_passes(demo: ModuleType) -> None:
    import slicer

    assert slicer.modules.demomodule.path.endswith("DemoModule.py")
    assert slicer.modules.demomodule.title == "Demo Module"
    assert slicer.modules.DemoModuleInstance.resourcePath("UI/x.ui").endswith("Resources/UI/x.ui")
    assert "DemoModule" in slicer.util.moduleNames()
    slicer.modules.DemoModuleInstance.runTest()
    assert load_module(slicer.modules.demomodule.path) is demo


def test_missing_module_files_are_refused(slicerScene: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_module(tmp_path / "Nothing.py")
    with pytest.raises(FileNotFoundError):
        load_named("NoSuchModule")
    (tmp_path / "Classless.py").write_text("x = 1\n")
    with pytest.raises(ImportError, match="no class Classless"):
        load_module(tmp_path / "Classless.py")


def test_sample_data_register_at_the_end_of_loading(demo: ModuleType) -> None:
    import SampleData
    import slicer

    sources = slicer.modules.sampleDataSources["DemoModule"]
    assert [source.sampleName for source in sources] == ["DemoBlock"]
    volume = SampleData.downloadSample("DemoBlock")
    assert slicer.util.arrayFromVolume(volume).sum() == 144000
    with pytest.raises(RuntimeError, match="no sample named"):
        SampleData.downloadSample("Nothing")


def test_packaging_reports_and_never_installs(slicerScene: Any, tmp_path: Path) -> None:
    import slicer.packaging

    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# comment\nnumpy>=1.26\nno-such-package>=2 # reason\n--extra-index-url x\n")
    lines = slicer.packaging.load_requirements(requirements)
    assert lines == ["numpy>=1.26", "no-such-package>=2"]
    assert slicer.packaging.pip_check("numpy>=1.26")
    assert not slicer.packaging.pip_check(lines)
    assert slicer.packaging.pip_ensure(lines, skip_packages=["no_such_package"]) == []
    with pytest.raises(RuntimeError, match="no-such-package>=2"):
        slicer.packaging.pip_ensure(lines, requester="Test")
    with pytest.raises(RuntimeError, match="installs nothing"):
        slicer.packaging.pip_install("numpy")
    assert slicer.packaging.isPipInstallInProgress() is False


def test_subject_hierarchy_has_an_item_for_each_node(demo: ModuleType) -> None:
    import slicer

    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    volume = demo.makeBlock()
    item = hierarchy.GetItemByDataNode(volume)
    assert item != 0
    folder = hierarchy.CreateFolderItem(hierarchy.GetSceneItemID(), "Results")
    hierarchy.SetItemParent(item, folder)
    assert hierarchy.GetItemParent(item) == folder


def test_vtk_errors_are_captured_as_lines(slicerScene: Any, tmp_path: Path) -> None:
    import slicer

    bad = tmp_path / "bad.nrrd"
    bad.write_text("no header")
    with vtk_errors() as errors, pytest.raises(RuntimeError, match="Failed to load node"):
        slicer.util.loadVolume(str(bad))
    assert any("bad.nrrd" in line for line in errors)
    with vtk_errors() as errors:
        slicer.mrmlScene.Clear()
    assert errors == []
