"""Where a result comes from, as attributes that travel with it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from DeepMedLib import __version__

PREFIX = "DeepMed."
MADE_WITH = ("model", "version", "sha256", "device", "engine")

_ATTRIBUTES = {
    "model": "Model",
    "version": "Version",
    "sha256": "SHA256",
    "device": "Device",
    "engine": "Engine",
    "date": "Date",
    "software": "Software",
}


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def made_with(values: Mapping[str, Any]) -> dict[str, str]:
    """The part of a task's values that tells which model computed, on which device; "" for what they do not tell."""
    return {key: str(values.get(key, "")) for key in MADE_WITH}


@dataclass(frozen=True)
class Provenance:
    """How a result was made. All fields are text; "" where it does not apply (no model was used, say).

    Attributes:
        model: name of the model bundle.
        version: version of the model.
        sha256: of the model's weights, hexadecimal.
        device: what computed, e.g. "CPU x86_64, 2 threads".
        engine: with which library, e.g. "torch 2.13.0".
        date: UTC, ISO 8601, e.g. "2026-08-01T10:00:00+00:00".
        software: e.g. "DeepMed 0.1.0".
    """

    model: str
    version: str
    sha256: str
    device: str
    engine: str
    date: str = ""
    software: str = f"DeepMed {__version__}"

    def __post_init__(self) -> None:
        if not self.date:
            object.__setattr__(self, "date", _now())

    def to_attributes(self) -> dict[str, str]:
        """Attributes for a node or a file header, e.g. {"DeepMed.Model": "fetal_head", ...}; strings only."""
        return {PREFIX + _ATTRIBUTES[item.name]: str(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Provenance:
        """The provenance that a task's values tell; "" for what they do not."""
        return cls(**made_with(values))

    @classmethod
    def from_attributes(cls, attributes: Mapping[str, str]) -> Provenance | None:
        """The provenance that `to_attributes` wrote among other attributes; None when there is none."""
        found = {name: attributes.get(PREFIX + suffix) for name, suffix in _ATTRIBUTES.items()}
        if not found["date"]:
            return None
        return cls(**{name: value or "" for name, value in found.items()})
