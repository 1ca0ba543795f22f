"""The panel's way through the marks: operating point, next and previous, accept and reject."""

from __future__ import annotations

from typing import Any

import ctk
import qt
from slicer.i18n import tr as _

from NoduleCADLib.mark import ACCEPTED, OPEN, REJECTED, NoduleMark
from NoduleCADMrml.noduleNodes import NoduleNodes, jumpTo


class ReadingSection:
    """Slider of the operating point, and a row that steps through the marks.

    Args:
        panel: the Widget whose result is read.
    """

    def __init__(self, panel: Any) -> None:
        self._panel = panel
        self._nodes: NoduleNodes | None = None
        self._place = 0
        self.section = ctk.ctkCollapsibleButton()
        self.section.text = _("Read the marks")
        form = qt.QFormLayout(self.section)
        self.slider = ctk.ctkSliderWidget()
        self.slider.minimum, self.slider.maximum, self.slider.singleStep = 1.0, 8.0, 0.5
        self.slider.decimals = 1
        self.slider.toolTip = _("Told from candidates of LUNA16; your scan may have more false marks. Fewer find less.")
        form.addRow(_("False marks per scan:"), self.slider)
        row = qt.QHBoxLayout()
        self.back, self.forward = qt.QPushButton(_("< Nodule")), qt.QPushButton(_("Nodule >"))
        self.back.toolTip = _("Center the slice views on the mark before.")
        self.forward.toolTip = _("Center the slice views on the next mark.")
        self.accept, self.reject = qt.QPushButton(_("Accept")), qt.QPushButton(_("Reject"))
        self.accept.toolTip = _("This mark is a nodule; once more takes it back.")
        self.reject.toolTip = _("This mark is no nodule: it is hidden, and rules and report leave it out.")
        for widget in (self.back, self.forward, self.accept, self.reject):
            row.addWidget(widget)
        form.addRow(row)
        self.told = qt.QLabel()
        self.told.wordWrap = True
        form.addRow(self.told)
        self.slider.connect("valueChanged(double)", self.onRate)
        self.back.connect("clicked(bool)", lambda _checked=False: self._step(-1))
        self.forward.connect("clicked(bool)", lambda _checked=False: self._step(1))
        self.accept.connect("clicked(bool)", lambda _checked=False: self._decide(ACCEPTED))
        self.reject.connect("clicked(bool)", lambda _checked=False: self._decide(REJECTED))
        panel.layout.addWidget(self.section)
        self.show(None)

    def show(self, nodes: NoduleNodes | None) -> None:
        """Take a result; None, or one whose scan has gone, hides the section."""
        self._nodes = None
        self._place = 0
        shown = nodes is not None and nodes.handle is not None and nodes.volume is not None
        self.section.visible = shown
        if shown and nodes is not None:
            self.slider.value = nodes.result.fp_per_scan
            self._nodes = nodes
            self._tell()

    def current(self) -> NoduleMark | None:
        """The mark that is looked at."""
        marks = () if self._nodes is None else self._nodes.result.shown()
        return marks[min(self._place, len(marks) - 1)] if marks else None

    def onRate(self, rate: float) -> None:
        """Another operating point."""
        if self._nodes is not None and rate != self._nodes.result.fp_per_scan:
            self._panel.logic.setOperatingPoint(self._nodes, rate)
            self._place = 0
            self._renew()

    def _step(self, by: int) -> None:
        marks = () if self._nodes is None else self._nodes.result.shown()
        if marks:
            self._place = (self._place + by) % len(marks)
            jumpTo(marks[self._place])
            self._tell()

    def _decide(self, decision: str) -> None:
        mark = self.current()
        if self._nodes is not None and mark is not None:
            self._panel.logic.decide(self._nodes, mark.number, OPEN if mark.decision == decision else decision)
            self._renew()

    def _renew(self) -> None:
        nodes, place = self._nodes, self._place
        assert nodes is not None
        self._panel.resultPanel.show(nodes.handle)
        self._nodes, self._place = nodes, place
        self._tell()

    def _tell(self) -> None:
        mark = self.current()
        for button in (self.back, self.forward, self.accept, self.reject):
            button.enabled = mark is not None
        if mark is None or self._nodes is None:
            self.told.text = _("No mark at this operating point; that is no proof that there is no nodule.")
            return
        size = "" if mark.mean_mm is None else f", {mark.kind}, {mark.mean_mm:.1f} ± {mark.mean_sd_mm:.1f} mm"
        opinion = ""
        if mark.opinion is not None:
            opinion = _(" LIDC readers' opinion {opinion:.1f} of 5, of size alone {size:.1f}.").format(
                opinion=mark.opinion, size=mark.opinion_of_size
            )
        decision = mark.decision or _("not judged")
        self.told.text = f"{mark.number}: {mark.location}{size} ({decision}).{opinion}"
