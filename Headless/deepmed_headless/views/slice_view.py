"""A slice view: the compiled slice logic and displayable managers, drawn offscreen."""

from __future__ import annotations

from typing import Any

from deepmed_headless.views.view import Size, View

_MANAGERS = (
    "vtkMRMLVolumeGlyphSliceDisplayableManager",
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLCrosshairDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
    "vtkMRMLScalarBarDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLTransformsDisplayableManager2D",
)


class SliceView(View):
    """One slice view.

    Args:
        scene: the vtkMRMLScene.
        application_logic: the vtkSlicerApplicationLogic.
        name: "Red", "Green" or "Yellow".
        orientation: "Axial", "Coronal" or "Sagittal".
        color: the view's RGB color, 0 to 1.
        size: width and height in pixels.
    """

    def __init__(
        self,
        scene: Any,
        application_logic: Any,
        name: str,
        orientation: str,
        color: tuple[float, float, float],
        size: Size,
    ) -> None:
        import slicer
        import vtk

        # The blended slice image lies behind everything; in the desktop CTK's light box draws it.
        self._mapper = vtk.vtkImageMapper()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        self._image = vtk.vtkActor2D()
        self._image.SetMapper(self._mapper)
        self._image.GetProperty().SetDisplayLocationToBackground()
        self._image.SetVisibility(False)
        factory = slicer.vtkMRMLSliceViewDisplayableManagerFactory
        super().__init__(application_logic, factory, _MANAGERS, size, backdrop=self._image)
        self.renderer.GetActiveCamera().ParallelProjectionOn()
        self.logic = slicer.vtkMRMLSliceLogic()
        self.logic.SetMRMLApplicationLogic(application_logic)
        application_logic.GetSliceLogics().AddItem(self.logic)
        self.logic.SetMRMLScene(scene)
        self.node = self.logic.AddSliceNode(name)
        self.node.SetOrientation(orientation)
        self.node.SetLayoutLabel(name[0])
        self.node.SetLayoutColor(*color)
        self.logic.ResizeSliceNode(*size)  # a new slice node has 256 x 256 pixels
        self.group.SetMRMLDisplayableNode(self.node)

    def resize(self, size: Size) -> None:
        """Sets the view's size in pixels; the field of view follows as when the user resizes the window."""
        self.size = size
        self.window.SetSize(*size)
        self.logic.ResizeSliceNode(*size)

    def fit(self) -> None:
        """Shows the whole background volume and moves the slice onto a voxel plane."""
        self.logic.ResizeSliceNode(*self.size)
        self.logic.FitSliceToBackground()
        self.logic.SnapSliceOffsetToIJK()

    def prepare(self) -> None:
        """Takes the blended image of the slice's layers, or none where no volume is shown."""
        self.logic.UpdatePipeline()
        connection = self.logic.GetImageDataConnection()
        if connection is not None:
            self._mapper.SetInputConnection(connection)
        self._image.SetVisibility(connection is not None)
