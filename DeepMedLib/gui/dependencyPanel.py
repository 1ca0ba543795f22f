"""Which Python packages are installed, whether they work and on which device, and a button that installs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.dependencies import PackageState, check_requirements
from DeepMedLib.errors import DependencyMissing
from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.jobController import JobController, JobLike
from DeepMedLib.jobs.job import Job, JobStatus
from DeepMedLib.jobs.probe import probe_task
from DeepMedLib.jobs.task import TaskResult

_STATES = {
    "installed": "Installed",
    "missing": "Not installed",
    "broken": "Damaged, install again",
    "wrong version": "Other version needed",
}


def installPackages(paths: Sequence[Path], requester: str) -> None:
    """Ask the user, then install what is missing. Call on the main thread, from a button, never from a constructor.

    torch comes from the PyTorch extension where that is installed, because it picks the build for the graphics card.

    Args:
        paths: files like a requirements.txt.
        requester: the module's title, shown in the question.

    Raises:
        DependencyMissing: the user declined, or packages are still missing afterwards.
    """
    wanting = _wanting(paths)
    if not wanting:
        return
    if any(state.requirement.package == "torch" for state in wanting) and hasattr(slicer.modules, "pytorchutils"):
        import PyTorchUtils  # type: ignore[import-not-found]

        # by position: the keyword was renamed between versions of the extension; True asks first
        if PyTorchUtils.PyTorchUtilsLogic().installTorch(True) is None:
            raise DependencyMissing(_("PyTorch was not installed."), _("Press Install again when you are ready."))
        wanting = _wanting(paths)
    packaging = getattr(slicer, "packaging", None)
    if wanting and packaging is not None and hasattr(packaging, "pip_ensure"):
        try:
            lines = [line for path in paths for line in packaging.load_requirements(str(path))]
            packaging.pip_ensure(lines, requester=requester)
        except RuntimeError as error:
            raise DependencyMissing(
                _("The Python packages were not installed: {error}.").format(error=str(error).rstrip(".")),
                _("Press Install again when you are ready, or look at the application's log."),
            ) from error
    elif wanting:
        names = [str(state.requirement) for state in wanting]
        question = _("{requester} needs these Python packages: {names}. Install them now?")
        if not slicer.util.confirmOkCancelDisplay(question.format(requester=requester, names=", ".join(names))):
            raise DependencyMissing(
                _("The Python packages were not installed."), _("Press Install again when you are ready.")
            )
        slicer.util.pip_install(names)
    left = _wanting(paths)
    if left:
        names = [str(state.requirement) for state in left]
        raise DependencyMissing(
            _("These Python packages are still missing: {names}.").format(names=", ".join(names)),
            _("Restart Slicer, then press Install again."),
        )


def _states(paths: Sequence[Path]) -> list[PackageState]:
    return [state for path in paths for state in check_requirements(path.read_text(encoding="utf-8"))]


def _wanting(paths: Sequence[Path]) -> list[PackageState]:
    return [state for state in _states(paths) if not state.is_ready]


class DependencyPanel:
    """A small table of packages with the buttons Install and Check.

    Args:
        layout: a layout of the panel, e.g. that of a collapsible "Setup" section; the widgets are added to it.
        paths: files like a requirements.txt.
        requester: the module's title.
        onChanged: called after an installation or a check, so that Apply can be enabled.
        makeJob: makes the job that checks the packages; for tests.
    """

    def __init__(
        self,
        layout: qt.QVBoxLayout,
        paths: Sequence[Path],
        requester: str,
        onChanged: Callable[[], None] | None = None,
        makeJob: Callable[[], JobLike] | None = None,
    ) -> None:
        self._paths = tuple(paths)
        self._requester = requester
        self._onChanged = onChanged
        self._makeJob = makeJob or (lambda: Job(probe_task(tuple(self._modules()))))
        self._controller: JobController | None = None
        self.table = qt.QLabel()
        self.table.wordWrap = True
        self.status = qt.QLabel()
        self.status.wordWrap = True
        self.installButton = qt.QPushButton(_("Install packages"))
        self.installButton.toolTip = _("Ask, then install the missing Python packages")
        self.installButton.connect("clicked(bool)", self.onInstall)
        self.checkButton = qt.QPushButton(_("Check"))
        self.checkButton.toolTip = _("Import the packages in a separate process and show the device they will use")
        self.checkButton.connect("clicked(bool)", self.onCheck)
        for widget in (self.table, self.installButton, self.checkButton, self.status):
            layout.addWidget(widget)
        self.refresh()

    @property
    def isReady(self) -> bool:
        """Whether all packages are installed as far as can be seen without importing them."""
        return not _wanting(self._paths)

    def _modules(self) -> list[str]:
        states = _states(self._paths)
        return [state.requirement.module for state in states if state.requirement.package in ("torch", "monai")]

    def refresh(self) -> None:
        """Look again at what is installed; nothing is imported."""
        states = _states(self._paths)
        lines = []
        for state in states:
            word = _(_STATES[state.state])
            version = f" {state.version}" if state.version else ""
            lines.append(f"{state.requirement}: {word}{version}")
        self.table.text = "\n".join(lines)
        ready = all(state.is_ready for state in states)
        self.installButton.enabled = not ready
        self.checkButton.enabled = ready and self._controller is None

    def onInstall(self, _checked: bool = False) -> None:
        """Ask, install, show the outcome."""
        self.status.text = ""
        with errorsShown(_("The Python packages could not be installed.")):
            try:
                installPackages(self._paths, self._requester)
            except DependencyMissing as error:  # the user may simply have said no: a line, not a popup
                self.status.text = str(error)
        self.refresh()
        self._changed()

    def onCheck(self, _checked: bool = False) -> None:
        """Import the packages in a child process."""
        if self._controller is not None:
            return
        self._controller = JobController(self._makeJob(), self._progress, self._done, self._failed, self._cancelled)
        self.status.text = _("Checking")
        self.checkButton.enabled = False
        try:
            self._controller.start()
        except Exception as error:  # a line in the panel says what is wrong
            self._end(str(error))

    def stop(self) -> None:
        """End a running check without a word: call on scene close, reload and cleanup."""
        if self._controller is not None:
            self._controller.stop()
            self._end("")

    def _progress(self, status: JobStatus) -> None:
        self.status.text = status.message or _("Checking")

    def _done(self, result: TaskResult) -> None:
        versions = ", ".join(f"{name} {version}" for name, version in result.values["versions"].items())
        text = _("{versions} works on {device}.")
        self._end(text.format(versions=versions, device=result.values["description"]))

    def _failed(self, error: Exception, _status: JobStatus) -> None:
        self._end(str(error))

    def _cancelled(self, _status: JobStatus) -> None:
        self._end("")

    def _end(self, text: str) -> None:
        self._controller = None
        self.status.text = text
        self.refresh()
        self._changed()

    def _changed(self) -> None:
        if self._onChanged is not None:
            self._onChanged()
