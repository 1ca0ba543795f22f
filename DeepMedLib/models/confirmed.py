"""Bundles whose code a user has confirmed: it runs from a private copy, in a process that runs nothing else.

The confirmation is for the hash of the bundle's files. So that exactly those bytes run, every file is read once, its
hash is checked, and what was read is written to a folder that only this process knows. The process is a worker: when
its one job ends, the modules that foreign code has left behind end with it.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from DeepMedLib.errors import BundleRefused
from DeepMedLib.jobs.process import is_worker
from DeepMedLib.models.bundles import INFERENCE, WEIGHTS, Bundle, files_hash
from DeepMedLib.models.network_config import CodeRefused
from DeepMedLib.models.weights import is_torchscript, load_weights

if TYPE_CHECKING:
    import torch

SCRIPTED = "models/model.ts"

_FETCH_AGAIN = "Fetch the bundle again, whole, and add it anew."
_REPORT = "Report this as a bug."

_copies: dict[str, Path] = {}
"""Hash of the bundle whose code this process may run -> its private copy; one at most."""


class ConfirmedBundle(Bundle):
    """A bundle whose code the user has confirmed. Load its network in the task of a `Job`."""

    def load_network(self, device: str = "cpu") -> torch.nn.Module:
        """The network in evaluation mode, made the plain way where its definition is plain.

        Raises:
            BundleRefused: the network cannot be made, or it takes code and this is no worker or one that has run the
                code of another bundle.
        """
        scripted = WEIGHTS if WEIGHTS in self.files else SCRIPTED
        if scripted == SCRIPTED or is_torchscript(self.read_bytes(WEIGHTS)):
            return self._program(scripted, device)
        try:
            return super().load_network(device)
        except CodeRefused:
            network = self._network_by_its_own_code(self.read_json(INFERENCE))
        load_weights(network, self.read_bytes(WEIGHTS), self.name)
        return network.to(device).eval()

    def _program(self, path: str, device: str) -> torch.nn.Module:
        import torch

        self._only_in_a_worker()
        try:
            program: torch.nn.Module = torch.jit.load(io.BytesIO(self.read_bytes(path)), map_location=device)
        except (RuntimeError, ValueError) as error:
            raise BundleRefused(f"The program of '{self.name}' cannot be read: {error}.", _FETCH_AGAIN) from error
        return program.eval()

    def _network_by_its_own_code(self, config: Mapping[str, Any]) -> torch.nn.Module:
        import torch
        from monai.bundle import ConfigParser

        folder = self._private_copy()
        sys.path.insert(0, str(folder))  # stays: foreign code may import more of itself while it computes
        try:
            parser = ConfigParser({**config, "bundle_root": str(folder)})
            if "imports" in config:
                parser.get_parsed_content("imports")
            network = parser.get_parsed_content("network_def")
        except Exception as error:  # whatever foreign code raises
            raise BundleRefused(f"The code of '{self.name}' failed: {error}.", "Ask the bundle's author.") from error
        if not isinstance(network, torch.nn.Module):
            raise BundleRefused(f"The code of '{self.name}' made no network.", "Ask the author of the bundle.")
        return network

    def _only_in_a_worker(self) -> None:
        if not is_worker():
            raise BundleRefused(f"The code of '{self.name}' runs only in a process of its own.", _REPORT)
        if _copies and files_hash(self.files) not in _copies:
            raise BundleRefused(f"This process has run the code of another model than '{self.name}'.", _REPORT)

    def _private_copy(self) -> Path:
        """A folder that only this process knows, with the bytes of the confirmed hash; without the weights.

        Raises:
            BundleRefused: a file is no longer the confirmed one.
        """
        self._only_in_a_worker()
        known = files_hash(self.files)
        if known not in _copies:
            folder = Path(tempfile.mkdtemp(prefix="code-"))  # a worker's temporary files go with its job
            for path in self.files:
                if path not in (WEIGHTS, SCRIPTED):
                    (folder / path).parent.mkdir(parents=True, exist_ok=True)
                    (folder / path).write_bytes(self.read_bytes(path))
            _copies[known] = folder
        return _copies[known]
