# mypy: allow-untyped-defs, allow-incomplete-defs
"""Waveforms that recur in EEG and other electrical recordings, learned without labels.

This file holds what Slicer calls: module, parameters, panel, logic and test. The science is in EEGWaveformsLib, the
scene's nodes in EEGWaveformsMrml, the trace viewer in EEGWaveformsGui.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import qt
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import parameterNodeWrapper
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest

if importlib.util.find_spec("DeepMedLib") is None:  # source tree with only this module's folder on the path
    sys.path.append(str(Path(__file__).resolve().parent.parent))

from DeepMedLib.errors import BadInput
from DeepMedLib.gui.dependencyPanel import installPackages
from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.inputForm import InputNode
from DeepMedLib.gui.modulePanel import ModulePanel
from DeepMedLib.jobs.task import Task, TaskResult
from DeepMedLib.mrml.inputs.sampleData import registerSample
from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic, Preparation
from DeepMedLib.mrml.logic.optionParameters import optionParameters
from DeepMedLib.options import checked_options
from DeepMedLib.remark import Gravity, Remark
from DeepMedLib.report.files import write_whole
from DeepMedLib.report.model import Report
from DeepMedLib.results.result import provenance_of
from EEGWaveformsGui.eventBrowser import EventBrowser
from EEGWaveformsLib.eeg_result import EegResult
from EEGWaveformsLib.events.bids import events_json, events_tsv
from EEGWaveformsLib.options import OPTIONS
from EEGWaveformsLib.phantom.sample import CHANNEL, NAME, planted
from EEGWaveformsLib.records.mne_files import SUFFIXES
from EEGWaveformsLib.records.reading import read_record
from EEGWaveformsLib.report.eeg_report import eeg_report
from EEGWaveformsMrml import eegNodes, electrodeNodes
from EEGWaveformsMrml.eegNodes import EegNodes
from EEGWaveformsMrml.recordNodes import channelNames, nodeFromRecord, recordFromNode

TASK = "EEGWaveformsLib.eeg_task:run"


class EEGWaveforms(ScriptedLoadableModule):
    """What Slicer shows in its module list."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("EEG Waveforms")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        self.parent.dependencies = []
        self.parent.contributors = ["DeepMed for 3D Slicer contributors"]
        self.parent.helpText = _(
            "Learns the waveforms that recur in a channel of an EEG or another electrical recording, without labels, "
            "and says when they occur, how many of them noise would give, and at which electrodes. A recurrent "
            "waveform is a shape that comes back, not a diagnosis. Research use only."
        )
        self.parent.acknowledgementText = _(
            "After Brockmeier and Principe, Learning Recurrent Waveforms Within EEGs (IEEE TBME 2016)."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self) -> None:
        """Add the generated record to the Sample Data module."""
        thumbnail = Path(self.resourcePath("Icons")) / "EEGWaveforms.png"
        registerSample("EEGWaveforms", "EEG phantoms", NAME, thumbnail, lambda: nodeFromRecord(planted(seed=1).record))


@parameterNodeWrapper
@optionParameters(OPTIONS)
class EEGWaveformsParameterNode:
    """The panel's state, saved with the scene; the options come with it.

    record: the table of samples.
    electrodes: fiducials labelled as the channels; may be left out.
    result: the table of the search that is shown.
    """

    record: slicer.vtkMRMLTableNode
    electrodes: slicer.vtkMRMLMarkupsFiducialNode
    result: slicer.vtkMRMLTableNode


