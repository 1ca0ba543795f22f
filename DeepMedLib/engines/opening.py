"""`open_engine`: from a path, or a word, to an engine."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path

from DeepMedLib.engines.engine import Engine
from DeepMedLib.errors import BundleRefused
from DeepMedLib.models.bundles import METADATA
from DeepMedLib.models.unzip import unzip

TOTALSEGMENTATOR = "totalsegmentator"
_REMEDY = (
    "Give a MONAI bundle, a result folder of nnU-Net v2 (plans.json, dataset.json, fold_0 ...), either as a folder or "
    f"a zip file, or the word {TOTALSEGMENTATOR}."
)


def open_engine(source: str | Path, device: str = "auto", trusted: Collection[str] = ()) -> Engine:
    """An engine from a folder, a zip file or a name. Nothing of it is run before its files were looked at.

    Args:
        source: a MONAI bundle or an nnU-Net v2 result folder, each also as a zip file, or "totalsegmentator" or
            "totalsegmentator fast".
        device: as `choose_device`.
        trusted: SHA-256 of the files whose code the user has confirmed.

    Raises:
        BundleRefused: there is no such engine, it is incomplete, or it could run code and was not confirmed.
        DependencyMissing: the package that runs it is not installed.
    """
    if str(source).lower().split(" ")[0] == TOTALSEGMENTATOR:
        from DeepMedLib.engines.totalsegmentator import open_totalsegmentator

        return open_totalsegmentator(fast=str(source).lower().endswith("fast"), device=device)
    path = Path(source).expanduser()
    if not path.exists():
        raise BundleRefused(f"There is no {path.name}.", _REMEDY)
    unpacked = None
    if path.is_file():
        # Lives as long as the engine that keeps it.
        unpacked = tempfile.TemporaryDirectory(prefix="engine-")
        unzip(path, Path(unpacked.name))
        path = Path(unpacked.name)
    if _holds(path, METADATA):
        from DeepMedLib.engines.monai_bundle import open_monai_bundle

        return open_monai_bundle(path, Path(source).stem, device, trusted, unpacked)
    if _holds(path, "plans.json"):
        from DeepMedLib.engines.nnunet_opening import open_nnunet

        return open_nnunet(path, device, trusted, unpacked)
    raise BundleRefused(f"{Path(source).name} holds no model that is known here.", _REMEDY)


def _holds(folder: Path, name: str) -> bool:
    """Whether a file lies in a folder, or up to three folders below."""
    return any(next(folder.glob("*/" * depth + name), None) is not None for depth in range(4))
