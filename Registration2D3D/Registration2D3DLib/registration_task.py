"""The worker's task: an object, X-rays with their geometry and a start pose in; the pose and its DRRs out (torch)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid, transform_points
from DeepMedLib.jobs.task import Progress, TaskResult
from DeepMedLib.models.device import DeviceChoice, choose_device
from DeepMedLib.models.loading import LoadedModel, load_model, record_of
from DeepMedLib.remark import Gravity, Remark
from Registration2D3DLib.geometry.view import View
from Registration2D3DLib.learned.landmarks import landmarks_of
from Registration2D3DLib.learned.stage import FirstStage
from Registration2D3DLib.matching.registering import register
from Registration2D3DLib.options import BONE, BUNDLES
from Registration2D3DLib.registration_result import RegistrationResult, ViewFit
from Registration2D3DLib.rendering.drr import Rays, render
from Registration2D3DLib.rendering.units import attenuation
from Registration2D3DLib.rendering.volume import Volume, averaged

SHOWN_PX = 512
"""Largest side of the DRRs that are returned."""
SYMMETRIC = (
    "One X-ray hardly tells a nearly symmetric implant, such as a tibial tray, from its mirrored turn; of real trays "
    "one trusted pose was 16 degrees off. Compare the turn with what is plausible, or take a second X-ray."
)
_LEAST_HU_SPAN = 50.0
_FINEST = 256  # voxels on the longest side


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Register.

    Args:
        arrays: ``volume`` (k, j, i) in HU, or ``attenuation`` of a surface in 1/mm; ``xray_0``, ``xray_1`` ... (h, w).
        options: those of `options.OPTIONS`; ``grid`` of the volume (`Grid.to_dict`, its own frame); ``views``
            (`View.to_dict` each); ``models``, the folder of the shipped bundles; ``start`` 4x4, object to world;
            ``object`` and ``xrays``, names; ``remarks``.

    Returns:
        arrays ``drr_0`` ... (h, w) float32, values ``result`` as RegistrationResult.to_json, ``device``, ``engine``.

    Raises:
        BadInput: object, X-rays and geometry do not go together.
    """
    device = choose_device(options["device"])
    with few_threads():
        return _registered(arrays, options, progress, device)


def _registered(
    arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress, device: DeviceChoice
) -> TaskResult:
    views = [View.from_dict(record) for record in options["views"]]
    pictures = [np.asarray(arrays[f"xray_{number}"], np.float32) for number in range(len(views))]
    progress(0.02, "Preparing the object")
    volume = _volume(arrays, options, device.name)
    model = _model(options)
    first = None if model is None else FirstStage(model.network, landmarks_of(volume))
    start = np.array(options["start"], float)
    before = time.perf_counter()
    found = register(volume, pictures, views, start, options["reach_deg"], options["reach_mm"], progress, first)
    seconds = time.perf_counter() - before
    progress(0.95, "Rendering")
    center = transform_points(found.pose, volume.center)
    drrs = {f"drr_{number}": shown_drr(volume, view.towards(center), found.pose) for number, view in enumerate(views)}
    size = np.array(volume.grid.size_ijk) * volume.grid.spacing
    fits = tuple(ViewFit(name, tuple(view.source.tolist())) for name, view in zip(options["xrays"], views, strict=True))
    remarks = list(options["remarks"])
    if volume.outlined and len(views) == 1 and not found.verdict.failed:
        remarks.append(Remark(SYMMETRIC, Gravity.WARNING).to_dict())
    result = RegistrationResult.of(found, options["object"], fits, start, volume.center, size, seconds, remarks)
    made = {"device": device.description, "engine": f"torch {torch.__version__}"} if model is None else record_of(model)
    return TaskResult(drrs, {"result": result.to_json(), **made})


def _model(options: Mapping[str, Any]) -> LoadedModel | None:
    bundle = BUNDLES[options["first_stage"]]
    return None if bundle is None else load_model(Path(options["models"]), bundle, options["device"])


@contextmanager
def few_threads() -> Iterator[None]:
    """As many threads as processors are idle: threads that wait for one another cost more than they bring."""
    before = torch.get_num_threads()
    try:
        idle = (os.cpu_count() or 1) - os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows does not tell
        idle = float(before)
    torch.set_num_threads(max(1, min(before, round(idle))))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _volume(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], device: str) -> Volume:
    grid = Grid.from_dict(options["grid"])
    if "attenuation" in arrays:
        return Volume.from_attenuation(arrays["attenuation"], grid, device, outlined=True)
    values = arrays["volume"]
    if values.ndim != 3 or min(values.shape) < 4:
        raise BadInput("The CT is too thin to be rendered.", "Choose a volume with at least 4 slices.")
    if float(np.ptp(values)) < _LEAST_HU_SPAN:
        raise BadInput("The CT is empty.", "Choose a CT in Hounsfield units.")
    finest = float((np.array(grid.size_ijk) * grid.spacing).max()) / _FINEST
    mu, grid = averaged(attenuation(values, options["tissue"] == BONE), grid, finest)
    return Volume.from_attenuation(mu, grid, device)


@torch.no_grad()
def shown_drr(volume: Volume, view: View, pose: np.ndarray) -> np.ndarray:
    """(h, w) float32, `SHOWN_PX` pixels on its larger side at most, over the whole picture."""
    scale = min(1.0, SHOWN_PX / max(view.width, view.height))
    small = view.resized(max(1, round(scale * view.width)), max(1, round(scale * view.height)))
    columns, rows = np.meshgrid(np.arange(small.width), np.arange(small.height))
    device = volume.channels.device
    rays = Rays.through(small, np.stack([columns.ravel(), rows.ravel()], 1), device)
    integral = render(volume, rays, torch.as_tensor(pose[None], dtype=torch.float32, device=device))
    return integral.reshape(small.height, small.width).cpu().numpy()