class EEGWaveformsWidget(ModulePanel):
    """The panel: record, electrodes, channel and band; below the result the way from event to event."""

    inputParameter = "record"
    upfront = ("channel", "low", "high")
    inputs = (
        InputNode("record", _("Record"), _("Table with a column of times in seconds and one column a channel.")),
        InputNode(
            "electrodes",
            _("Electrodes"),
            _("Optional: fiducials labelled as the channels, on the head or in the brain."),
        ),
    )

    def __init__(self, parent=None) -> None:
        ModulePanel.__init__(self, parent, EEGWaveformsLogic())

    def setup(self) -> None:
        self.loadPanel()
        self.ui.loadButton.text, self.ui.sampleButton.text = _("Load record..."), _("Load phantom")
        self.ui.loadButton.toolTip = _("Load a record: EDF, BDF, BrainVision, FIF, EEGLAB, WFDB, CSV or TSV.")
        self.ui.sampleButton.toolTip = _("Load a generated EEG with two planted waveforms, to try the module.")
        self.placeButton = qt.QPushButton(_("Place 10-20 electrodes"))
        self.placeButton.toolTip = _(
            "Place fiducials at the standard positions of the record's channels, on a sphere; move them onto the head."
        )
        self.placeButton.connect("clicked(bool)", self.onPlace)
        self.ui.inputsWidget.layout().addRow(self.placeButton)
        self.browser = EventBrowser(self.ui.resultsCollapsibleButton.layout())
        self.startPanel(
            _("EEG Waveforms"),
            _("Find waveforms"),
            _("Learn the recurrent waveforms of the channel and find their events."),
            _("No channel was searched yet."),
            _("Choose or load a record first."),
        )

    def cleanup(self) -> None:
        self.browser.show(None)
        ModulePanel.cleanup(self)

    def clearResult(self) -> None:
        self.browser.show(None)
        ModulePanel.clearResult(self)

    def _follow(self) -> None:
        before = self._seen
        ModulePanel._follow(self)
        self.placeButton.enabled = self._input() is not None
        if self._seen != before:
            self.ui.channel.toolTip = _(
                "Channel to search; empty takes the first that is not flat. There are: {names}."
            ).format(names=", ".join(channelNames(self._input())[:64]))
            self.browser.show(self.resultPanel.nodes)

    def choose(self, volumeNode: slicer.vtkMRMLTableNode) -> None:
        """Take a record; there is no slice view to show it in."""
        self._parameterNode.record = volumeNode

    def onPlace(self, _checked: bool = False) -> None:
        """Place the standard positions of the record's channels."""
        with errorsShown(_("No electrodes were placed.")):
            self._parameterNode.electrodes = self.logic.placeElectrodes(self._parameterNode.record)

    def _loadInput(self, path: str) -> slicer.vtkMRMLTableNode:
        if path.lower().endswith(SUFFIXES):
            installPackages([Path(self.resourcePath("EEGWaveformsRequirements.txt"))], _("EEG Waveforms"))
        return self.logic.loadRecord(path)

    def _makeSample(self) -> slicer.vtkMRMLTableNode:
        self._parameterNode.channel = CHANNEL
        return nodeFromRecord(planted(seed=1).record)


