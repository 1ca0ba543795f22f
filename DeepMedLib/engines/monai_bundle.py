"""MONAI bundles as engines: the network, the transforms before it and the class names are taken from the bundle, how it
is run is ours (torch; worker only).

Configurations of the Model Zoo name a graphics card, write files and let windows overlap by five eighths. Nothing of
that is followed: the network runs on the chosen device, in windows that overlap by a quarter on a CPU.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from DeepMedLib.dependencies import require, shared_requirement
from DeepMedLib.engines.engine import EngineAnswer, Windows
from DeepMedLib.errors import BundleRefused
from DeepMedLib.geometry import Grid, Reorientation
from DeepMedLib.jobs.task import Progress
from DeepMedLib.models.bundles import INFERENCE, Bundle
from DeepMedLib.models.device import DeviceChoice, choose_device
from DeepMedLib.models.network_config import build
from DeepMedLib.models.user_bundles import UserBundles
from DeepMedLib.resampling import resample

MOST_OVERLAP = {"cpu": 0.25, "cuda": 0.5, "mps": 0.25}
"""By device; a bundle's own overlap is taken where it is smaller."""
_WINDOW = (96, 96, 96)  # where the bundle names none
_OTHER = "Use another bundle."
_NEEDLESS = frozenset("LoadImaged EnsureTyped CastToTyped ToTensord ToDeviced DeleteItemsd Orientationd".split())
"""Transforms that load, turn, or say how and where numbers are kept: that is ours."""
_AXES = {"R": (0, False), "L": (0, True), "A": (1, False), "P": (1, True), "S": (2, False), "I": (2, True)}


@dataclass(frozen=True, eq=False)
class MonaiEngine:
    """An opened bundle; see `DeepMedLib.engines.engine.Engine`."""

    bundle: Bundle
    network: torch.nn.Module
    device: DeviceChoice
    names: Mapping[int, str]
    transforms: Sequence[Any]
    axes: str
    key: str
    window: tuple[int, int, int]
    overlap: float
    sigmoid: bool
    has_background: bool
    unpacked: tempfile.TemporaryDirectory[str] | None = None

    @property
    def name(self) -> str:
        """The bundle's."""
        return f"{self.bundle.name} {self.bundle.version}"

    def segment(self, array: np.ndarray, grid: Grid, progress: Progress) -> EngineAnswer:
        """See `Engine`."""
        progress(0.0, "Preparing the scan")
        image, there = self._prepared(array, grid)
        total = _windows(image.shape[1:], self.window, self.overlap)
        windows = Windows(total, progress)
        scores = self._scores(image, windows)
        progress(0.92, "Writing the labels")
        labels = _back(scores, there, grid, self.sigmoid, self.has_background)
        about = {
            "model": self.bundle.name,
            "version": self.bundle.version,
            "sha256": self.bundle.sha256,
            "device": self.device.description,
            "engine": f"MONAI bundle, torch {torch.__version__}",
        }
        return EngineAnswer(labels, self.names, about)

    def _prepared(self, array: np.ndarray, grid: Grid) -> tuple[torch.Tensor, Grid]:
        """(1, i, j, k) float32 after the bundle's transforms, and the grid of its voxels."""
        from monai.data import MetaTensor

        if self.axes:  # MONAI's own transform needs nibabel, which Slicer does not ship
            turn = _turn(grid, self.axes)
            array, grid = turn.forward(array), turn.target
        # As MONAI's readers give a picture: i, j, k and an affine to RAS.
        values = torch.from_numpy(np.ascontiguousarray(array.transpose(2, 1, 0)).astype(np.float32))
        meta = {"original_channel_dim": "no_channel", "spatial_shape": np.array(values.shape)}
        item: Any = {self.key: MetaTensor(values, affine=torch.tensor(grid.ijk_to_ras, dtype=torch.float64), meta=meta)}
        try:
            for transform in self.transforms:
                item = transform(item)
            image = item[self.key]
            affine = np.asarray(image.affine, float)
        except Exception as error:  # whatever a transform raises on arguments that make no sense for this scan
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
            message = f"The transforms of '{self.bundle.name}' fail on this scan: {reason}."
            raise BundleRefused(message, _OTHER) from error
        if image.ndim == 3:
            image = image[None]
        if image.ndim != 4:
            raise BundleRefused(f"The transforms of '{self.bundle.name}' make no volume.", _OTHER)
        self.bundle.check_input_channels(int(image.shape[0]))
        _, i, j, k = image.shape
        return image.as_tensor().float().contiguous(), Grid(affine, (int(k), int(j), int(i)))

    def _scores(self, image: torch.Tensor, windows: Windows) -> torch.Tensor:
        """(classes, i, j, k) on the CPU."""
        from monai.inferers import SlidingWindowInferer

        def answer(patch: torch.Tensor) -> torch.Tensor:
            found = self.network(patch.to(self.device.name))
            while isinstance(found, (tuple, list)):  # deep supervision: the finest comes first
                found = found[0]
            if isinstance(found, Mapping):
                found = next(iter(found.values()))
            windows.done(patch.shape[0])
            return torch.as_tensor(found).float().cpu()

        inferer = SlidingWindowInferer(
            self.window, sw_batch_size=1, overlap=self.overlap, mode="gaussian", device="cpu", sw_device="cpu"
        )
        try:
            with torch.inference_mode():
                scores = inferer(image[None], answer)[0]
        except RuntimeError as error:
            if "memory" in str(error).lower():
                raise
            reason = (str(error).splitlines() or [""])[0][:200].rstrip(".")
            raise BundleRefused(f"The network of '{self.bundle.name}' fails: {reason}.", _OTHER) from error
        if len(scores) != len(self.names) + self.has_background:
            raise BundleRefused(
                f"The network of '{self.bundle.name}' gives {len(scores)} classes; its metadata name others.", _OTHER
            )
        return torch.as_tensor(scores)


