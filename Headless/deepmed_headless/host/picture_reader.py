"""PNG, JPEG, BMP and TIFF pictures as volumes: the ITK inside slicer-core cannot read them, VTK can."""

from __future__ import annotations

from typing import Any


def load_picture(scene: Any, file_name: str, base_name: str) -> Any | None:
    """Reads a 2D picture into a volume node, as desktop Slicer does.

    Grey pictures become a scalar volume, color pictures a vector volume. Array order is [1, row, column(, component)]
    with row 0 at the top; spacing 1 mm; IJK to RAS diag(-1, -1, 1), so columns run to the left and rows to posterior.

    Returns:
        the node, or None where the file is no readable picture.
    """
    import vtk

    reader = vtk.vtkImageReader2Factory.CreateImageReader2(file_name)
    if reader is None:
        return None
    reader.SetFileName(file_name)
    if reader.IsA("vtkTIFFReader"):
        reader.SetOrientationType(
            4
        )  # bottom row first, as the other readers; the file's own orientation tag is ignored
    upright = vtk.vtkImageFlip()  # VTK puts the bottom row first
    upright.SetFilteredAxis(1)
    upright.SetInputConnection(reader.GetOutputPort())
    upright.Update()
    image = upright.GetOutput()
    if reader.GetErrorCode() or image.GetNumberOfPoints() == 0:
        return None
    image.SetOrigin(0, 0, 0)
    image.SetSpacing(1, 1, 1)
    colored = image.GetNumberOfScalarComponents() > 1
    node = scene.AddNewNodeByClass(
        "vtkMRMLVectorVolumeNode" if colored else "vtkMRMLScalarVolumeNode", scene.GenerateUniqueName(base_name)
    )
    node.SetAndObserveImageData(image)
    node.SetIJKToRASDirections(-1, 0, 0, 0, -1, 0, 0, 0, 1)
    node.CreateDefaultDisplayNodes()
    return node