class EEGWaveformsLogic(ModuleLogic):
    """Everything the module does, usable from a script without the panel.

    Example::

        logic = slicer.util.getModuleLogic("EEGWaveforms")
        found = logic.process(logic.loadRecord("sleep.edf"), channel="C3-A2", low=11.0, high=16.0)
        print(found.result.headline())
    """

    results = eegNodes.RESULTS
    options = OPTIONS
    files = {"electrodes": "electrodes.vtp"}

    def __init__(self) -> None:
        ModuleLogic.__init__(self, __file__)

    def getParameterNode(self) -> EEGWaveformsParameterNode:
        return EEGWaveformsParameterNode(super().getParameterNode())  # type: ignore[call-arg]

    def loadRecord(self, path: str | Path, rate: float = 0.0) -> slicer.vtkMRMLTableNode:
        """Load a record into a table: a column of times, then one a channel.

        :param rate: samples a second of a text file that has no column of times.
        :raises BadInput: it cannot be read; the scene stays as it was.
        :raises DependencyMissing: it needs MNE, which is not installed.
        """
        return nodeFromRecord(read_record(path, rate))

    def loadElectrodes(self, path: str | Path) -> slicer.vtkMRMLMarkupsFiducialNode:
        """Load fiducials.

        :raises BadInput: the file holds none.
        """
        try:
            node = slicer.util.loadMarkups(str(path))
        except RuntimeError as error:
            raise BadInput(f"{Path(path).name} holds no markups.", "Save the electrodes as .mrk.json.") from error
        if not node.IsA("vtkMRMLMarkupsFiducialNode"):
            slicer.mrmlScene.RemoveNode(node)
            raise BadInput(f"{Path(path).name} holds no point list.", "Save the electrodes as fiducials.")
        return node

    def placeElectrodes(self, recordNode: slicer.vtkMRMLTableNode) -> slicer.vtkMRMLMarkupsFiducialNode:
        """Fiducials at the 10-20 positions of a record's channels.

        :raises BadInput: no channel is named after one.
        """
        return electrodeNodes.placeStandard(channelNames(recordNode), f"{recordNode.GetName()} electrodes")

    def prepare(
        self,
        recordNode: slicer.vtkMRMLTableNode | None,
        electrodes: slicer.vtkMRMLMarkupsFiducialNode | None = None,
        **options: Any,
    ) -> Preparation:
        """Check the input and describe the computation.

        :param recordNode: a table with a column of times.
        :param electrodes: fiducials labelled as the channels.
        :param options: as `EEGWaveformsLib.options` declares them.
        :raises BadInput: there is no record, or the table is none.
        """
        if recordNode is None:
            raise BadInput("No record is selected.", "Choose or load a record.")
        record = recordFromNode(recordNode)
        asked = {
            **checked_options(self.options, options),
            "record": record.name,
            "labels": list(record.labels),
            "units": list(record.units),
            "rate_hz": record.rate_hz,
            "remarks": [remark.to_dict() for remark in record.remarks],
        }
        if asked["channel"]:
            record.index(asked["channel"])
        inputs = {} if electrodes is None else {"electrodes": electrodes}
        return Preparation(recordNode, Task(TASK, {"values": record.values}, asked), inputs)

    def toResult(self, preparation: Preparation, computed: TaskResult) -> EegResult:
        """The waveforms, and which channels and electrodes have no partner."""
        result = EegResult.from_json(computed.values["result"])
        result = replace(result, provenance=provenance_of(computed.values))
        electrodes = preparation.inputs.get("electrodes")
        unmatched = "" if electrodes is None else electrodeNodes.matchOf(result, electrodes).sentence()
        return replace(result, checks=(*result.checks, Remark(unmatched, Gravity.NOTE))) if unmatched else result

    def writeNodes(
        self, preparation: Preparation, result: Any, computed: TaskResult
    ) -> Mapping[str, slicer.vtkMRMLNode]:
        """Tables, plots, and spheres at the electrodes."""
        return eegNodes.makeNodes(preparation.volume, result, preparation.inputs.get("electrodes"))

    def pictureOf(self, nodes: EegNodes, largest: int | None = None) -> np.ndarray | None:
        """(H, W, 3) uint8: trace with events, mean waveforms and their power; None when the record has gone."""
        return eegNodes.pictureOf(nodes, largest)

    def reportOf(self, result: Any, pictures: Mapping[str, np.ndarray]) -> Report:
        """Two pages: waveforms and rates; charts."""
        return eeg_report(result, pictures["overlay"])

    def exportMore(self, nodes: EegNodes, folder: Path) -> list[Path]:
        """events.tsv and events.json as BIDS has them."""
        texts = {"events.tsv": events_tsv(nodes.result), "events.json": events_json(nodes.result)}
        return [write_whole(folder / name, text.encode()) for name, text in texts.items()]


class EEGWaveformsTest(ScriptedLoadableModuleTest):
    """Runs inside Slicer, with numpy and scipy alone."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        for test in (self.test_TableWithoutTimesIsRefused, self.test_PlantedWaveformsAreFound):
            self.setUp()
            test()

    def test_TableWithoutTimesIsRefused(self) -> None:
        """A table that is no record is refused; the scene stays as it was."""
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
        count = slicer.mrmlScene.GetNumberOfNodes()
        with self.assertRaises(BadInput):
            EEGWaveformsLogic().process(node)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), count)

    def test_PlantedWaveformsAreFound(self) -> None:
        """The whole way: record, search, nodes, spheres at the electrodes, and back from the table."""
        logic, made = EEGWaveformsLogic(), planted(seed=1)
        record = nodeFromRecord(made.record)
        nodes = logic.process(record, logic.placeElectrodes(record), channel=CHANNEL)
        self.assertEqual(len(nodes.result.real), len(made.waveforms))
        self.assertIsNotNone(nodes.get("electrodes"))
        again: Any = logic.readResult(nodes.handle)
        self.assertEqual(again.result, nodes.result)
