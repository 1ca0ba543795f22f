"""`slicer.app.layoutManager()`: three slice views and one 3D view, and pictures of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from deepmed_headless.views.slice_view import SliceView
from deepmed_headless.views.slice_widget import SliceWidget
from deepmed_headless.views.three_d_view import ThreeDView
from deepmed_headless.views.three_d_widget import ThreeDWidget
from deepmed_headless.views.view import Picture, Size, write_png

_SLICES = (  # name, orientation, the desktop's view color
    ("Red", "Axial", (0.952941, 0.290196, 0.2)),
    ("Green", "Coronal", (0.431373, 0.690196, 0.294118)),
    ("Yellow", "Sagittal", (0.929412, 0.835294, 0.298039)),
)
_SIZE: Size = (400, 400)
_FOUR_UP = 3  # vtkMRMLLayoutNode.SlicerLayoutFourUpView


class LayoutManager:
    """Stands in for qSlicerLayoutManager. `four_up` and `slice_picture` exist headless only.

    Args:
        scene, logic: the application's vtkMRMLScene and vtkSlicerApplicationLogic.
    """

    def __init__(self, scene: Any, logic: Any) -> None:
        self._logic = logic
        self._slices = {
            name: SliceView(scene, logic, name, orientation, color, _SIZE) for name, orientation, color in _SLICES
        }
        self._three_d = ThreeDView(scene, logic, "1", _SIZE)
        self._layout = _FOUR_UP
        self._scene = scene
        self._layout_logic: Any = None

    @property
    def layout(self) -> int:
        """The layout last asked for; all four views exist whatever it is."""
        return self._layout

    def setLayout(self, layout: int) -> None:
        """Records the layout."""
        self._layout = int(layout)

    def layoutLogic(self) -> Any:
        """vtkMRMLLayoutLogic, whose layout node knows the layouts by number; made when a panel first asks for it."""
        if self._layout_logic is None:  # its node is part of the scene, and no saved scene shall bring a layout along
            import slicer

            self._layout_logic = slicer.vtkMRMLLayoutLogic()
            self._layout_logic.SetMRMLScene(self._scene)
        return self._layout_logic

    def sliceViewNames(self) -> tuple[str, ...]:
        """Names of the slice views."""
        return tuple(self._slices)

    def sliceWidget(self, name: str) -> SliceWidget | None:
        """The slice widget called `name`, or None as in Slicer."""
        view = self._slices.get(name)
        return SliceWidget(view) if view is not None else None

    def mrmlSliceLogics(self) -> Any:
        """vtkCollection of the slice logics."""
        return self._logic.GetSliceLogics()

    def mrmlViewLogics(self) -> Any:
        """vtkCollection of the 3D view logics."""
        return self._logic.GetViewLogics()

    @property
    def threeDViewCount(self) -> int:
        """One."""
        return 1

    def threeDWidget(self, index: int) -> ThreeDWidget | None:
        """The 3D widget, or None for another index than 0."""
        return ThreeDWidget(self._three_d) if index == 0 else None

    @property
    def tableViewCount(self) -> int:
        """None."""
        return 0

    @property
    def plotViewCount(self) -> int:
        """None."""
        return 0

    def plotWidget(self, index: int) -> None:
        """None, as in Slicer for an index without a view."""

    def resetSliceViews(self) -> None:
        """Fits each slice view to its background volume."""
        for view in self._slices.values():
            view.fit()

    def resetThreeDViews(self) -> None:
        """Looks at everything visible in 3D, from anterior."""
        self._three_d.reset()

    def pauseRender(self) -> None:
        """Views render only when asked."""

    def resumeRender(self) -> None:
        """Views render only when asked."""

    def setRenderPaused(self, paused: bool) -> None:
        """Views render only when asked."""

    def four_up(self, path: str | Path | None = None) -> Picture:
        """Renders the four views: Red and 3D above, Green and Yellow below.

        Args:
            path: PNG file to write as well.

        Returns:
            uint8 RGB, [800, 800, 3], row 0 at the top.
        """
        red, green, yellow = (view.picture() for view in self._slices.values())
        upper = np.hstack([red, self._three_d.picture()])
        picture: Picture = np.vstack([upper, np.hstack([green, yellow])])
        if path is not None:
            write_png(picture, path)
        return picture

    def slice_picture(
        self, view_name: str, path: str | Path | None = None, size: Size | None = None, fit: bool = True
    ) -> Picture:
        """Renders one slice view.

        Args:
            view_name: "Red", "Green" or "Yellow".
            path: PNG file to write as well.
            size: width and height in pixels, the view's own where None.
            fit: show the whole background volume at that size; else the field of view stays.

        Returns:
            uint8 RGB, [height, width, 3], row 0 at the top.

        Raises:
            KeyError: there is no such view.
        """
        view = self._slices[view_name]
        own_size = view.size
        field_of_view = view.node.GetFieldOfView()
        offset = view.logic.GetSliceOffset()
        try:
            if size is not None:
                view.resize(size)
            if fit:
                view.logic.FitSliceToBackground()
                view.logic.SetSliceOffset(offset)
            return view.picture(path)
        finally:
            view.resize(own_size)
            view.node.SetFieldOfView(*field_of_view)
