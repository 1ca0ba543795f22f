"""Result folders of nnU-Net v2: found and checked.

A folder holds plans.json, dataset.json and fold_x/checkpoint_final.pth. The plans name the class of the network and of
its layers, which Python would import from anywhere: only those of the dynamic-network-architectures package and of
torch.nn are taken. Checkpoints are read as numbers; anything else needs the user's confirmation for these very files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from DeepMedLib.errors import BundleRefused
from DeepMedLib.models.bundles import bundle_files, file_hash, files_hash

PLANS, DATASET = "plans.json", "dataset.json"
CHECKPOINTS = ("checkpoint_final.pth", "checkpoint_best.pth")
_MOST_JSON_BYTES = 64 * 1024**2
_FETCH = "Fetch the model again, whole."
_NETWORKS, _LAYERS = "dynamic_network_architectures.", "torch.nn."


@dataclass(frozen=True)
class NnunetFolder:
    """A result folder whose files are known by their hashes.

    Attributes:
        root: where plans.json lies.
        title: for people: data set, trainer, plans and configuration, as the folders are called.
        plans, dataset: the JSON files.
        checkpoints: of the folds.
        files: hash of each of these files.
    """

    root: Path
    title: str
    plans: Mapping[str, Any]
    dataset: Mapping[str, Any]
    checkpoints: tuple[Path, ...]
    files: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """Of all its files: what the user confirms."""
        return files_hash(self.files)

    def names(self) -> dict[int, str]:
        """Class names by label; of regions, which may overlap, the order in which they are written tells."""
        labels = self.dataset.get("labels")
        if not isinstance(labels, Mapping):
            raise BundleRefused(f"{DATASET} of '{self.title}' names no labels.", _FETCH)
        order = self.dataset.get("regions_class_order")
        named = [(name, value) for name, value in labels.items() if name not in ("background", "ignore")]
        if isinstance(order, list):
            return {int(label): str(name) for label, (name, _) in zip(order, named, strict=False)}
        try:
            return {int(value): str(name) for name, value in named}
        except (TypeError, ValueError):
            raise BundleRefused(f"{DATASET} of '{self.title}' counts no labels.", _FETCH) from None


def find_folder(path: Path) -> NnunetFolder:
    """The result folder at a path, or the only one up to three folders below.

    Raises:
        BundleRefused: none, several, or files are missing or unreadable.
    """
    roots = [found.parent for depth in range(4) for found in path.glob("*/" * depth + PLANS)]
    roots = [root for root in roots if any(root.glob("fold_*/" + CHECKPOINTS[0])) or any(root.glob("fold_*/*.pth"))]
    if not roots:
        raise BundleRefused(f"{path.name} has {PLANS} but no fold_x/{CHECKPOINTS[0]} beside it.", _FETCH)
    if len(roots) > 1:
        names = ", ".join(sorted(root.name for root in roots)[:4])
        raise BundleRefused(f"{path.name} holds {len(roots)} models: {names}.", "Choose the folder of one of them.")
    (root,) = roots
    if any(Path(root, found).is_symlink() for found in bundle_files(root)):
        raise BundleRefused(f"{root.name} holds links.", "Copy the files themselves into the folder.")
    checkpoints = []
    for fold in sorted(root.glob("fold_*")):
        found = next((fold / name for name in CHECKPOINTS if (fold / name).is_file()), None)
        if found is not None:
            checkpoints.append(found)
    used = [root / PLANS, root / DATASET, *checkpoints]
    plans, dataset = (_json(file) for file in used[:2])
    files = {file.relative_to(root).as_posix(): file_hash(file) for file in used}
    title = " ".join(part for part in (root.parent.name, root.name) if part and not part.startswith("engine-"))
    return NnunetFolder(root, title, plans, dataset, tuple(checkpoints), files)


def _json(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MOST_JSON_BYTES:
            raise BundleRefused(f"{file.name} is too large for what it should hold.", _FETCH)
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BundleRefused(f"The model's {file.name} is missing or cannot be read.", _FETCH) from error
    if not isinstance(found, dict):
        raise BundleRefused(f"The model's {file.name} is not what it should be.", _FETCH)
    return found


def architecture_findings(plans: Mapping[str, Any]) -> list[str]:
    """Classes in the plans that are neither networks of nnU-Net nor layers of torch, one sentence fragment each."""
    found = []
    configurations = plans.get("configurations")
    for name, configuration in configurations.items() if isinstance(configurations, Mapping) else ():
        section = configuration.get("architecture") if isinstance(configuration, Mapping) else None
        if not isinstance(section, Mapping):
            continue
        network = str(section.get("network_class_name", ""))
        if not network.startswith(_NETWORKS):
            found.append(f"{name} calls the network '{network[:80]}'")
        settings, imports = section.get("arch_kwargs"), section.get("_kw_requires_import", ())
        for key in imports if isinstance(imports, (list, tuple)) else ():
            value = settings.get(key) if isinstance(settings, Mapping) else None
            if value is not None and not str(value).startswith((_LAYERS, _NETWORKS)):
                found.append(f"{name} calls '{str(value)[:80]}'")
    return found
