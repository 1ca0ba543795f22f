"""Pictures of slice and 3D views without a display, judged by counts of overlay-colored pixels."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from deepmed_headless import vtk_errors

ARTEFACTS = Path(__file__).resolve().parents[1] / "artefacts"


def green(picture: np.ndarray) -> int:
    """Number of pixels that are clearly greener than red."""
    pixels = picture.astype(int)
    return int(((pixels[..., 1] - pixels[..., 0]) > 20).sum())


@pytest.fixture
def shown(demo: ModuleType):
    """The layout manager with the demo's block, its segmentation and its centre in all views."""
    import slicer

    manager = slicer.app.layoutManager()
    volume = demo.makeBlock()
    demo.DemoModuleLogic().process(volume, 50)
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    slicer.modules.markups.logic().JumpSlicesToLocation(13.5, 11.5, 9.5, True)
    slicer.util.resetThreeDViews()
    return manager


def test_four_up_shows_the_overlay_in_every_quadrant(shown) -> None:
    with vtk_errors() as errors:
        picture = shown.four_up(ARTEFACTS / "headless_four_up.png")
    assert errors == []
    assert picture.shape == (800, 800, 3)
    assert picture.dtype == np.uint8
    for rows in (slice(0, 400), slice(400, 800)):
        for columns in (slice(0, 400), slice(400, 800)):
            assert green(picture[rows, columns]) > 1000
    assert (ARTEFACTS / "headless_four_up.png").stat().st_size > 1000


def test_the_picture_shines_through_a_half_transparent_fill(shown) -> None:
    """The slice image must lie below the overlay, not replace or hide behind it."""
    import slicer

    display = slicer.util.getNode("Block segmentation").GetDisplayNode()
    display.SetOpacity2DFill(0.5)
    inside = shown.four_up()[150, 150].astype(int)
    white, color = 255, np.array([26, 204, 51])
    np.testing.assert_allclose(inside, (white + color) / 2, atol=4)


def test_slice_picture_has_the_size_asked_for_and_leaves_the_view(shown) -> None:
    import slicer

    node = shown.sliceWidget("Red").mrmlSliceNode()
    before = (tuple(node.GetFieldOfView()), tuple(node.GetDimensions()), shown.four_up())
    picture = shown.slice_picture("Red", size=(300, 200))
    assert picture.shape == (200, 300, 3)
    assert green(picture) > 500
    assert tuple(node.GetDimensions()) == before[1]
    assert tuple(node.GetFieldOfView()) == pytest.approx(before[0])
    np.testing.assert_array_equal(shown.four_up(), before[2])
    with pytest.raises(KeyError):
        shown.slice_picture("Blue")
    assert slicer.app.layoutManager() is shown


def test_views_are_empty_after_the_scene_is_cleared(shown) -> None:
    import slicer

    slicer.mrmlScene.Clear(0)
    assert green(shown.four_up()) == 0


def test_axial_view_has_patient_right_on_the_left(demo: ModuleType) -> None:
    import slicer

    array = np.zeros((4, 40, 40), np.uint8)
    array[:, :10, :10] = 200  # small i and j: right and anterior with IJK to RAS diag(-1, -1, 1)
    volume = slicer.util.addVolumeFromArray(array, ijkToRAS=np.diag([-1.0, -1.0, 1.0, 1.0]))
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    picture = slicer.app.layoutManager().slice_picture("Red", size=(200, 200)).astype(int)[..., 0]
    assert picture[:90, :90].mean() > 40
    assert picture[110:, 110:].mean() == 0
