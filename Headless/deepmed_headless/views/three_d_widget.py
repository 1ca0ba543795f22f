"""`layoutManager().threeDWidget(index)`: the accessors of qMRMLThreeDWidget that module code uses."""

from __future__ import annotations

from typing import Any

from deepmed_headless.views.three_d_view import ThreeDView


class ThreeDWidget:
    """Stands in for qMRMLThreeDWidget."""

    def __init__(self, view: ThreeDView) -> None:
        self._view = view

    def threeDView(self) -> ThreeDViewAccess:
        """The view itself."""
        return ThreeDViewAccess(self._view)

    def mrmlViewNode(self) -> Any:
        """The vtkMRMLViewNode."""
        return self._view.node


class ThreeDViewAccess:
    """Stands in for qMRMLThreeDView."""

    def __init__(self, view: ThreeDView) -> None:
        self._view = view

    def mrmlViewNode(self) -> Any:
        """The vtkMRMLViewNode."""
        return self._view.node

    def cameraNode(self) -> Any:
        """The vtkMRMLCameraNode."""
        return self._view.camera_node()

    def renderWindow(self) -> Any:
        """The vtkRenderWindow."""
        return self._view.window

    def displayableManagerByClassName(self, name: str) -> Any:
        """One displayable manager."""
        return self._view.group.GetDisplayableManagerByClassName(name)

    def resetFocalPoint(self) -> None:
        """Centers what is visible."""
        self._view.reset()

    def resetCamera(self, *arguments: Any) -> None:
        """Looks at everything visible from anterior."""
        self._view.reset()

    def lookFromAxis(self, axis: int, fov: float = 10) -> None:
        """Looks from one of ctk.ctkAxesWidget's axes: 0 none, 1 right, 2 left, 3 superior, 4 inferior, 5 A, 6 P."""
        import slicer

        camera = slicer.vtkMRMLCameraNode
        directions = {
            1: camera.Right,
            2: camera.Left,
            3: camera.Superior,
            4: camera.Inferior,
            5: camera.Anterior,
            6: camera.Posterior,
        }
        self._view.reset(directions.get(int(axis)))

    def rotateToViewAxis(self, axis: int) -> None:
        """Looks from one of vtkMRMLCameraNode's directions."""
        self._view.reset(int(axis))

    def forceRender(self) -> None:
        """Renders now."""
        self._view.window.Render()

    def scheduleRender(self) -> None:
        """Views render when their picture is taken."""
