"""The packages' panel."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("slicer")
pytest.importorskip("PySide6")

from DeepMedLib.errors import DependencyMissing
from DeepMedLib.jobs.job import JobStatus
from DeepMedLib.jobs.task import TaskResult


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "/locked"), "There is no permission for /locked."),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/a.png"), "No such file or directory: /a.png."),
        (OSError(errno.ENOTCONN, "Not connected"), "An unexpected error occurred: Not connected."),
        (OSError("odd"), "An unexpected error occurred: odd."),
    ],
)
def test_the_numbers_of_the_system_are_not_shown(slicerScene: Any, error: OSError, sentence: str) -> None:
    from DeepMedLib.gui.errors import sentenceOf

    assert sentence in sentenceOf(error) and "Errno" not in sentenceOf(error)


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
    panel = DependencyPanel(layout, [requirements], "Fetal Biometry", **options)
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
        installPackages([path], "Nodules")
    assert asked == ["Nodules needs these Python packages: deepmed-no-such-package>=1. Install them now?"]
    assert installed == []
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text: True)
    with pytest.raises(DependencyMissing, match="still missing"):
        installPackages([path], "Nodules")
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
        dependencyPanel.installPackages([path], "x")
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


def test_probe_names_the_device() -> None:
    pytest.importorskip("torch")
    from DeepMedLib.errors import BadInput
    from DeepMedLib.jobs.probe import probe_task
    from DeepMedLib.jobs.task import run_here

    values = run_here(probe_task(("numpy",), "cpu")).values
    assert values["device"] == "cpu"
    assert values["description"].startswith("CPU ")
    assert list(values["versions"]) == ["numpy"]
    with pytest.raises(BadInput, match="no device called 'abacus'"):
        run_here(probe_task((), "abacus"))
