"""Builds a network or transforms from a plain dictionary, without running anybody's code.

A MONAI configuration can do anything Python can: strings beginning with ``$`` are evaluated, ``_target_`` names any
importable callable (GHSA-873f-pvrv-4x83, GHSA-wvpx-5qmp-46g3). So it is read here rather than by MONAI's parser: a
``_target_`` must be on the lists below, ``$`` may only mark a plain reference ("@key", "$@key", "@a::b"), and
everything else is refused.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from DeepMedLib.errors import BundleRefused
from DeepMedLib.models.lean_import import lean_import

if TYPE_CHECKING:
    import torch

_REMEDY = "Use a bundle whose configuration holds plain values only."

NETWORKS = frozenset(
    """AHNet AttentionUnet AutoEncoder BasicUNet BasicUNetPlusPlus BasicUnet Classifier DAF3D DenseNet DenseNet121
    DenseNet169 DenseNet201 DenseNet264 DiNTS DynUNet DynUnet EfficientNetBN FlexibleUNet FullyConnectedNet GlobalNet
    HighResNet HoVerNet LocalNet MedNeXt RegUNet Regressor ResNet SegResNet SegResNetDS SegResNetDS2 SegResNetVAE SENet
    SENet154 SEResNet50 SEResNet101 SEResNet152 SEResNeXt50 SEResNeXt101 SwinUNETR UNETR UNet Unet VarAutoEncoder ViT
    VNet VoxelMorphUNet""".split()
)
LAYERS = frozenset(
    """AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AvgPool1d AvgPool2d AvgPool3d BatchNorm1d BatchNorm2d
    BatchNorm3d Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d Dropout ELU Flatten GELU GroupNorm
    Identity InstanceNorm1d InstanceNorm2d InstanceNorm3d LayerNorm LeakyReLU Linear MaxPool1d MaxPool2d MaxPool3d
    PReLU ReLU Sigmoid SiLU Softmax Tanh Upsample""".split()
)
TRANSFORMS = frozenset(
    """Activationsd AsDiscreted BorderPadd CastToTyped CenterSpatialCropd CropForegroundd DivisiblePadd
    EnsureChannelFirstd EnsureTyped FillHolesd Flipd HistogramNormalized KeepLargestConnectedComponentd
    NormalizeIntensityd Orientationd RemoveSmallObjectsd ResizeWithPadOrCropd Resized Rotate90d
    ScaleIntensityRangePercentilesd ScaleIntensityRanged ScaleIntensityd Spacingd SpatialPadd SqueezeDimd
    ThresholdIntensityd Transposed""".split()
)

_MODULES = (
    ("monai.networks.nets", NETWORKS),
    ("torch.nn", LAYERS),
    ("monai.transforms", TRANSFORMS),
)
_REFERENCE = re.compile(r"\$?@(\w+(?:(?:::|#)\w+)*)")
_IGNORED_KEYS = frozenset({"_target_", "_desc_", "_disabled_"})
_DEEPEST = 32


class CodeRefused(BundleRefused):
    """The configuration could run code; for a bundle of their own a user may confirm that (see user_bundles)."""


def allowed_target(target: object, own: frozenset[str] = frozenset()) -> tuple[str, str] | None:
    """(module, class) of a ``_target_`` that may be built, or None. Short names are MONAI's.

    Args:
        own: full names of classes that may be built besides the known ones: those of the module that ships the bundle.
    """
    if not isinstance(target, str):
        return None
    package, _, name = target.rpartition(".")
    if target in own:
        return package, name
    for module, names in _MODULES:
        # MONAI's classes are also known by the file that they are in: monai.networks.nets.unet.UNet.
        inside = package == module or (module.startswith("monai.") and package.startswith(module + "."))
        if name in names and (inside or (not package and module.startswith("monai."))):
            return module, name
    return None


def is_code(value: object) -> bool:
    """Whether MONAI would evaluate this string: it begins with ``$`` and is more than a reference."""
    return isinstance(value, str) and value.startswith("$") and not _REFERENCE.fullmatch(value)


def is_macro(value: object) -> bool:
    """Whether MONAI would replace this string by a part of this or another file ("%key", "%file::key")."""
    return isinstance(value, str) and re.match(r"%[\w./\\:#-]+$", value) is not None


def targets(config: object) -> set[str]:
    """Every ``_target_`` in a configuration."""
    if isinstance(config, Mapping):
        here = {config["_target_"]} if isinstance(config.get("_target_"), str) else set()
        return here.union(*(targets(value) for value in config.values()))
    if isinstance(config, (list, tuple)):
        return set().union(*(targets(value) for value in config))
    return set()


def findings(config: object, where: str = "") -> list[str]:
    """What in a configuration could run code, one sentence fragment each; an empty list when it is plain."""
    found = []
    if isinstance(config, Mapping):
        target = config.get("_target_")
        if target is not None and allowed_target(target) is None:
            found.append(f"{where or 'configuration'} calls '{target}'")
        for key, value in config.items():
            found += findings(value, f"{where}::{key}" if where else str(key))
    elif isinstance(config, (list, tuple)):
        for number, value in enumerate(config):
            found += findings(value, f"{where}::{number}")
    elif is_code(config):
        found.append(f"{where} holds the expression '{str(config)[:80]}'")
    elif is_macro(config):
        found.append(f"{where} takes its value from '{str(config)[:80]}'")
    return found


def build(config: object, references: Mapping[str, Any] | None = None, own: frozenset[str] = frozenset()) -> Any:
    """The object that a configuration describes: plain values stay, ``_target_`` becomes an instance.

    Args:
        config: e.g. {"_target_": "UNet", "spatial_dims": 2, "in_channels": "@channels", ...}.
        references: the whole configuration, in which "@key" is looked up.
        own: as `allowed_target`.

    Raises:
        CodeRefused: the configuration holds code or an unknown ``_target_``.
        BundleRefused: a dangling or circular reference, or arguments that the class does not take.
    """
    return _build(config, references or {}, own, 0)


def build_network(
    config: object, references: Mapping[str, Any] | None = None, own: frozenset[str] = frozenset()
) -> torch.nn.Module:
    """`build` for a network definition.

    Raises:
        BundleRefused: as `build`, or the definition is not of a network.
    """
    import torch

    network = build(config, references, own)
    if not isinstance(network, torch.nn.Module):
        raise BundleRefused("The network definition does not describe a network.", _REMEDY)
    return network


def _build(config: object, references: Mapping[str, Any], own: frozenset[str], depth: int) -> Any:
    if depth > _DEEPEST:
        raise BundleRefused("The network definition refers to itself.", _REMEDY)
    if isinstance(config, str):
        return _build_text(config, references, own, depth)
    if isinstance(config, (list, tuple)):
        return [_build(value, references, own, depth + 1) for value in config]
    if not isinstance(config, Mapping):
        return config
    if "_target_" not in config:
        return {key: _build(value, references, own, depth + 1) for key, value in config.items()}
    place = allowed_target(config["_target_"], own)
    if place is None:
        raise CodeRefused(
            f"The bundle calls '{config['_target_']}', which is not a known network, layer or transform.", _REMEDY
        )
    unknown = [key for key in config if str(key).startswith("_") and key not in _IGNORED_KEYS]
    if unknown or config.get("_disabled_", False) is not False:
        raise CodeRefused(f"The network definition uses '{(unknown or ['_disabled_'])[0]}'.", _REMEDY)
    arguments = {
        str(key): _build(value, references, own, depth + 1) for key, value in config.items() if key not in _IGNORED_KEYS
    }
    module, name = place
    kind = getattr(lean_import(module), name, None)
    if kind is None:
        raise BundleRefused(f"The installed {module.partition('.')[0]} has no '{name}'.", "Update the Python package.")
    if module == "monai.networks.nets" and ("pretrained" in arguments or _takes_pretrained(kind)):
        # Weights come from the bundle's file; some networks would fetch others from the network by default.
        arguments["pretrained"] = False
    try:
        return kind(**arguments)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, AssertionError, RuntimeError) as error:
        raise BundleRefused(f"'{name}' cannot be made as the bundle says: {error}.", "Use another bundle.") from error


def _takes_pretrained(kind: type) -> bool:
    return any("pretrained" in inspect.signature(base).parameters for base in kind.__mro__[:-1] if _is_network(base))


def _is_network(base: type) -> bool:
    return base.__module__.startswith("monai.")


def _build_text(text: str, references: Mapping[str, Any], own: frozenset[str], depth: int) -> Any:
    match = _REFERENCE.fullmatch(text)
    if match is None:
        if text.startswith(("$", "@")) or is_macro(text):
            raise CodeRefused(f"The network definition holds '{text[:80]}', which could run code.", _REMEDY)
        return text
    value: Any = references
    for key in re.split(r"::|#", match.group(1)):
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise BundleRefused(f"The network definition refers to '{text}', which is not there.", _REMEDY) from error
    return _build(value, references, own, depth + 1)
