"""The files that every shipped MONAI bundle holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from DeepMedLib.models.bundles import PACKED

from .weights import packed

_AUTHORS = "DeepMed for 3D Slicer contributors"


def metadata(
    version: str,
    name: str,
    task: str,
    description: str,
    data_source: str,
    data_type: str,
    figures: dict[str, Any],
    network_data_format: dict[str, Any],
    changelog: dict[str, str] | None = None,
) -> dict[str, Any]:
    """MONAI bundle metadata (schema 20240725); of a first release when no changelog is given."""
    return {
        "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/"
        "meta_schema_20240725.json",
        "version": version,
        "changelog": changelog or {version: "first release"},
        "monai_version": "1.6.1",
        "pytorch_version": "2.13.0",
        "numpy_version": "2.4.6",
        "required_packages_version": {},
        "name": name,
        "task": task,
        "description": description,
        "authors": _AUTHORS,
        "copyright": _AUTHORS,
        "intended_use": "Research only. Not a medical device.",
        "data_source": data_source,
        "data_type": data_type,
        "eval_metrics": figures,
        "network_data_format": network_data_format,
    }


def write_json(path: Path, record: Any, indent: int | None = 2) -> None:
    """A newline at the end; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=indent) + "\n", encoding="utf-8")


def write_bundle(
    folder: Path,
    state: dict[str, torch.Tensor] | None,
    network_def: dict[str, Any],
    described: dict[str, Any],
    licence: str,
) -> None:
    """Weights packed, network definition, metadata and licence; an empty ``docs`` waits for the model card.

    Args:
        state: None leaves the weights that are there.
    """
    for name in ("models", "docs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    if state is not None:
        (folder / PACKED).write_bytes(packed(state))
    write_json(folder / "configs" / "inference.json", {"bundle_root": ".", "network_def": network_def})
    write_json(folder / "configs" / "metadata.json", described)
    (folder / "LICENSE").write_text(licence, encoding="utf-8")
