"""The packages' panel and the list of models."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("slicer")
pytest.importorskip("PySide6")

from DeepMedLib.errors import DependencyMissing
from DeepMedLib.job import JobStatus
from DeepMedLib.models.bundles import write_manifest
from DeepMedLib.models.user_bundles import UserBundles
from DeepMedLib.task import TaskResult


class Checked:
    """A finished check of the packages."""

    def __init__(self) -> None:
        self.started = False

    def start(self) -> None:
        self.started = True

    def poll(self) -> JobStatus:
        return JobStatus("done", 1.0, "", 1.0, "")

    def cancel(self) -> JobStatus:
        return self.poll()

    def result(self) -> TaskResult:
        return TaskResult(values={"versions": {"torch": "2.13.0"}, "device": "cpu", "description": "CPU, 2 threads"})

    def cleanup(self) -> None:
        self.started = False


def dependency_panel(path: Path, lines: str, **options: Any) -> Any:
    import qt

    from DeepMedLib.gui.dependencyPanel import DependencyPanel

    requirements = path / "requirements.txt"
    requirements.write_text(lines, encoding="utf-8")
    host = qt.QWidget()
    layout = qt.QVBoxLayout(host)
    panel = DependencyPanel(layout, requirements, "Fetal Biometry", **options)
    panel.host = host  # Qt deletes the widgets with their parent
    return panel


def test_installed_packages_are_listed_and_need_no_button(slicerScene: Any, tmp_path: Path) -> None:
    import numpy

    panel = dependency_panel(tmp_path, "numpy>=1.20\n")
    assert panel.table.text == f"numpy>=1.20: Installed {numpy.__version__}"
    assert (panel.isReady, panel.installButton.enabled, panel.checkButton.enabled) == (True, False, True)


def test_missing_and_old_packages_say_so(slicerScene: Any, tmp_path: Path) -> None:
    panel = dependency_panel(tmp_path, "deepmed-no-such-package>=1\nnumpy>=999\n")
    first, second = panel.table.text.splitlines()
    assert first == "deepmed-no-such-package>=1: Not installed"
    assert second.startswith("numpy>=999: Other version needed ")
    assert (panel.isReady, panel.installButton.enabled, panel.checkButton.enabled) == (False, True, False)


def test_building_the_panel_installs_nothing(slicerScene: Any, tmp_path: Path, monkeypatch: Any) -> None:
    import slicer

    calls: list[str] = []
    monkeypatch.setattr(slicer.packaging, "pip_ensure", lambda *a, **k: calls.append("pip"))
    panel = dependency_panel(tmp_path, "deepmed-no-such-package\n")
    assert calls == []
    panel.installButton.click()
    assert calls == ["pip"]
    assert panel.status.text == (
        "These Python packages are still missing: deepmed-no-such-package. Restart Slicer, then press Install again."
    )


def test_declined_installation_is_a_line_not_a_popup(slicerScene: Any, tmp_path: Path, monkeypatch: Any) -> None:
    import slicer

    def declined(requirements: Any, requester: str) -> None:
        raise RuntimeError(f"declined for {requester}")

    monkeypatch.setattr(slicer.packaging, "pip_ensure", declined)
    panel = dependency_panel(tmp_path, "deepmed-no-such-package\n")
    panel.installButton.click()
    assert panel.status.text.startswith(
        "The Python packages were not installed: declined for Fetal Biometry. Press Install again"
    )


def test_older_slicer_asks_and_uses_its_own_pip(slicerScene: Any, tmp_path: Path, monkeypatch: Any) -> None:
    import slicer

    from DeepMedLib.gui.dependencyPanel import installPackages

    path = tmp_path / "requirements.txt"
    path.write_text("deepmed-no-such-package>=1\n", encoding="utf-8")
    asked: list[str] = []
    installed: list[list[str]] = []
    monkeypatch.delattr(slicer.packaging, "pip_ensure")
    monkeypatch.setattr(slicer.util, "pip_install", installed.append)
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text: bool(asked.append(text)))
    with pytest.raises(DependencyMissing, match="not installed"):
        installPackages(path, "Nodules")
    assert asked == ["Nodules needs these Python packages: deepmed-no-such-package>=1. Install them now?"]
    assert installed == []
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text: True)
    with pytest.raises(DependencyMissing, match="still missing"):
        installPackages(path, "Nodules")
    assert installed == [["deepmed-no-such-package>=1"]]


def test_torch_comes_from_its_extension(slicerScene: Any, tmp_path: Path, monkeypatch: Any) -> None:
    import sys

    import slicer

    from DeepMedLib.gui import dependencyPanel

    asked: list[bool] = []
    monkeypatch.setattr(slicer.modules, "pytorchutils", object(), raising=False)
    logic = SimpleNamespace(installTorch=asked.append)  # returns None: declined
    monkeypatch.setitem(sys.modules, "PyTorchUtils", SimpleNamespace(PyTorchUtilsLogic=lambda: logic))
    path = tmp_path / "requirements.txt"
    path.write_text("torch>=999\n", encoding="utf-8")
    with pytest.raises(DependencyMissing, match="PyTorch was not installed"):
        dependencyPanel.installPackages(path, "x")
    assert asked == [True]


def test_check_shows_versions_and_device(slicerScene: Any, tmp_path: Path) -> None:
    changed: list[bool] = []
    panel = dependency_panel(
        tmp_path, "numpy>=1.20\n", makeJob=Checked, onChanged=lambda: changed.append(panel.isReady)
    )
    panel.checkButton.click()
    assert (panel.status.text, panel.checkButton.enabled) == ("Checking", False)
    panel._controller.poll()
    assert panel.status.text == "torch 2.13.0 works on CPU, 2 threads."
    assert panel.checkButton.enabled
    assert changed == [True]


def test_stopped_check_says_nothing(slicerScene: Any, tmp_path: Path) -> None:
    panel = dependency_panel(tmp_path, "numpy>=1.20\n", makeJob=Checked)
    panel.checkButton.click()
    panel.stop()
    assert (panel.status.text, panel.checkButton.enabled) == ("", True)


def bundle(folder: Path, code: bool = False) -> Path:
    """A bundle with everything but a network."""
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    (folder / "docs").mkdir()
    (folder / "configs" / "metadata.json").write_text(json.dumps({"version": "1.2.0"}), encoding="utf-8")
    network = {"_target_": "os.system" if code else "torch.nn.Identity"}
    (folder / "configs" / "inference.json").write_text(json.dumps({"network_def": network}), encoding="utf-8")
    (folder / "models" / "model.pt").write_bytes(b"weights")
    (folder / "docs" / "README.md").write_text("# Card", encoding="utf-8")
    return folder


class Models:
    """A model manager over temporary folders."""

    def __init__(self, path: Path, answer: bool = True) -> None:
        import qt

        from DeepMedLib.gui.modelManager import ModelManager

        self.resources = path / "shipped"
        bundle(self.resources / "fetal_head")
        write_manifest(self.resources)
        self.users = UserBundles(path / "user")
        self.questions: list[str] = []
        self.host = qt.QWidget()
        self.manager = ModelManager(
            qt.QVBoxLayout(self.host),
            self.resources,
            self.users,
            confirm=lambda text: bool(self.questions.append(text)) or answer,
        )
        self.manager.refresh()

    def cells(self) -> list[list[str]]:
        table = self.manager.table
        return [[table.item(row, column).text() for column in range(4)] for row in range(len(self.manager.rows))]


def test_shipped_model_is_listed_with_version_and_hash(slicerScene: Any, tmp_path: Path) -> None:
    models = Models(tmp_path)
    row = models.manager.rows[0]
    assert models.cells() == [["fetal_head", "1.2.0", row.sha256[:12], "Shipped"]]
    assert len(row.sha256) == 64
    models.manager.table.setCurrentCell(0, 0)
    manager = models.manager
    assert (manager.removeButton.enabled, manager.verifyButton.enabled, manager.cardButton.enabled) == (
        False,
        True,
        True,
    )
    manager.onVerify()
    assert manager.status.text == "fetal_head: all 4 files are unchanged."


def test_changed_weights_are_named_as_the_problem(slicerScene: Any, tmp_path: Path) -> None:
    models = Models(tmp_path)
    (models.resources / "fetal_head" / "models" / "model.pt").write_bytes(b"other")
    models.manager.table.setCurrentCell(0, 0)
    models.manager.onVerify()
    assert "models/model.pt" in models.manager.status.text
    models.manager.refresh()
    assert models.manager.rows[0].problem == models.manager.status.text


def test_add_and_remove_a_users_model(slicerScene: Any, tmp_path: Path) -> None:
    models = Models(tmp_path)
    assert models.manager.add(bundle(tmp_path / "mine"))
    assert [cells[0] for cells in models.cells()] == ["fetal_head", "mine"]
    assert models.cells()[1][3] == "Added by you"
    assert models.questions == []
    assert not models.manager.add(tmp_path / "mine")
    assert models.manager.status.text.startswith("There is a model 'mine' already.")
    models.manager.table.setCurrentCell(1, 0)
    models.manager.removeButton.click()
    assert [cells[0] for cells in models.cells()] == ["fetal_head"]
    assert models.questions == ["Remove mine from the list?"]
    assert (tmp_path / "mine" / "models" / "model.pt").is_file()


@pytest.mark.parametrize("answer", [True, False])
def test_code_needs_a_yes_for_its_hash(slicerScene: Any, tmp_path: Path, answer: bool) -> None:
    models = Models(tmp_path, answer)
    assert models.manager.add(bundle(tmp_path / "hostile", code=True)) is answer
    assert len(models.questions) == 1
    assert "os.system" in models.questions[0]
    assert [record.name for record in models.users.records()] == (["hostile"] if answer else [])


def test_missing_manifest_is_said(slicerScene: Any, tmp_path: Path) -> None:
    models = Models(tmp_path)
    (models.resources / "manifest.json").unlink()
    models.manager.refresh()
    assert "Install the extension again" in models.manager.rows[0].problem


def test_probe_names_the_device() -> None:
    pytest.importorskip("torch")
    from DeepMedLib.errors import BadInput
    from DeepMedLib.probe import probe_task
    from DeepMedLib.task import run_here

    values = run_here(probe_task(("numpy",), "cpu")).values
    assert values["device"] == "cpu"
    assert values["description"].startswith("CPU ")
    assert list(values["versions"]) == ["numpy"]
    with pytest.raises(BadInput, match="no device called 'abacus'"):
        run_here(probe_task((), "abacus"))
