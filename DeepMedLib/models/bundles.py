"""MONAI bundles shipped with the extension. Nothing in one is read before its SHA-256 was found right.

A module's models lie in ``Resources/<Module>Models/``: a folder each, and ``manifest.json`` beside them:
{"<bundle>": {"version": "1.0.0", "files": {"models/model.npz": "<sha256>", "configs/metadata.json": ...}}}.
A bundle whose network is the module's own class names it there too: "networks": ["<Module>Lib.file.Class"].
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from DeepMedLib.errors import BundleRefused
from DeepMedLib.models.network_config import build, build_network, targets
from DeepMedLib.models.weights import load_weights

if TYPE_CHECKING:
    import torch

MANIFEST = "manifest.json"
#: A state dict as torch saves it, and as `DeepMedLib.models.packed` does; a shipped bundle holds the latter.
WEIGHTS, PACKED = "models/model.pt", "models/model.npz"
METADATA = "configs/metadata.json"
INFERENCE = "configs/inference.json"

_REINSTALL = "Install the extension again."
_IGNORED = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_CODE_SUFFIXES = frozenset(
    ".py .pyc .pyo .pyd .so .dll .dylib .exe .sh .bat .cmd .ps1 .ts .pkl .pickle".split()  # .ts: TorchScript
)


@dataclass(frozen=True)
class Bundle:
    """A model whose files are known by their hashes. Each file is checked again when it is read.

    Attributes:
        folder: where it lies.
        name: of the bundle.
        version: from its metadata.
        sha256: of its weights, hexadecimal.
        metadata: configs/metadata.json.
        files: hashes of all files that may be read, by path inside the folder.
        remedy: what the user can do when a file is not right.
        networks: the module's own network classes that the bundle may use, full names.
    """

    folder: Path
    name: str
    version: str
    sha256: str
    metadata: Mapping[str, Any]
    files: Mapping[str, str]
    remedy: str = _REINSTALL
    networks: frozenset[str] = frozenset()

    @property
    def weights(self) -> str:
        """The file of the weights, inside the folder."""
        return PACKED if PACKED in self.files else WEIGHTS

    def read_bytes(self, path: str) -> bytes:
        """A file of the bundle; what is returned is what was hashed.

        Raises:
            BundleRefused: the file is not part of the bundle, missing, or changed.
        """
        return read_verified(self.folder, self.name, path, self.files, self.remedy)

    def read_json(self, path: str) -> Any:
        """A JSON file of the bundle, e.g. "configs/calibration.json".

        Raises:
            BundleRefused: as `read_bytes`, or the file is not JSON.
        """
        return parse_json(self.read_bytes(path), self.name, path, self.remedy)

    def input_channels(self) -> int | None:
        """Channels of the first input as the metadata give them; None when they do not."""
        data_format = self.metadata.get("network_data_format")
        inputs = data_format.get("inputs") if isinstance(data_format, Mapping) else None
        if not isinstance(inputs, Mapping) or not inputs:
            return None
        first = next(iter(inputs.values()))
        channels = first.get("num_channels") if isinstance(first, Mapping) else None
        return channels if isinstance(channels, int) else None

    def check_input_channels(self, channels: int) -> None:
        """Makes sure that the model takes images with so many channels.

        Raises:
            BundleRefused: it does not, or its metadata do not say.
        """
        wanted = self.input_channels()
        if wanted != channels:
            told = "does not say how many channels it takes" if wanted is None else f"takes {wanted} channels"
            raise BundleRefused(
                f"The model '{self.name}' {told}; this image has {channels}.", "Choose another model or image."
            )

    def load_network(self, device: str = "cpu") -> torch.nn.Module:
        """The network with its weights, in float32 and evaluation mode.

        Raises:
            BundleRefused: the definition or the weights are not plain data, or do not fit each other.
        """
        config = self.read_json(INFERENCE)
        if not isinstance(config, Mapping) or "network_def" not in config:
            raise BundleRefused(f"The model '{self.name}' has no network_def in {INFERENCE}.", self.remedy)
        network = build_network(config["network_def"], config, self.networks)
        load_weights(network, self.read_bytes(self.weights), self.name, packed=self.weights == PACKED)
        return network.to(device).eval()

    def load_transforms(self, key: str = "preprocessing") -> list[Any]:
        """The dictionary transforms under ``key`` of configs/inference.json, without those that load files.

        Raises:
            BundleRefused: there are none, or one is not on the list of known transforms.
        """
        config = self.read_json(INFERENCE)
        section = config.get(key) if isinstance(config, Mapping) else None
        steps = section.get("transforms") if isinstance(section, Mapping) else section
        if not isinstance(steps, list):
            raise BundleRefused(f"The model '{self.name}' has no '{key}'.", "Choose another model.")
        loaders = ("LoadImaged", "monai.transforms.LoadImaged")
        wanted = [step for step in steps if not (isinstance(step, dict) and step.get("_target_") in loaders)]
        return [build(step, config) for step in wanted]


def shipped_bundle(resources: Path, name: str) -> Bundle:
    """A bundle that came with the extension, all its files verified.

    Args:
        resources: the module's model folder, ``Resources/<Module>Models``, with manifest.json in it.
        name: of the bundle: its folder's name and its key in the manifest.

    Raises:
        BundleRefused: a file is missing or changed, or there is code that the manifest does not list.
    """
    manifest_path = resources / MANIFEST
    try:
        manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
        record = manifest[name]
        version, files = str(record["version"]), {str(path): str(sum_) for path, sum_ in record["files"].items()}
        networks = frozenset(str(network) for network in record.get("networks", ()))
    except OSError as error:
        raise BundleRefused(f"The list of models {manifest_path} is missing.", _REINSTALL) from error
    except KeyError as error:
        raise BundleRefused(f"There is no model '{name}' in {manifest_path}.", _REINSTALL) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise BundleRefused(f"The list of models {manifest_path} cannot be read.", _REINSTALL) from error
    foreign = sorted(network for network in networks if not network.startswith(own_package(resources) + "."))
    if foreign:
        raise BundleRefused(f"The model '{name}' names a network that is not its module's: {foreign[0]}.", _REINSTALL)
    folder = resources / name
    for path in files:
        read_verified(folder, name, path, files, _REINSTALL)
    for path in bundle_files(folder):
        if path not in files and is_code_file(path):
            raise BundleRefused(f"The model '{name}' holds code that is not part of it: {path}.", _REINSTALL)
    return replace(open_bundle(folder, name, files, _REINSTALL, version), networks=networks)


def own_package(resources: Path) -> str:
    """The package whose networks the bundles of ``Resources/<Module>Models`` may use: <Module>Lib."""
    return resources.name.removesuffix("Models") + "Lib"


def write_manifest(resources: Path) -> Path:
    """Lists all bundles in ``resources``: hashes of their files, networks of the module's own. Returns its path.

    For Training.

    Raises:
        BundleRefused: a bundle holds code, or has no weights or no version in its metadata.
    """
    manifest = {}
    for folder in sorted(path for path in resources.iterdir() if path.is_dir()):
        files = hash_files(folder)
        code = [path for path in files if is_code_file(path)]
        if code:
            raise BundleRefused(f"The bundle '{folder.name}' holds code: {code[0]}.", "Ship data only.")
        bundle = open_bundle(folder, folder.name, files, "Make the bundle again.")
        config = bundle.read_json(INFERENCE) if INFERENCE in files else {}
        own = sorted(target for target in targets(config) if target.startswith(own_package(resources) + "."))
        record = {"version": bundle.version, "files": files}
        manifest[folder.name] = record | ({"networks": own} if own else {})
    target = resources / MANIFEST
    unfinished = target.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    os.replace(unfinished, target)
    return target


def open_bundle(folder: Path, name: str, files: Mapping[str, str], remedy: str, version: str | None = None) -> Bundle:
    """A bundle of known files whose weights are a state dict; reads its metadata.

    Raises:
        BundleRefused: no weights, or the metadata cannot be read, have no version, or not the one that is expected.
    """
    metadata = read_metadata(folder, name, files, remedy)
    found = metadata["version"]
    if version is not None and found != version:
        raise BundleRefused(f"The model '{name}' says that it has version {found}, not {version}.", remedy)
    bundle = Bundle(folder, name, found, "", metadata, dict(files), remedy)
    if bundle.weights not in files:
        raise BundleRefused(f"The model '{name}' has no {WEIGHTS}.", remedy)
    return replace(bundle, sha256=files[bundle.weights])


def read_metadata(folder: Path, name: str, files: Mapping[str, str], remedy: str) -> dict[str, Any]:
    """A bundle's metadata, verified.

    Raises:
        BundleRefused: they cannot be read, or have no version.
    """
    metadata = parse_json(read_verified(folder, name, METADATA, files, remedy), name, METADATA, remedy)
    if not isinstance(metadata, dict) or not isinstance(metadata.get("version"), str):
        raise BundleRefused(f"The metadata of the model '{name}' have no version.", remedy)
    return metadata


def read_verified(folder: Path, name: str, path: str, files: Mapping[str, str], remedy: str) -> bytes:
    """A file whose hash is the listed one.

    Raises:
        BundleRefused: not listed, outside the folder, missing, or changed.
    """
    parts = PurePosixPath(path)
    if path not in files or parts.is_absolute() or ".." in parts.parts or "\\" in path or ":" in path:
        raise BundleRefused(f"The model '{name}' has no file {path}.", remedy)
    try:
        data = (folder / parts).read_bytes()
    except OSError as error:
        raise BundleRefused(f"The model '{name}' is incomplete: {path} is missing.", remedy) from error
    if hashlib.sha256(data).hexdigest() != files[path]:
        raise BundleRefused(f"The model '{name}' was changed: {path} is not the file that was recorded.", remedy)
    return data


def parse_json(data: bytes, name: str, path: str, remedy: str) -> Any:
    """JSON from bytes.

    Raises:
        BundleRefused: it is not JSON.
    """
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BundleRefused(f"In the model '{name}', {path} is not readable JSON.", remedy) from error


def bundle_files(folder: Path) -> list[str]:
    """Paths of all files in a bundle, with "/" between the parts, sorted; without what desktops leave behind."""
    found = []
    for parent, _folders, names in os.walk(folder):
        found += [Path(parent, name).relative_to(folder).as_posix() for name in names if name not in _IGNORED]
    return sorted(found)


def files_hash(files: Mapping[str, str]) -> str:
    """SHA-256 of a whole bundle: of the list of its files and their hashes."""
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()


def hash_files(folder: Path) -> dict[str, str]:
    """SHA-256 of all files in a bundle, by path."""
    return {path: file_hash(folder / path) for path in bundle_files(folder)}


def file_hash(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def is_code_file(path: str) -> bool:
    """Whether a file of a bundle can bring code into the process that uses it."""
    name = PurePosixPath(path)
    return name.suffix.lower() in _CODE_SUFFIXES or name.name.lower() == "logging.conf"
