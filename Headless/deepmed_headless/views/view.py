"""What slice views and 3D views have in common: a window without a display and a displayable manager group."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Size = tuple[int, int]


class View:
    """A render window with the displayable managers of one factory.

    Args:
        application_logic: the vtkSlicerApplicationLogic.
        factory: the displayable manager factory class.
        managers: class names of the displayable managers.
        size: width and height in pixels.
        backdrop: a prop that lies below everything; the order of drawing is the order of adding.
    """

    def __init__(
        self, application_logic: Any, factory: Any, managers: tuple[str, ...], size: Size, backdrop: Any = None
    ) -> None:
        import slicer
        import vtk

        self.size = size
        self.renderer = vtk.vtkRenderer()
        if backdrop is not None:
            self.renderer.AddViewProp(backdrop)
        self.window = vtk.vtkRenderWindow()
        self.window.SetOffScreenRendering(1)
        self.window.SetMultiSamples(0)
        self.window.SetSize(*size)
        self.window.AddRenderer(self.renderer)
        self.interactor = vtk.vtkRenderWindowInteractor()
        self.interactor.SetRenderWindow(self.window)
        self.interactor.Initialize()
        instance = factory.GetInstance()
        instance.SetMRMLApplicationLogic(application_logic)
        for name in managers:
            if not instance.IsDisplayableManagerRegistered(name):
                instance.RegisterDisplayableManager(name)
        self.group = slicer.vtkMRMLDisplayableManagerGroup()
        self.group.Initialize(instance, self.renderer)

    def prepare(self) -> None:
        """Brings the pipeline up to date before a rendering."""

    def picture(self, path: str | Path | None = None) -> Picture:
        """Renders the view.

        Args:
            path: PNG file to write as well.

        Returns:
            uint8 RGB, [row, column, 3], row 0 at the top.
        """
        import vtk
        from vtkmodules.util.numpy_support import vtk_to_numpy

        self.prepare()
        self.window.Render()
        grabber = vtk.vtkWindowToImageFilter()
        grabber.SetInput(self.window)
        grabber.SetInputBufferTypeToRGB()
        grabber.ReadFrontBufferOff()
        grabber.Update()
        columns, rows, _ = grabber.GetOutput().GetDimensions()
        pixels = vtk_to_numpy(grabber.GetOutput().GetPointData().GetScalars())
        picture: Picture = np.ascontiguousarray(pixels.reshape(rows, columns, -1)[::-1])
        if path is not None:
            write_png(picture, path)
        return picture


def write_png(picture: Picture, path: str | Path) -> None:
    """Writes a uint8 RGB picture ([row, column, 3], row 0 at the top) to a PNG file."""
    import vtk
    from vtkmodules.util.numpy_support import numpy_to_vtk

    rows, columns, components = picture.shape
    image = vtk.vtkImageData()
    image.SetDimensions(columns, rows, 1)
    pixels = np.ascontiguousarray(picture[::-1]).reshape(-1, components)
    image.GetPointData().SetScalars(numpy_to_vtk(pixels, deep=True))
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    writer = vtk.vtkPNGWriter()
    writer.SetInputData(image)
    writer.SetFileName(str(path))
    writer.Write()