def open_monai_bundle(
    folder: Path,
    name: str,
    device: str,
    trusted: Collection[str],
    unpacked: tempfile.TemporaryDirectory[str] | None = None,
) -> MonaiEngine:
    """Open a bundle's folder; see `DeepMedLib.engines.opening.open_engine`.

    Raises:
        BundleRefused: incomplete, not for volumes, or it could run code and was not confirmed.
        DependencyMissing: monai is not installed.
    """
    require(shared_requirement("monai"))
    chosen = choose_device(device)
    with tempfile.TemporaryDirectory(prefix="bundles-") as scratch:
        known = UserBundles(Path(scratch))
        record = known.add(folder, _plain(name))
        if record.findings and record.sha256 in trusted:
            known.confirm(record.sha256)
        elif record.findings:
            raise BundleRefused(
                f"The model '{record.name}' could run code on this computer: {record.findings[0]}.",
                f"If you trust its author, confirm this very bundle by its hash {record.sha256}.",
            )
        bundle = known.open(record.name)
    config = bundle.read_json(INFERENCE)
    steps = _steps(config)
    window, overlap = _inferer(config, bundle)
    names, has_background = _classes(bundle)
    return MonaiEngine(
        bundle,
        bundle.load_network(chosen.name),
        chosen,
        names,
        [build(step, config) for step in steps],
        _orientation(config, bundle),
        _key(bundle),
        window,
        min(overlap, MOST_OVERLAP[chosen.name]),
        _is_sigmoid(config),
        has_background,
        unpacked,
    )


def _plain(name: str) -> str:
    kept = "".join(sign if sign.isalnum() or sign in " .-_" else "_" for sign in name).strip(" .-_")
    return kept[:80] or "bundle"


def _steps(config: Mapping[str, Any]) -> list[Any]:
    """The transforms before the network that change values or geometry."""
    section = config.get("preprocessing")
    steps = section.get("transforms") if isinstance(section, Mapping) else section
    if not isinstance(steps, list):
        return []
    wanted = [step for step in steps if isinstance(step, Mapping) and not step.get("_disabled_")]
    return [step for step in wanted if str(step.get("_target_", "")).rpartition(".")[2] not in _NEEDLESS]


def _orientation(config: Mapping[str, Any], bundle: Bundle) -> str:
    """Where the axes of the network's pictures point, e.g. "RAS"; "" where the bundle takes them as they are."""
    section = config.get("preprocessing")
    steps = section.get("transforms") if isinstance(section, Mapping) else section
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, Mapping) and str(step.get("_target_", "")).rpartition(".")[2] == "Orientationd":
            axes = build(step.get("axcodes", "RAS"), config)
            letters = "".join(axes) if isinstance(axes, (str, list)) else ""
            if sorted(_AXES[letter][0] for letter in letters if letter in _AXES) != [0, 1, 2]:
                raise BundleRefused(f"'{bundle.name}' names an orientation that is none: {axes}.", _OTHER)
            return letters
    return ""


