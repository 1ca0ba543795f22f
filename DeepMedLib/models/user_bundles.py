"""Bundles that a user adds: a folder or a zip file, their own or from the MONAI Model Zoo.

All files are hashed when the bundle is added, and again whenever it is opened. Only the network definition, the
transforms and the metadata are read. What could run code (``$`` expressions, unknown ``_target_``, TorchScript,
Python files, logging.conf) is found without running it, and the bundle stays shut until the user has confirmed its
hash. Confirmed or not, weights are read as plain tensors only. Confirmed code runs as `models.confirmed` says.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from DeepMedLib.disk import writing
from DeepMedLib.errors import BundleRefused
from DeepMedLib.jobs.job_folders import is_quiet
from DeepMedLib.models.bundles import (
    INFERENCE,
    METADATA,
    WEIGHTS,
    Bundle,
    bundle_files,
    files_hash,
    hash_files,
    is_code_file,
    open_bundle,
    parse_json,
    read_metadata,
    read_verified,
)
from DeepMedLib.models.confirmed import SCRIPTED, ConfirmedBundle
from DeepMedLib.models.network_config import findings
from DeepMedLib.models.unzip import MOST_BYTES, MOST_FILES, unzip
from DeepMedLib.models.weights import is_torchscript

REGISTRY = "bundles.json"
MOST_CONFIG_BYTES = 16 * 1024**2

_ADD_AGAIN = "Remove the model from the list and add it again if you trust the change."
_NO_LINKS = "Copy the files themselves into the bundle's folder."
_FETCH_AGAIN = "Fetch the bundle again, whole, and add it anew."
_UNPACKED = "unpacked-"
_NAME = re.compile(r"[^\W_][\w .-]{0,79}")


@dataclass(frozen=True)
class UserBundle:
    """What is recorded of a bundle that a user added.

    Attributes:
        name: in the list.
        folder: where it lies.
        sha256: of the list of all its files and their hashes: what the user confirms.
        files: hash of each file.
        findings: what in it could run code; empty for a plain bundle.
        extracted: it was a zip file and lies in the registry's folder.
    """

    name: str
    folder: str
    sha256: str
    files: dict[str, str]
    findings: list[str] = field(default_factory=list)
    extracted: bool = False


class UserBundles:
    """The list of a user's bundles, kept in a small JSON file.

    Args:
        folder: holds the list and the bundles that came as zip files; made when needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def records(self) -> list[UserBundle]:
        """All bundles that were added, by name.

        Raises:
            BundleRefused: the list cannot be read.
        """
        return [record for _, record in sorted(self._read()[0].items())]

    def is_confirmed(self, sha256: str) -> bool:
        """Whether the user has confirmed the code in the bundle of this hash."""
        return sha256 in self._read()[1]

    def add(self, source: Path, name: str = "") -> UserBundle:
        """Adds a bundle. Nothing of it is run; the answer's ``findings`` say what the user would have to confirm.

        Args:
            source: a folder, which stays where it is, or a zip file, which is unpacked.
            name: for the list; by default that of the folder or zip file.

        Raises:
            BundleRefused: not a bundle, incomplete, too large, a zip file with unsafe paths, or the name is taken.
        """
        name = name or (source.stem if source.is_file() else source.resolve().name)
        if not _NAME.fullmatch(name) or name.endswith((".", " ")):
            raise BundleRefused(f"'{name}' is no name for a model.", "Use letters, digits, spaces, '-', '_' and '.'.")
        if name.casefold() in {known.casefold() for known in self._read()[0]}:
            raise BundleRefused(f"There is a model '{name}' already.", "Remove it first, or choose another name.")
        if source.is_dir():
            return self._record(name, _root_of(source, name), extracted=False)
        with writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            unpacked = Path(tempfile.mkdtemp(prefix=_UNPACKED, dir=self._folder))
        try:
            unzip(source, unpacked)
            return self._record(name, _root_of(unpacked, name), extracted=True)
        except BaseException:
            shutil.rmtree(unpacked, ignore_errors=True)
            raise

    def confirm(self, sha256: str) -> None:
        """The user trusts the code in the bundle of exactly this hash.

        Raises:
            BundleRefused: no bundle of this hash is in the list.
        """
        records, confirmed = self._read()
        if sha256 not in {record.sha256 for record in records.values()}:
            raise BundleRefused("No model in the list has this hash.", _ADD_AGAIN)
        self._write(records, confirmed | {sha256})

    def open(self, name: str, input_channels: int | None = None) -> Bundle:
        """A bundle of the list, all its files verified.

        Args:
            name: in the list.
            input_channels: channels of the image; None to leave that unchecked.

        Raises:
            BundleRefused: unknown, changed, a file missing, unsuitable, or it needs to be confirmed.
        """
        records, confirmed = self._read()
        if name not in records:
            raise BundleRefused(f"There is no model '{name}' in the list.", "Add it first.")
        record = records[name]
        folder = Path(record.folder)
        _check_files(folder, name)
        for path in record.files:
            read_verified(folder, name, path, record.files, _ADD_AGAIN)
        added = sorted(set(bundle_files(folder)) - set(record.files))
        if added:
            raise BundleRefused(f"The model '{name}' was changed: {added[0]} was not there before.", _ADD_AGAIN)
        found = _all_findings(folder, name, record.files)
        trusted = files_hash(record.files) in confirmed
        if found and not trusted:
            raise BundleRefused(
                f"The model '{name}' could run code on this computer: {found[0]}.",
                "If you trust its author, confirm it in the list of models; else remove it.",
            )
        bundle = _open_confirmed(record) if found else open_bundle(folder, name, record.files, _ADD_AGAIN)
        if input_channels is not None:
            bundle.check_input_channels(input_channels)
        return bundle

    def remove(self, name: str) -> None:
        """Takes a bundle off the list, and its confirmation with it. The user's own folder is left alone.

        Raises:
            BundleRefused: there is no such bundle.
        """
        records, confirmed = self._read()
        if name not in records:
            raise BundleRefused(f"There is no model '{name}' in the list.", "Look at the list again.")
        record = records.pop(name)
        in_use = {other.sha256 for other in records.values()}
        self._write(records, {sha256 for sha256 in confirmed if sha256 in in_use})
        if record.extracted:
            for unpacked in self._unpacked_for([record]):
                shutil.rmtree(unpacked, ignore_errors=True)

    def _unpacked_for(self, records: Iterable[UserBundle]) -> set[Path]:
        """The folders that zip files of these bundles were unpacked into."""
        places = [Path(record.folder).resolve() for record in records if record.extracted]
        within = {folder for place in places for folder in (place, *place.parents)}
        return within & set(self._folder.resolve().glob(f"{_UNPACKED}*"))

    def _sweep(self) -> None:
        """Removes what a killed process had unpacked and not recorded; what may still be written stays."""
        recorded = self._unpacked_for(self._read()[0].values())
        for folder in set(self._folder.resolve().glob(f"{_UNPACKED}*")) - recorded:
            if is_quiet(folder):
                shutil.rmtree(folder, ignore_errors=True)

    def _record(self, name: str, folder: Path, extracted: bool) -> UserBundle:
        _check_files(folder, name)
        files = hash_files(folder)
        for path in (METADATA, INFERENCE):
            if path not in files:
                yaml = path.replace(".json", ".yaml") in files
                remedy = "Ask its author for JSON configurations; YAML is not read." if yaml else _FETCH_AGAIN
                raise BundleRefused(f"The bundle '{name}' has no {path}.", remedy)
        if WEIGHTS not in files and SCRIPTED not in files:
            large = any(path.startswith("large_files.") for path in files)
            remedy = "Download the large files that large_files.yml lists, then add it." if large else _FETCH_AGAIN
            raise BundleRefused(f"The bundle '{name}' has no {WEIGHTS}.", remedy)
        read_metadata(folder, name, files, _FETCH_AGAIN)
        found = _all_findings(folder, name, files)
        record = UserBundle(name, str(folder.resolve()), files_hash(files), files, found, extracted)
        records, confirmed = self._read()
        self._write({**records, name: record}, confirmed)
        return record

    def _read(self) -> tuple[dict[str, UserBundle], set[str]]:
        path = self._folder / REGISTRY
        if not path.exists():
            return {}, set()
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            records = [UserBundle(**record) for record in content["bundles"]]
            return {record.name: record for record in records}, set(content["confirmed"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            remedy = "Delete it and add the models again."
            raise BundleRefused(f"The list of models {path} cannot be read.", remedy) from error

    def _write(self, records: Mapping[str, UserBundle], confirmed: set[str]) -> None:
        content = {"bundles": [asdict(record) for record in records.values()], "confirmed": sorted(confirmed)}
        unfinished = self._folder / (REGISTRY + ".unfinished")
        with writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
            os.replace(unfinished, self._folder / REGISTRY)


def _open_confirmed(record: UserBundle) -> ConfirmedBundle:
    folder = Path(record.folder)
    metadata = read_metadata(folder, record.name, record.files, _ADD_AGAIN)
    weights = record.files[WEIGHTS if WEIGHTS in record.files else SCRIPTED]
    return ConfirmedBundle(folder, record.name, metadata["version"], weights, metadata, record.files, _ADD_AGAIN)


def _root_of(folder: Path, name: str) -> Path:
    """The folder that holds ``configs``: the given one, or the only one inside it."""
    if (folder / METADATA).is_file():
        return folder
    inside = [path for path in folder.iterdir() if (path / METADATA).is_file()]
    if len(inside) != 1:
        raise BundleRefused(f"'{name}' is not a MONAI bundle: it has no {METADATA}.", "Choose the bundle's own folder.")
    return inside[0]


def _check_files(folder: Path, name: str) -> None:
    """Nothing but files, no links to elsewhere, and not too much of it."""
    for parent, folders, names in os.walk(folder):
        for found in (*folders, *names):
            if Path(parent, found).is_symlink():
                place = Path(parent, found).relative_to(folder).as_posix()
                raise BundleRefused(f"The bundle '{name}' holds a link: {place}.", _NO_LINKS)
    paths = bundle_files(folder)
    if len(paths) > MOST_FILES:
        raise BundleRefused(f"The bundle '{name}' has {len(paths)} files.", "Choose the bundle's own folder.")
    for path in paths:
        if not (folder / path).is_file():
            raise BundleRefused(f"The bundle '{name}' holds something that is not a file: {path}.", _FETCH_AGAIN)
    size = sum((folder / path).stat().st_size for path in paths)
    if size > MOST_BYTES:
        raise BundleRefused(f"The bundle '{name}' has {size / 1e9:.1f} GB.", "Choose a smaller one.")
    for path in paths:
        if path.endswith(".json") and (folder / path).stat().st_size > MOST_CONFIG_BYTES:
            raise BundleRefused(f"In the bundle '{name}', {path} is too large for a configuration.", _FETCH_AGAIN)


def _all_findings(folder: Path, name: str, files: Mapping[str, str]) -> list[str]:
    """What in a bundle could run code. Files are verified as they are read."""
    found = [f"it holds {path}" for path in files if is_code_file(path)]
    for path in files:
        if path.startswith("configs/") and path.endswith(".json"):
            config = parse_json(read_verified(folder, name, path, files, _FETCH_AGAIN), name, path, _FETCH_AGAIN)
            found += [f"{path}: {finding}" for finding in findings(config)]
    if WEIGHTS in files and is_torchscript(folder / WEIGHTS):
        found.append(f"{WEIGHTS} is a TorchScript program")
    return found
