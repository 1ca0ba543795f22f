"""A result folder of nnU-Net v2 at work, run by nnunetv2 (Isensee et al., Nat. Methods 2021; torch; worker only)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from nnunetv2.inference.export_prediction import convert_predicted_logits_to_segmentation_with_correct_shape
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

from DeepMedLib.engines.engine import EngineAnswer, Windows
from DeepMedLib.engines.nnunet_folder import NnunetFolder
from DeepMedLib.errors import BundleRefused
from DeepMedLib.geometry import Grid, Reorientation
from DeepMedLib.jobs.task import Progress
from DeepMedLib.models.bounded import bounded_building
from DeepMedLib.models.device import DeviceChoice

STEP = {"cpu": 0.75, "cuda": 0.5, "mps": 0.75}
"""Of the windows, in window sizes; on a CPU without the mirrored passes, which take eight times as long."""
_OTHER = "Use another model."


class _Counting(nnUNetPredictor):
    """nnU-Net's predictor, which tells how many windows are done."""

    windows: Windows

    def _internal_maybe_mirror_and_predict(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = super()._internal_maybe_mirror_and_predict(x)
        self.windows.done()
        return found


@dataclass(frozen=True, eq=False)
class NnunetEngine:
    """An opened folder; see `DeepMedLib.engines.engine.Engine`."""

    folder: NnunetFolder
    checkpoints: Sequence[Mapping[str, Any]]
    device: DeviceChoice
    unpacked: tempfile.TemporaryDirectory[str] | None = None

    @property
    def name(self) -> str:
        """Data set, trainer, plans and configuration."""
        return f"nnU-Net {self.folder.title}"

    @property
    def names(self) -> Mapping[int, str]:
        """See `Engine`."""
        return self.folder.names()

    def segment(self, array: np.ndarray, grid: Grid, progress: Progress) -> EngineAnswer:
        """See `Engine`."""
        import nnunetv2

        progress(0.0, "Preparing the scan")
        turn = self._turn(grid)
        image = turn.forward(array)[None].astype(np.float32)
        spacing = [float(value) for value in turn.target.spacing[::-1]]
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):  # it prints what it does
            predictor = self._predictor()
            settings, plans, dataset = (
                predictor.configuration_manager,
                predictor.plans_manager,
                predictor.dataset_json,
            )
            preprocessor = settings.preprocessor_class(verbose=False)
            data, _, properties = preprocessor.run_case_npy(image, None, {"spacing": spacing}, plans, settings, dataset)
            values = torch.from_numpy(np.ascontiguousarray(data)) if isinstance(data, np.ndarray) else data
            size = [max(a, b) for a, b in zip(values.shape[1:], _patch(settings, values.ndim - 1), strict=True)]
            total = len(predictor._internal_get_sliding_window_slicers(tuple(size))) * len(self.checkpoints)
            predictor.windows = Windows(total, progress)
            logits = predictor.predict_logits_from_preprocessed_data(values).cpu()
            progress(0.92, "Writing the labels")
            found = convert_predicted_logits_to_segmentation_with_correct_shape(
                logits, plans, settings, predictor.label_manager, properties, return_probabilities=False
            )
        labels = turn.backward(np.asarray(found).astype(np.uint16))
        about = {
            "model": self.folder.title,
            "version": f"{len(self.checkpoints)} fold{'s' if len(self.checkpoints) > 1 else ''}",
            "sha256": self.folder.sha256,
            "device": self.device.description,
            "engine": f"nnunetv2 {getattr(nnunetv2, '__version__', '') or _version()}, torch {torch.__version__}",
        }
        return EngineAnswer(labels, self.names, about)

    def _turn(self, grid: Grid) -> Reorientation:
        """To the order of voxels that the network learned from: as its reader gave them.

        Readers of SimpleITK keep a file's order, which for CT that came from DICOM is left, posterior, superior.
        """
        upright = grid.canonical()
        if "Nibabel" in str(self.folder.plans.get("image_reader_writer", "")):
            return upright
        return Reorientation(grid, upright.axes, (not upright.flipped[0], not upright.flipped[1], upright.flipped[2]))

    def _predictor(self) -> _Counting:
        first = self.checkpoints[0]
        dataset = dict(self.folder.dataset)
        on_cpu = self.device.name != "cuda"
        try:
            plans = PlansManager(dict(self.folder.plans))
            settings = plans.get_configuration(first["init_args"]["configuration"])
            heads = plans.get_label_manager(dataset).num_segmentation_heads
            channels = determine_num_input_channels(plans, settings, dataset)
            with bounded_building():
                network = get_network_from_plans(
                    settings.network_arch_class_name,
                    settings.network_arch_init_kwargs,
                    settings.network_arch_init_kwargs_req_import,
                    channels,
                    heads,
                    allow_init=False,
                    deep_supervision=False,
                )
            parameters = [checkpoint["network_weights"] for checkpoint in self.checkpoints]
            network.load_state_dict(parameters[0])
        except BundleRefused:
            raise
        except Exception as error:  # whatever nnU-Net raises on plans that it cannot follow
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
            raise BundleRefused(f"'{self.folder.title}' cannot be run: {reason}.", _OTHER) from error
        if channels != 1:
            raise BundleRefused(f"'{self.folder.title}' takes {channels} pictures of a patient, not one CT.", _OTHER)
        made = _Counting(
            tile_step_size=STEP[self.device.name],
            use_gaussian=True,
            use_mirroring=not on_cpu,
            perform_everything_on_device=not on_cpu,
            device=torch.device(self.device.name),
            verbose=False,
            allow_tqdm=False,
        )
        axes = first.get("inference_allowed_mirroring_axes")
        made.manual_initialization(network, plans, settings, parameters, dataset, "nnUNetTrainer", axes)
        return made


def _patch(settings: Any, dimensions: int) -> list[int]:
    """The window, with 1 for the axis that a network of slices goes along."""
    patch = [int(side) for side in settings.patch_size]
    return [1] * (dimensions - len(patch)) + patch


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("nnunetv2")
    except PackageNotFoundError:
        return ""
