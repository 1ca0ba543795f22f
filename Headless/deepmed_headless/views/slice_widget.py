"""`layoutManager().sliceWidget(name)`: the accessors of qMRMLSliceWidget that module code uses."""

from __future__ import annotations

from typing import Any

from deepmed_headless.views.slice_view import SliceView


class SliceWidget:
    """Stands in for qMRMLSliceWidget, its controller and its qMRMLSliceView."""

    def __init__(self, view: SliceView) -> None:
        self._view = view

    def sliceLogic(self) -> Any:
        """The vtkMRMLSliceLogic."""
        return self._view.logic

    def mrmlSliceNode(self) -> Any:
        """The vtkMRMLSliceNode."""
        return self._view.node

    def mrmlSliceCompositeNode(self) -> Any:
        """The vtkMRMLSliceCompositeNode."""
        return self._view.logic.GetSliceCompositeNode()

    def sliceController(self) -> SliceController:
        """The controller bar."""
        return SliceController(self._view)

    def sliceView(self) -> SliceViewAccess:
        """The view itself."""
        return SliceViewAccess(self._view)

    def fitSliceToBackground(self) -> None:
        """Shows the whole background volume."""
        self._view.fit()


class SliceController:
    """Stands in for qMRMLSliceControllerWidget."""

    def __init__(self, view: SliceView) -> None:
        self._view = view

    def fitSliceToBackground(self) -> None:
        """Shows the whole background volume."""
        self._view.fit()

    def setSliceVisible(self, visible: bool) -> None:
        """Shows the slice in 3D."""
        self._view.node.SetSliceVisible(visible)

    def mrmlSliceNode(self) -> Any:
        """The vtkMRMLSliceNode."""
        return self._view.node

    def sliceLogic(self) -> Any:
        """The vtkMRMLSliceLogic."""
        return self._view.logic


class SliceViewAccess:
    """Stands in for qMRMLSliceView."""

    def __init__(self, view: SliceView) -> None:
        self._view = view

    def mrmlSliceNode(self) -> Any:
        """The vtkMRMLSliceNode."""
        return self._view.node

    def renderWindow(self) -> Any:
        """The vtkRenderWindow."""
        return self._view.window

    def interactor(self) -> Any:
        """The vtkRenderWindowInteractor."""
        return self._view.interactor

    def displayableManagerByClassName(self, name: str) -> Any:
        """One displayable manager."""
        return self._view.group.GetDisplayableManagerByClassName(name)

    def forceRender(self) -> None:
        """Renders now."""
        self._view.prepare()
        self._view.window.Render()

    def scheduleRender(self) -> None:
        """Views render when their picture is taken."""
