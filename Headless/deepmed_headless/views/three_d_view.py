"""A 3D view: the compiled view logic and displayable managers, drawn offscreen."""

from __future__ import annotations

from typing import Any

from deepmed_headless.views.view import Size, View

_MANAGERS = (
    "vtkMRMLVolumeRenderingDisplayableManager",
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLThreeDReformatDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLTransformsDisplayableManager3D",
)


class ThreeDView(View):
    """One 3D view.

    Args:
        scene: the vtkMRMLScene.
        application_logic: the vtkSlicerApplicationLogic.
        name: layout name, "1" for the first.
        size: width and height in pixels.
    """

    def __init__(self, scene: Any, application_logic: Any, name: str, size: Size) -> None:
        import slicer

        super().__init__(application_logic, slicer.vtkMRMLThreeDViewDisplayableManagerFactory, _MANAGERS, size)
        self.logic = slicer.vtkMRMLViewLogic()
        self.logic.SetMRMLApplicationLogic(application_logic)
        application_logic.GetViewLogics().AddItem(self.logic)
        self.logic.SetMRMLScene(scene)
        self.node = self.logic.AddViewNode(name)
        self.group.SetMRMLDisplayableNode(self.node)
        self.node.SetBoxVisible(True)
        self.node.SetAxisLabelsVisible(True)
        self.renderer.SetBackground(*self.node.GetBackgroundColor())
        self.renderer.SetBackground2(*self.node.GetBackgroundColor2())
        self.renderer.GradientBackgroundOn()

    def camera_node(self) -> Any:
        """The vtkMRMLCameraNode of the view, or None."""
        manager = self.group.GetDisplayableManagerByClassName("vtkMRMLCameraDisplayableManager")
        return manager.GetCameraNode() if manager is not None else None

    def resize(self, size: Size) -> None:
        """Sets the view's size in pixels."""
        self.size = size
        self.window.SetSize(*size)

    def reset(self, axis: int | None = None) -> None:
        """Looks at everything visible.

        Args:
            axis: a direction of vtkMRMLCameraNode, from anterior where None.
        """
        import slicer

        self.node.InvokeEvent(slicer.vtkMRMLViewNode.ResetFocalPointRequestedEvent)
        camera = self.camera_node()
        self.renderer.ResetCamera()
        if camera is not None:
            camera.RotateTo(slicer.vtkMRMLCameraNode.Anterior if axis is None else axis)
        self.renderer.ResetCamera()
        self.renderer.ResetCameraClippingRange()
