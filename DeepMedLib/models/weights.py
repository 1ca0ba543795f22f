"""Stored weights into a network: tensors only, whatever the file says."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from DeepMedLib.dependencies import require, shared_requirement
from DeepMedLib.errors import BundleRefused
from DeepMedLib.jobs.process import is_worker
from DeepMedLib.models.packed import NotPacked, unpack

if TYPE_CHECKING:
    import torch

_OTHER_FILE = "Use a bundle whose weights are a state dict."


def is_torchscript(source: bytes | Path) -> bool:
    """Whether a weights file is a TorchScript archive, that is a program."""
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            return any(name.endswith("constants.pkl") or "/code/" in name for name in archive.namelist())
    except zipfile.BadZipFile:
        return False


def load_weights(network: torch.nn.Module, data: bytes, name: str, packed: bool = False) -> None:
    """Puts a stored state dict into a network; weights stored with less precision become the network's float32.

    Args:
        data: what torch saved, or an .npz as `DeepMedLib.models.packed` describes it.
        name: of the model, for the sentences.
        packed: which of the two.

    Raises:
        BundleRefused: the file is TorchScript, holds anything but tensors, or does not fit the network.
        DependencyMissing: what torch saved would be read by a torch that can be made to run code by it.
    """
    state = _packed_state(data, name) if packed else _saved_state(data, name)
    try:
        network.load_state_dict(state, strict=True)
    except (RuntimeError, TypeError) as error:
        reason = str(error)[:300]
        raise BundleRefused(f"The weights of '{name}' do not fit its network: {reason}.", _OTHER_FILE) from error


def read_checkpoint(data: bytes, name: str, trusted: bool = False) -> dict[str, Any]:
    """What a training framework saved beside its weights: tensors, plain values and numpy's scalars, allowed by name.

    Args:
        data: the file.
        name: of the model, for the sentences.
        trusted: the user has confirmed this very file, which then is read whatever it holds; in a worker only.

    Raises:
        BundleRefused: it holds more, and is not trusted, or cannot be read.
        DependencyMissing: torch is too old to be safe.
    """
    import torch

    require(shared_requirement("torch"))  # an older one runs code that weights hold
    try:
        with torch.serialization.safe_globals(_numpy_scalars()):
            found = torch.load(io.BytesIO(data), map_location="cpu", weights_only=not (trusted and is_worker()))
    except pickle.UnpicklingError as error:
        raise BundleRefused(f"The weights of '{name}' hold more than numbers: maybe code.", _OTHER_FILE) from error
    except Exception as error:  # torch's reader raises nearly anything on bytes that are no weights
        raise BundleRefused(f"The weights of '{name}' cannot be read: {error}.", _OTHER_FILE) from error
    if not isinstance(found, dict):
        raise BundleRefused(f"The weights of '{name}' are no checkpoint.", _OTHER_FILE)
    return found


def _numpy_scalars() -> list[Any]:
    """What pickles of numpy's numbers name, under the old and the new place of numpy's core."""
    import numpy as np

    scalar = np.float64(0).__reduce__()[0]
    places = [(scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")]
    kinds = [type(np.dtype(kind)) for kind in ("f8", "f4", "f2", "i8", "i4", "i2", "u1", "?")]
    return [*places, np.dtype, *kinds]


def _packed_state(data: bytes, name: str) -> dict[str, torch.Tensor]:
    import torch

    try:
        return {key: torch.from_numpy(value) for key, value in unpack(data).items()}
    except NotPacked as error:
        raise BundleRefused(f"The weights of '{name}' cannot be read: {error}.", _OTHER_FILE) from error


def _saved_state(data: bytes, name: str) -> dict[str, torch.Tensor]:
    import torch

    if is_torchscript(data):
        raise BundleRefused(f"The weights of '{name}' are a TorchScript program.", _OTHER_FILE)
    require(shared_requirement("torch"))  # an older one runs code that weights hold
    try:
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise BundleRefused(f"The weights of '{name}' hold more than tensors: maybe code.", _OTHER_FILE) from error
    except Exception as error:  # torch's reader raises nearly anything on bytes that are no weights
        raise BundleRefused(f"The weights of '{name}' cannot be read: {error}.", _OTHER_FILE) from error
    # Training frameworks put the state dict one level down.
    for key in ("state_dict", "model"):
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            state = state[key]
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise BundleRefused(f"The weights of '{name}' are not a state dict.", _OTHER_FILE)
    half = (torch.float16, torch.bfloat16)
    return {key: value.float() if value.dtype in half else value for key, value in state.items()}
