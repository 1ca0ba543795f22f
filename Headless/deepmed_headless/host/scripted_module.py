"""`slicer.ScriptedLoadableModule`: the base classes of scripted modules that need no widgets."""

from __future__ import annotations

import logging
import sys
import unittest
from pathlib import Path
from typing import Any, ClassVar


class ScriptedLoadableModule:
    """Base of the module class: metadata go to `parent`."""

    def __init__(self, parent: Any) -> None:
        self.parent = parent
        self.moduleName = type(self).__name__

    def resourcePath(self, filename: str) -> str:
        """Path of a file in the module's Resources folder."""
        return str(Path(self.parent.path).parent / "Resources" / filename)

    def getDefaultModuleDocumentationLink(self, docPage: str | None = None) -> str:
        """The link the desktop appends to the help text; none headless."""
        return ""

    def runTest(self, msec: int = 100, **keywords: Any) -> None:
        """Runs the module's Test class."""
        test_class = getattr(sys.modules[self.moduleName], self.moduleName + "Test")
        test_class().runTest()


class ScriptedLoadableModuleLogic:
    """Base of the logic class: finds or makes the module's parameter node."""

    def __init__(self, parent: Any = None) -> None:
        self.moduleName = type(self).__name__.removesuffix("Logic")
        self.isSingletonParameterNode = True

    def getParameterNode(self) -> Any:
        """The module's vtkMRMLScriptedModuleNode in the scene, made if it is missing."""
        nodes = self.getAllParameterNodes()
        if nodes:
            return nodes[0]
        import slicer

        return slicer.mrmlScene.AddNode(self.createParameterNode())

    def getAllParameterNodes(self) -> list[Any]:
        """All parameter nodes of this module in the scene."""
        import slicer

        nodes = slicer.util.getNodesByClass("vtkMRMLScriptedModuleNode")
        return [node for node in nodes if node.GetAttribute("ModuleName") == self.moduleName]

    def createParameterNode(self) -> Any:
        """A new parameter node, not yet in the scene."""
        import slicer

        node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
        node.UnRegister(None)
        if self.isSingletonParameterNode:
            node.SetSingletonTag(self.moduleName)
        node.SetAttribute("ModuleName", self.moduleName)
        node.SetModuleName(self.moduleName)
        node.SetName(slicer.mrmlScene.GenerateUniqueName(self.moduleName))
        return node


class ScriptedLoadableModuleWidget:
    """Base of the widget class where no widgets are installed: a panel cannot be made."""

    def __init__(self, parent: Any = None) -> None:
        raise RuntimeError("Panels need deepmed_headless.install_qt() before the module is loaded.")


class ScriptedLoadableModuleTest(unittest.TestCase):
    """Base of the test class. Runs under unittest, pytest and `runTest()`."""

    messageDelay: ClassVar[int] = 0
    enableScreenshots: ClassVar[bool] = False

    def __init__(self, methodName: str = "runTest", *arguments: Any, **keywords: Any) -> None:
        super().__init__(methodName)

    def delayDisplay(self, message: str, requestedDelay: int | None = None, msec: int | None = None) -> None:
        """Logs the message; nothing waits."""
        logging.info(message)

    def takeScreenshot(self, name: str, description: str, type: int = -1) -> None:
        """Does nothing, as in Slicer with screenshots off."""

    def setUp(self) -> None:
        """Clears the scene."""
        import slicer

        slicer.mrmlScene.Clear()

    def runTest(self) -> None:
        """Overridden by the module; the base runs nothing, as in Slicer."""