def _turn(grid: Grid, axes: str) -> Reorientation:
    """From a grid to the one whose i, j, k point nearest to three letters."""
    upright = grid.canonical()
    wanted = [_AXES[letter] for letter in axes]
    return Reorientation(
        grid,
        tuple(upright.axes[axis] for axis, _ in wanted),
        tuple(upright.flipped[axis] != flips for axis, flips in wanted),
    )


def _key(bundle: Bundle) -> str:
    data_format = bundle.metadata.get("network_data_format")
    inputs = data_format.get("inputs") if isinstance(data_format, Mapping) else None
    return str(next(iter(inputs))) if isinstance(inputs, Mapping) and inputs else "image"


def _classes(bundle: Bundle) -> tuple[dict[int, str], bool]:
    """Class names by label, from the metadata's ``channel_def``, and whether the first channel is background."""
    data_format = bundle.metadata.get("network_data_format")
    outputs = data_format.get("outputs") if isinstance(data_format, Mapping) else None
    first = next(iter(outputs.values()), None) if isinstance(outputs, Mapping) else None
    channels = first.get("channel_def") if isinstance(first, Mapping) else None
    if not isinstance(channels, Mapping) or not channels:
        raise BundleRefused(f"The metadata of '{bundle.name}' name no classes (channel_def).", _OTHER)
    try:
        named = {int(channel): str(name) for channel, name in channels.items()}
    except ValueError:
        raise BundleRefused(f"The metadata of '{bundle.name}' count no channels.", _OTHER) from None
    if "background" in named.get(0, "background").lower():
        return {label: title for label, title in named.items() if label}, True
    return {channel + 1: title for channel, title in named.items()}, False


def _inferer(config: Mapping[str, Any], bundle: Bundle) -> tuple[tuple[int, int, int], float]:
    """The window, and the overlap that the bundle asks for."""
    section = config.get("inferer")
    asked: Any = build(section.get("roi_size"), config) if isinstance(section, Mapping) else None
    overlap: Any = build(section.get("overlap", 0.25), config) if isinstance(section, Mapping) else 0.25
    if isinstance(asked, int):
        asked = [asked] * 3
    if asked is None:
        return _WINDOW, 0.25
    if len(asked) != 3:
        raise BundleRefused(f"'{bundle.name}' works on {len(asked)}-dimensional pictures, not on volumes.", _OTHER)
    window = tuple(int(side) if side and int(side) > 0 else _WINDOW[0] for side in asked)
    share = overlap if isinstance(overlap, (int, float)) and 0 <= overlap < 1 else 0.25
    return (window[0], window[1], window[2]), float(share)


def _is_sigmoid(config: Mapping[str, Any]) -> bool:
    """Whether classes may overlap: the bundle's postprocessing takes a sigmoid of each channel."""
    section = config.get("postprocessing")
    steps = section.get("transforms") if isinstance(section, Mapping) else section
    named = [step for step in steps if isinstance(step, Mapping)] if isinstance(steps, list) else []
    return any(step.get("sigmoid") is True for step in named)


def _windows(size: Sequence[int], window: Sequence[int], overlap: float) -> int:
    """How many windows MONAI's sliding window takes."""
    total = 1
    for side, most in zip(size, window, strict=True):
        step = max(1, int(most * (1 - overlap)))
        total *= 1 if side <= most else int(np.ceil((side - most) / step)) + 1
    return total


def _back(scores: torch.Tensor, there: Grid, grid: Grid, sigmoid: bool, has_background: bool) -> np.ndarray:
    """Labels on the scan's grid: each class's probability is brought there, the largest wins."""
    overlapping = sigmoid or not has_background
    shares = torch.sigmoid(scores) if overlapping else torch.softmax(scores, 0)
    labels = np.zeros(grid.shape_kji, np.uint8)
    best = np.full(grid.shape_kji, 0.5 if overlapping else 0.0, np.float32)
    for label, one in enumerate(shares, 0 if has_background else 1):
        if overlapping and label == 0:
            continue
        value = resample(np.ascontiguousarray(one.numpy().transpose(2, 1, 0)), there, grid)
        wins = value > best
        labels[wins], best[wins] = label, value[wins]
    return labels
