"""Tiny engines of the real packages: a MONAI bundle that tells organs by gray value, an nnU-Net result folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from DeepMedLib.geometry import Grid

CHANNELS = {"0": "background", "1": "liver", "2": "kidney_left"}
#: HU of the box of each class in `scene`; a convolution of one voxel tells them.
LIVER, KIDNEY = 60, 200


def scene(seed: int = 3) -> tuple[np.ndarray, Grid, np.ndarray]:
    """A CT (k, j, i) with two boxes, its grid, and the labels."""
    values = np.random.default_rng(seed).normal(-900, 5, (40, 48, 44)).astype(np.float32)
    labels = np.zeros(values.shape, np.uint8)
    labels[8:24, 10:30, 6:22] = 1
    labels[20:36, 18:34, 26:38] = 2
    values[labels == 1], values[labels == 2] = LIVER, KIDNEY
    return values, Grid.from_parts([2, 2, 2], [30, -40, 12], np.diag([-1, -1, 1]), values.shape), labels


def make_monai(folder: Path, zoo: bool = False, **changes: Any) -> Path:
    """A bundle whose network is one convolution.

    Args:
        zoo: with what configurations of the Model Zoo hold: a graphics card, a wide overlap, expressions, handlers.
    """
    network = torch.nn.Conv3d(1, 3, 1)
    # On 0 .. 1 for -1000 .. 300 HU: lines whose largest is that of the class.
    at = [(value + 1000) / 1300 for value in (-900, LIVER, KIDNEY)]
    with torch.no_grad():
        network.weight[:, 0, 0, 0, 0] = torch.tensor([2 * 4000 * x for x in at])
        network.bias[:] = torch.tensor([-4000 * x * x for x in at])
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    torch.save(network.state_dict(), folder / "models" / "model.pt")
    metadata = {
        "version": "0.1.0",
        "network_data_format": {
            "inputs": {"image": {"num_channels": 1, "spatial_shape": [16, 16, 16]}},
            "outputs": {"pred": {"channel_def": changes.pop("channel_def", CHANNELS)}},
        },
    }
    steps: list[dict[str, Any]] = [
        {"_target_": "LoadImaged", "keys": "image"},
        {"_target_": "EnsureChannelFirstd", "keys": "image"},
        {"_target_": "Orientationd", "keys": "image", "axcodes": "RAS"},
        {"_target_": "Spacingd", "keys": "image", "pixdim": [2.0, 2.0, 2.0], "mode": "bilinear"},
        {"_target_": "ScaleIntensityRanged", "keys": "image", "a_min": -1000, "a_max": 300, "b_min": 0, "b_max": 1},
    ]
    config: dict[str, Any] = {
        "network_def": {
            "_target_": "torch.nn.Conv3d",
            "in_channels": 1,
            "out_channels": 3,
            "kernel_size": 1,
        },
        "preprocessing": {"_target_": "Compose", "transforms": steps},
        "inferer": {"_target_": "SlidingWindowInferer", "roi_size": [16, 16, 16], "sw_batch_size": 4, "overlap": 0.625},
        "postprocessing": {
            "_target_": "Compose",
            "transforms": [{"_target_": "Activationsd", "keys": "pred", "softmax": True}],
        },
        **changes,
    }
    if not zoo:
        config["preprocessing"] = steps[1:]
        config["postprocessing"] = config["postprocessing"]["transforms"]
        config.pop("inferer")
    else:
        steps.append({"_target_": "CastToTyped", "keys": "image", "dtype": "$torch.float32"})
        config |= {
            "imports": ["$import glob"],
            "device": "$torch.device('cuda:0')",
            "evaluator": {"_target_": "SupervisedEvaluator", "device": "@device", "network": "$@network.to(@device)"},
        }
    (folder / "configs" / "metadata.json").write_text(json.dumps(metadata))
    (folder / "configs" / "inference.json").write_text(json.dumps(config))
    return folder


PLANS: dict[str, Any] = {
    "dataset_name": "Dataset901_Tiny",
    "plans_name": "nnUNetPlans",
    "original_median_spacing_after_transp": [2.0, 2.0, 2.0],
    "original_median_shape_after_transp": [40, 48, 44],
    "image_reader_writer": "SimpleITKIO",
    "transpose_forward": [0, 1, 2],
    "transpose_backward": [0, 1, 2],
    "experiment_planner_used": "ExperimentPlanner",
    "label_manager": "LabelManager",
    "foreground_intensity_properties_per_channel": {
        "0": {"mean": 60.0, "std": 80.0, "percentile_00_5": -900.0, "percentile_99_5": 250.0}
    },
    "configurations": {
        "3d_fullres": {
            "data_identifier": "nnUNetPlans_3d_fullres",
            "preprocessor_name": "DefaultPreprocessor",
            "batch_size": 2,
            "patch_size": [16, 16, 16],
            "spacing": [2.5, 2.0, 2.0],
            "normalization_schemes": ["CTNormalization"],
            "use_mask_for_norm": [False],
            "resampling_fn_data": "resample_data_or_seg_to_shape",
            "resampling_fn_seg": "resample_data_or_seg_to_shape",
            "resampling_fn_data_kwargs": {"is_seg": False, "order": 3, "order_z": 0, "force_separate_z": None},
            "resampling_fn_seg_kwargs": {"is_seg": True, "order": 1, "order_z": 0, "force_separate_z": None},
            "resampling_fn_probabilities": "resample_data_or_seg_to_shape",
            "resampling_fn_probabilities_kwargs": {"is_seg": False, "order": 1, "order_z": 0, "force_separate_z": None},
            "architecture": {
                "network_class_name": "dynamic_network_architectures.architectures.unet.PlainConvUNet",
                "arch_kwargs": {
                    "n_stages": 2,
                    "features_per_stage": [4, 8],
                    "conv_op": "torch.nn.modules.conv.Conv3d",
                    "kernel_sizes": [[3, 3, 3], [3, 3, 3]],
                    "strides": [[1, 1, 1], [2, 2, 2]],
                    "n_conv_per_stage": [1, 1],
                    "n_conv_per_stage_decoder": [1],
                    "conv_bias": True,
                    "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
                    "norm_op_kwargs": {"eps": 1e-05, "affine": True},
                    "dropout_op": None,
                    "dropout_op_kwargs": None,
                    "nonlin": "torch.nn.LeakyReLU",
                    "nonlin_kwargs": {"inplace": True},
                },
                "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
            },
            "batch_dice": True,
        }
    },
}
DATASET = {
    "channel_names": {"0": "CT"},
    "labels": {"background": 0, "liver": 1, "kidney_left": 2},
    "file_ending": ".nii.gz",
}


def make_nnunet(folder: Path, folds: int = 2, extra: Any = None) -> Path:
    """A result folder with random weights, its checkpoints as nnU-Net saves them; needs nnunetv2.

    Args:
        extra: a further value in each checkpoint.
    """
    from nnunetv2.utilities.get_network_from_plans import get_network_from_plans

    root = folder / "Dataset901_Tiny" / "nnUNetTrainer__nnUNetPlans__3d_fullres"
    settings = PLANS["configurations"]["3d_fullres"]["architecture"]
    for fold in range(folds):
        torch.manual_seed(fold)
        network = get_network_from_plans(
            settings["network_class_name"],
            settings["arch_kwargs"],
            settings["_kw_requires_import"],
            1,
            3,
            deep_supervision=True,
        )
        place = root / f"fold_{fold}"
        place.mkdir(parents=True)
        record = {
            "network_weights": network.state_dict(),
            "optimizer_state": {},
            "logging": {"mean_fg_dice": [np.float64(0.5), np.float32(0.25)], "epoch": np.int64(3)},
            "_best_ema": np.float64(0.5),
            "current_epoch": 4,
            "init_args": {"configuration": "3d_fullres", "fold": fold},
            "trainer_name": "nnUNetTrainer",
            "inference_allowed_mirroring_axes": (0, 1, 2),
            "extra": extra,
        }
        torch.save(record, place / "checkpoint_final.pth")
    (root / "plans.json").write_text(json.dumps(PLANS))
    (root / "dataset.json").write_text(json.dumps(DATASET))
    return folder
