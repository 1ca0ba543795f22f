"""Volume nodes to arrays with geometry, pictures to volume nodes, and pixels to RAS.

Arrays are in k, j, i order (slice or frame, row, column), as numpy and Slicer hold them; positions are in mm, RAS, in
the world frame, that is with the node's parent transforms applied. A pixel (x, y) is column, row, 0-based at centers.
"""

from __future__ import annotations

import numpy as np
import slicer
import vtk

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid

SPACING_ATTRIBUTE = "DeepMed.PixelSize"
_KNOWN, _UNKNOWN = "known", "unknown"


def _name(volumeNode: slicer.vtkMRMLVolumeNode) -> str:
    return volumeNode.GetName() or "The volume"


def _requireImage(volumeNode: slicer.vtkMRMLVolumeNode | None) -> None:
    if volumeNode is None:
        raise BadInput("No volume is selected.", "Choose a volume or picture as input.")
    image = volumeNode.GetImageData()
    if image is None or image.GetPointData().GetScalars() is None or min(image.GetDimensions()) < 1:
        raise BadInput(f"{_name(volumeNode)} holds no image.", "Load the picture again or choose another volume.")


def parentMatrix(node: slicer.vtkMRMLTransformableNode) -> np.ndarray:
    """The 4x4 matrix from a node's own RAS frame to the world, the identity without a parent transform.

    Raises:
        BadInput: a parent transform is not linear.
    """
    parent = node.GetParentTransformNode()
    if parent is None:
        return np.eye(4)
    if not parent.IsTransformToWorldLinear():
        raise BadInput(
            f"{node.GetName() or 'The node'} lies under a transform that bends space.",
            "Harden the transform in the Transforms module first.",
        )
    matrix = vtk.vtkMatrix4x4()
    parent.GetMatrixTransformToWorld(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix).astype(float)


def ijkToRas(volumeNode: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """The 4x4 matrix from voxel (i, j, k) to world RAS mm, parent transforms included.

    Raises:
        BadInput: a spacing is zero or not a number, the axes are degenerate, or a parent transform is not linear.
    """
    spacing = np.array(volumeNode.GetSpacing(), float)
    matrix = vtk.vtkMatrix4x4()
    volumeNode.GetIJKToRASMatrix(matrix)
    own = slicer.util.arrayFromVTKMatrix(matrix).astype(float)
    if not np.isfinite(own).all() or not np.isfinite(spacing).all() or (spacing <= 0).any():
        raise BadInput(
            f"{_name(volumeNode)} has a pixel size that is zero or not a number.",
            "Set its spacing in the Volumes module or export it again from its source.",
        )
    world = parentMatrix(volumeNode) @ own
    edges = np.linalg.norm(world[:3, :3], axis=0)
    if not np.isfinite(world).all() or abs(np.linalg.det(world[:3, :3])) < 1e-9 * max(float(np.prod(edges)), 1e-30):
        raise BadInput(
            f"{_name(volumeNode)} has axes that do not span space.",
            "Correct its orientation in the Volumes module, or the transform above it.",
        )
    return world


def gridFromVolume(volumeNode: slicer.vtkMRMLVolumeNode) -> Grid:
    """The node's sampling grid in the world frame: matrix IJK to RAS (mm) and shape in k, j, i order.

    Raises:
        BadInput: no image, or a geometry that cannot be used (see `ijkToRas`).
    """
    _requireImage(volumeNode)
    return Grid(ijkToRas(volumeNode), tuple(reversed(volumeNode.GetImageData().GetDimensions())))


def arrayFromVolume(volumeNode: slicer.vtkMRMLVolumeNode) -> tuple[np.ndarray, Grid]:
    """A copy of the voxels, (K, J, I) or (K, J, I, components), with their grid.

    Raises:
        BadInput: no image, an unusable geometry, or voxels that are not finite numbers.
    """
    grid = gridFromVolume(volumeNode)
    try:
        array = slicer.util.arrayFromVolume(volumeNode).copy()
    except RuntimeError as error:
        raise BadInput(
            f"{_name(volumeNode)} is of a kind that holds no plain image.", "Choose a scalar or color volume."
        ) from error
    if array.dtype.kind == "f":
        bad = int(array.size - np.count_nonzero(np.isfinite(array)))
        if bad:
            raise BadInput(
                f"{_name(volumeNode)} holds {bad} of {array.size} values that are not finite numbers.",
                "Replace them, for example with the Simple Filters module, or export the picture again.",
            )
    return array, grid


def volumeFromArray(array: np.ndarray, grid: Grid, name: str) -> slicer.vtkMRMLScalarVolumeNode:
    """A scalar volume of an array (K, J, I) on its grid (RAS mm).

    Raises:
        BadInput: the array does not lie on the grid.
    """
    grid.check_array(array)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
    slicer.util.updateVolumeFromArray(node, array)
    node.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(grid.ijk_to_ras))
    return node


def pictureFromVolume(volumeNode: slicer.vtkMRMLVolumeNode, frame: int = 0) -> np.ndarray:
    """One frame as a picture: (H, W) for grey, (H, W, 3) for color, in the volume's own number type.

    Works on scalar and vector volumes, the proxy volumes of sequences, and multi-frame volumes (frame = slice index k).

    Raises:
        BadInput: no such frame, an unusable geometry or number of channels, or values that are not finite.
    """
    array, grid = arrayFromVolume(volumeNode)
    frames = grid.shape_kji[0]
    if not 0 <= frame < frames:
        raise BadInput(
            f"{_name(volumeNode)} has {frames} frame{'s' if frames > 1 else ''}; frame {frame} is not among them.",
            f"Choose a frame from 0 to {frames - 1}.",
        )
    picture = array[frame]
    if picture.ndim == 2:
        return picture
    channels = picture.shape[2]
    if channels == 1:
        return picture[:, :, 0]
    if channels in (3, 4):  # the fourth is opacity, which carries no anatomy
        return np.ascontiguousarray(picture[:, :, :3])
    raise BadInput(
        f"{_name(volumeNode)} has {channels} channels a pixel.",
        "Choose a grey picture or one with red, green and blue.",
    )


