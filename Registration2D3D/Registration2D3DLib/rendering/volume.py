"""What is rendered: attenuation on a grid, at several voxel sizes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as nn

from DeepMedLib.geometry import Grid


@dataclass(frozen=True, eq=False)
class Volume:
    """Attenuation and its gradient on a lattice.

    Attributes:
        channels: (1, 4, k, j, i) float32 on its device: attenuation in 1/mm, then its derivatives along the object's x,
            y and z (RAS, 1/mm^2).
        grid: where the voxels lie in the object's RAS frame.
        outlined: what lies beside the object on a picture is compared, too, as of an implant, whose inside is even.
    """

    channels: torch.Tensor
    grid: Grid
    outlined: bool = False
    _stacks: dict[int, torch.Tensor] = field(default_factory=dict, repr=False)

    def stack(self, axis: int) -> torch.Tensor:
        """(slices, 4, rows, columns): the slices across index axis 0 (i), 1 (j) or 2 (k), kept once made."""
        if axis not in self._stacks:
            order = {0: (4, 1, 2, 3), 1: (3, 1, 2, 4), 2: (2, 1, 3, 4)}[axis]
            self._stacks[axis] = self.channels.permute(0, *order)[0].contiguous()
        return self._stacks[axis]

    @property
    def center(self) -> np.ndarray:
        """(3,) RAS mm, middle of the lattice."""
        return self.grid.ijk_points_to_ras((np.array(self.grid.size_ijk) - 1) / 2)

    @property
    def voxel_mm(self) -> float:
        """Geometric mean of the voxel's sides."""
        return float(self.grid.voxel_volume ** (1 / 3))

    @classmethod
    def from_attenuation(
        cls, mu: np.ndarray | torch.Tensor, grid: Grid, device: str | torch.device = "cpu", outlined: bool = False
    ) -> Volume:
        """From an array (k, j, i) in 1/mm on its grid."""
        values = torch.as_tensor(mu, dtype=torch.float32, device=device)
        padded = nn.pad(values[None, None], (1, 1, 1, 1, 1, 1), mode="replicate")[0, 0]
        core = slice(1, -1)
        by_index = torch.stack(
            [
                padded[core, core, 2:] - padded[core, core, :-2],
                padded[core, 2:, core] - padded[core, :-2, core],
                padded[2:, core, core] - padded[:-2, core, core],
            ]
        ) / 2  # fmt: skip
        to_ijk = torch.tensor(grid.ras_to_ijk[:3, :3], dtype=torch.float32, device=device)
        gradient = torch.einsum("ax,akji->xkji", to_ijk, by_index)
        return cls(torch.cat([values[None], gradient])[None].contiguous(), grid, outlined)

    def coarser(self, voxel_mm: float) -> Volume:
        """The same object with voxels of about `voxel_mm`, averaged; itself where it is as coarse already."""
        values, grid = averaged(self.channels[0, 0], self.grid, voxel_mm)
        if grid is self.grid:
            return self
        return Volume.from_attenuation(values, grid, values.device, self.outlined)


def averaged(mu: np.ndarray | torch.Tensor, grid: Grid, voxel_mm: float) -> tuple[torch.Tensor, Grid]:
    """Attenuation (k, j, i) in voxels of about `voxel_mm`, whole numbers of the given ones, and their grid."""
    values = torch.as_tensor(mu, dtype=torch.float32)
    factors = [max(1, round(voxel_mm / side)) for side in grid.spacing]
    if max(factors) == 1:
        return values, grid
    i, j, k = factors
    extra = [(-count) % factor for count, factor in zip(grid.size_ijk, factors, strict=True)]
    values = nn.pad(values[None, None], (0, extra[0], 0, extra[1], 0, extra[2]))
    values = nn.avg_pool3d(values, (k, j, i))[0, 0]
    matrix = grid.ijk_to_ras.copy()
    matrix[:3, 3] = grid.ijk_points_to_ras((np.array(factors) - 1) / 2)
    matrix[:3, :3] = matrix[:3, :3] * np.array(factors)
    shape = values.shape
    return values, Grid(matrix, (int(shape[0]), int(shape[1]), int(shape[2])))
