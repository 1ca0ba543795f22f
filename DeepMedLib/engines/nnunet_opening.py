"""Opening a result folder of nnU-Net v2: looked at, read, and only then given to nnunetv2 (worker only)."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from DeepMedLib.engines.engine import Engine
from DeepMedLib.engines.nnunet_folder import NnunetFolder, architecture_findings, find_folder
from DeepMedLib.errors import BundleRefused, DependencyMissing
from DeepMedLib.models.device import choose_device
from DeepMedLib.models.weights import read_checkpoint

_FETCH = "Fetch the model again, whole."


def open_nnunet(
    path: Path, device: str, trusted: Collection[str], unpacked: tempfile.TemporaryDirectory[str] | None = None
) -> Engine:
    """The engine of a result folder; see `DeepMedLib.engines.opening.open_engine`.

    Raises:
        BundleRefused: incomplete, or it could run code and was not confirmed.
        DependencyMissing: nnunetv2 is not installed.
    """
    folder = find_folder(path)
    is_trusted = folder.sha256 in trusted
    found = architecture_findings(folder.plans)
    if found and not is_trusted:
        raise BundleRefused(
            f"The model '{folder.title}' could run code on this computer: {found[0]}.",
            f"If you trust its author, confirm these very files by their hash {folder.sha256}.",
        )
    for variable in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"):
        os.environ.setdefault(variable, tempfile.gettempdir())  # asked for at import, and never used here
    try:
        from DeepMedLib.engines.nnunet_engine import NnunetEngine
    except ModuleNotFoundError as error:
        raise DependencyMissing(
            f"Running an nnU-Net needs the Python package nnunetv2 ({error.name} is not installed).",
            "Install it: pip install nnunetv2",
        ) from error
    checkpoints = list(_checkpoints(folder, is_trusted))
    return NnunetEngine(folder, checkpoints, choose_device(device), unpacked)


def _checkpoints(folder: NnunetFolder, is_trusted: bool) -> Iterator[dict[str, Any]]:
    """The folds' checkpoints, each read from the bytes whose hash was taken."""
    for file in folder.checkpoints:
        data, place = file.read_bytes(), file.relative_to(folder.root).as_posix()
        if hashlib.sha256(data).hexdigest() != folder.files[place]:
            raise BundleRefused(f"{place} of '{folder.title}' was changed while it was read.", _FETCH)
        try:
            yield read_checkpoint(data, folder.title, is_trusted)
        except BundleRefused as error:
            if "more than numbers" not in error.message:
                raise
            raise BundleRefused(
                error.message, f"If you trust its author, confirm these very files by their hash {folder.sha256}."
            ) from error