def numberOfFrames(volumeNode: slicer.vtkMRMLVolumeNode) -> int:
    """Slices or frames along k; 0 without an image."""
    image = volumeNode.GetImageData()
    return int(image.GetDimensions()[2]) if image is not None else 0


def volumeFromPicture(
    picture: np.ndarray,
    spacingXY: tuple[float, float] | None,
    name: str,
    node: slicer.vtkMRMLVolumeNode | None = None,
) -> slicer.vtkMRMLVolumeNode:
    """A picture as a one-slice volume in the frame Slicer gives 2D pictures: IJK to RAS = diag(-sx, -sy, 1).

    Args:
        picture: (H, W) grey or (H, W, 3) color.
        spacingXY: pixel width and height in mm, or None when unknown: the volume then counts pixels, and
            `spacingOfPicture` keeps saying None, so that nobody takes the 1 for a millimetre.
        name: name of the node.
        node: a volume node of the right class to fill; a new one is made without it.

    Raises:
        BadInput: the array is no picture, or the pixel size is not positive.
    """
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[2] != 3) or 0 in picture.shape:
        raise BadInput(
            f"An array of shape {'x'.join(map(str, picture.shape))} is not a picture.",
            "Give height x width for grey or height x width x 3 for color.",
        )
    if spacingXY is not None and not all(np.isfinite(spacing) and spacing > 0 for spacing in spacingXY):
        raise BadInput("The pixel size must be positive.", "Enter the millimetres of one pixel, or leave it unknown.")
    if picture.dtype in (np.int64, np.uint64, np.float16, np.bool_):  # VTK cannot show these
        picture = picture.astype(np.float32 if picture.dtype == np.float16 else np.int32)
    className = "vtkMRMLVectorVolumeNode" if picture.ndim == 3 else "vtkMRMLScalarVolumeNode"
    sx, sy = spacingXY or (1.0, 1.0)
    matrix = np.diag([-sx, -sy, 1.0, 1.0])
    if node is None:
        node = slicer.util.addVolumeFromArray(
            np.ascontiguousarray(picture[None]), ijkToRAS=matrix, name=name, nodeClassName=className
        )
    elif node.GetClassName() != className:
        raise BadInput(f"{_name(node)} cannot hold this kind of picture.", "Choose another output volume.")
    else:
        node.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(matrix))
        slicer.util.updateVolumeFromArray(node, np.ascontiguousarray(picture[None]))
    node.SetAttribute(SPACING_ATTRIBUTE, _KNOWN if spacingXY is not None else _UNKNOWN)
    return node


def spacingOfPicture(volumeNode: slicer.vtkMRMLVolumeNode) -> tuple[float, float] | None:
    """Pixel width and height in mm, or None when nobody has said.

    A spacing of exactly 1 x 1 without our own remark is taken as unknown: that is what Slicer gives pictures and
    ultrasound DICOM files whose size it does not read.
    """
    sx, sy, _ = volumeNode.GetSpacing()
    remark = volumeNode.GetAttribute(SPACING_ATTRIBUTE)
    if remark == _UNKNOWN or (remark != _KNOWN and sx == 1.0 and sy == 1.0):
        return None
    return float(sx), float(sy)


def setSpacingOfPicture(volumeNode: slicer.vtkMRMLVolumeNode, spacingXY: tuple[float, float]) -> None:
    """Set a picture's pixel size (mm) and remember that it is known; the first pixel stays where it is.

    Raises:
        BadInput: the size is not positive.
    """
    if not all(np.isfinite(spacing) and spacing > 0 for spacing in spacingXY):
        raise BadInput("The pixel size must be positive.", "Enter the millimetres of one pixel.")
    volumeNode.SetSpacing(float(spacingXY[0]), float(spacingXY[1]), volumeNode.GetSpacing()[2])
    volumeNode.SetAttribute(SPACING_ATTRIBUTE, _KNOWN)


def pixelToRas(volumeNode: slicer.vtkMRMLVolumeNode, pixels: np.ndarray, frame: float = 0) -> np.ndarray:
    """World RAS positions (N, 3) in mm of pixels (N, 2) given as (x, y) in one frame; (2,) gives (3,).

    Raises:
        BadInput: see `ijkToRas`.
    """
    pixels = np.asarray(pixels, float)
    points = np.atleast_2d(pixels)
    homogeneous = np.column_stack([points, np.full(len(points), float(frame)), np.ones(len(points))])
    ras = (homogeneous @ ijkToRas(volumeNode).T)[:, :3]
    return ras[0] if pixels.ndim == 1 else ras


def rasToPixel(volumeNode: slicer.vtkMRMLVolumeNode, ras: np.ndarray) -> np.ndarray:
    """Pixels (N, 3) as (x, y, frame), fractional, of world RAS positions (N, 3); (3,) gives (3,).

    Raises:
        BadInput: see `ijkToRas`.
    """
    ras = np.asarray(ras, float)
    points = np.atleast_2d(ras)
    homogeneous = np.column_stack([points, np.ones(len(points))])
    ijk = (homogeneous @ np.linalg.inv(ijkToRas(volumeNode)).T)[:, :3]
    return ijk[0] if ras.ndim == 1 else ijk
