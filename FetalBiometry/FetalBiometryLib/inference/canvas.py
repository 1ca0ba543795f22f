"""Resampling pictures into the network's canvas and its maps back (torch; imported by the worker only)."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from FetalBiometryLib.planes.framing import Frame


def picture_to_canvas(picture: np.ndarray, frame: Frame) -> torch.Tensor:
    """Grey picture (H, W), any range 0..255 -> canvas (1, 1, h, w) float32 in 0..1, area-averaged when shrunk.

    The resampling honours the frame's sub-pixel offsets, so that a shape fitted on the canvas maps back without bias.
    """
    source = torch.as_tensor(np.ascontiguousarray(picture, dtype=np.float32))[None, None] / 255.0
    scaled_height = max(1, round(frame.scale * frame.height))
    scaled_width = max(1, round(frame.scale * frame.width))
    if frame.scale < 1:
        source = F.interpolate(
            source, (scaled_height, scaled_width), mode="bilinear", antialias=True, align_corners=False
        )
    rows = (torch.arange(frame.canvas_height) + 0.5 - frame.offset_y) / (frame.scale * frame.height)
    columns = (torch.arange(frame.canvas_width) + 0.5 - frame.offset_x) / (frame.scale * frame.width)
    y, x = torch.meshgrid(2 * rows - 1, 2 * columns - 1, indexing="ij")
    grid = torch.stack((x, y), dim=-1)[None].float()
    return F.grid_sample(source, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def canvas_to_picture(maps: torch.Tensor, frame: Frame) -> torch.Tensor:
    """Canvas maps (n, c, h, w) -> maps on the picture's own pixels (n, c, H, W), bilinear."""
    x = (torch.arange(frame.width) + 0.5) * frame.scale + frame.offset_x
    y = (torch.arange(frame.height) + 0.5) * frame.scale + frame.offset_y
    gy, gx = torch.meshgrid(2 * y / frame.canvas_height - 1, 2 * x / frame.canvas_width - 1, indexing="ij")
    grid = torch.stack((gx, gy), dim=-1)[None].float().expand(maps.shape[0], -1, -1, -1)
    return F.grid_sample(maps, grid, mode="bilinear", padding_mode="border", align_corners=False)
