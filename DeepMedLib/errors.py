"""Errors a user can act on: one sentence that says what is wrong and one that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class DeepMedError(Exception):
    """Base of all errors shown to a user.

    Args:
        message: what is wrong, one sentence.
        remedy: what the user can do about it, one sentence.
    """

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 4

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()

    def to_dict(self) -> dict[str, str]:
        """JSON form; `error_from_dict` reads it back."""
        return {"code": self.code, "message": self.message, "remedy": self.remedy}


class BadInput(DeepMedError):
    """The picture, volume or option cannot be used; the scene and the disk stay as they were."""

    code = "bad-input"
    exit_code = 2


class BundleRefused(DeepMedError):
    """A model bundle is missing, changed, unsuitable or not trusted."""

    code = "bundle-refused"
    exit_code = 2


class DependencyMissing(DeepMedError):
    """A Python package that the computation needs is not installed."""

    code = "dependency-missing"
    exit_code = 2


class DiskRefused(DeepMedError):
    """A disk is full, read-only or forbidden; nothing half-written is left."""

    code = "disk"
    exit_code = 2


class OutOfMemory(DeepMedError):
    """The device ran out of memory."""

    code = "out-of-memory"


class JobCancelled(DeepMedError):
    """The user cancelled the computation."""

    code = "cancelled"


class WorkerStalled(DeepMedError):
    """The computing process gave no sign of life for too long and was ended."""

    code = "worker-stalled"


class WorkerCrashed(DeepMedError):
    """The computing process ended without a result."""

    code = "worker-crashed"


_KINDS = {
    kind.code: kind
    for kind in (
        DeepMedError,
        BadInput,
        BundleRefused,
        DependencyMissing,
        DiskRefused,
        OutOfMemory,
        JobCancelled,
        WorkerStalled,
        WorkerCrashed,
    )
}


def error_from_dict(record: Mapping[str, Any]) -> DeepMedError:
    """The error that `DeepMedError.to_dict` described; an unknown code becomes a plain DeepMedError."""
    kind = _KINDS.get(str(record.get("code", "")), DeepMedError)
    return kind(str(record.get("message", "Unknown error.")), str(record.get("remedy", "")))
