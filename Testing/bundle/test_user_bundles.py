"""Bundles of users: hostile ones run nothing, changed ones are refused, confirmed ones are held to their hash."""

from __future__ import annotations

import errno
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from DeepMedLib.errors import BundleRefused, DependencyMissing, DiskRefused
from DeepMedLib.jobs.job_folders import QUIET_SECONDS
from DeepMedLib.models import unzip as unzip_module
from DeepMedLib.models import user_bundles
from DeepMedLib.models.confirmed import ConfirmedBundle
from DeepMedLib.models.user_bundles import UserBundles
from Testing.bundle.bundle_maker import NETWORK, make_bundle, make_unet, zip_bundle


@pytest.fixture
def bundles(tmp_path: Path) -> UserBundles:
    return UserBundles(tmp_path / "Liste 漢字")


def test_a_plain_folder(tmp_path: Path, bundles: UserBundles) -> None:
    record = bundles.add(make_bundle(tmp_path / "mine"))
    assert record.name == "mine" and record.findings == [] and not record.extracted
    assert bundles.records() == [record]
    bundle = bundles.open("mine", input_channels=1)
    assert type(bundle) is not ConfirmedBundle
    assert bundle.version == "1.2.0" and bundle.sha256 == record.files["models/model.pt"]
    image = torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        assert torch.equal(bundle.load_network()(image), make_unet().eval()(image))
    assert UserBundles(tmp_path / "Liste 漢字").open("mine").name == "mine"  # another session


@pytest.mark.parametrize("inside", ["", "the_bundle/"])
def test_a_zip_file(tmp_path: Path, bundles: UserBundles, inside: str) -> None:
    archive = zip_bundle(make_bundle(tmp_path / "mine"), tmp_path / "Größe.zip", inside)
    record = bundles.add(archive)
    archive.unlink()
    assert record.name == "Größe" and record.extracted
    assert bundles.open("Größe", 1).load_network() is not None
    place = Path(record.folder)
    bundles.remove("Größe")
    assert not place.exists() and bundles.records() == []
    assert [path.name for path in (tmp_path / "Liste 漢字").iterdir()] == ["bundles.json"]


def test_what_a_killed_unzip_left_is_swept_with_the_next_one(tmp_path: Path, bundles: UserBundles) -> None:
    place = tmp_path / "Liste 漢字"
    kept = Path(bundles.add(zip_bundle(make_bundle(tmp_path / "a"), tmp_path / "a.zip")).folder)
    left, busy = place / "unpacked-left", place / "unpacked-busy"
    for folder in (left, busy):
        (folder / "models").mkdir(parents=True)
        (folder / "models" / "model.pt").write_bytes(b"half")
    old = time.time() - QUIET_SECONDS - 1
    for path in (*kept.rglob("*"), kept, *left.rglob("*"), left, busy):
        os.utime(path, (old, old))
    bundles.add(zip_bundle(make_bundle(tmp_path / "b"), tmp_path / "b.zip"))
    assert not left.exists() and busy.exists() and bundles.open("a").name == "a"


def test_removing_leaves_the_users_own_folder(tmp_path: Path, bundles: UserBundles) -> None:
    folder = make_bundle(tmp_path / "mine")
    bundles.add(folder)
    bundles.remove("mine")
    assert (folder / "models" / "model.pt").exists()
    with pytest.raises(BundleRefused, match="no model 'mine'"):
        bundles.open("mine")
    with pytest.raises(BundleRefused, match="no model 'mine'"):
        bundles.remove("mine")


@pytest.mark.parametrize("change", ["weights", "config", "missing", "more"])
def test_a_changed_bundle_is_refused(tmp_path: Path, bundles: UserBundles, change: str) -> None:
    folder = make_bundle(tmp_path / "mine")
    bundles.add(folder)
    if change == "weights":
        torch.save({}, folder / "models" / "model.pt")
    elif change == "config":
        with open(folder / "configs" / "inference.json", "a") as stream:
            stream.write(" ")
    elif change == "missing":
        (folder / "docs" / "README.md").unlink()
    else:
        (folder / "extra.py").write_text("")
    with pytest.raises(BundleRefused, match=r"was changed|is missing") as caught:
        bundles.open("mine")
    assert "add it again" in caught.value.remedy


def test_a_wrong_channel_count_is_refused(tmp_path: Path, bundles: UserBundles) -> None:
    bundles.add(make_bundle(tmp_path / "mine", channels=3))
    with pytest.raises(BundleRefused, match="takes 3 channels; this image has 1"):
        bundles.open("mine", input_channels=1)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("configs/metadata.json", "not a MONAI bundle"),
        ("configs/inference.json", r"no configs/inference\.json"),
        ("models/model.pt", r"no models/model\.pt"),
    ],
)
def test_an_incomplete_bundle_is_not_added(tmp_path: Path, bundles: UserBundles, path: str, words: str) -> None:
    folder = make_bundle(tmp_path / "mine")
    (folder / path).unlink()
    for source in (folder, zip_bundle(folder, tmp_path / "mine.zip")):
        with pytest.raises(BundleRefused, match=words):
            bundles.add(source)
    assert bundles.records() == []
    left = tmp_path / "Liste 漢字"
    assert not left.exists() or list(left.iterdir()) == []


def test_hints_for_the_model_zoo(tmp_path: Path, bundles: UserBundles) -> None:
    folder = make_bundle(tmp_path / "zoo")
    (folder / "models" / "model.pt").unlink()
    (folder / "large_files.yml").write_text("large_files: []")
    with pytest.raises(BundleRefused) as caught:
        bundles.add(folder)
    assert "large_files.yml" in caught.value.remedy
    (folder / "configs" / "inference.json").rename(folder / "configs" / "inference.yaml")
    with pytest.raises(BundleRefused) as caught:
        bundles.add(folder)
    assert "YAML" in caught.value.remedy


def test_names(tmp_path: Path, bundles: UserBundles) -> None:
    folder = make_bundle(tmp_path / "mine")
    bundles.add(folder, "Pancreas 2.0")
    with pytest.raises(BundleRefused, match="already"):
        bundles.add(folder, "pancreas 2.0")
    for name in ("../up", "a/b", ".hidden", "x" * 100, "dot."):
        with pytest.raises(BundleRefused, match="is no name"):
            bundles.add(folder, name)


def hostile(tmp_path: Path, kind: str) -> tuple[Path, Path]:
    """A bundle that touches the marker when any of its code runs."""
    marker = tmp_path / "harm"
    code = f"$__import__('os').system('touch {marker}')"
    call = {"_target_": "os.system", "command": f"touch {marker}"}
    folder = tmp_path / "hostile"
    if kind == "expression":
        make_bundle(folder, network={**NETWORK, "out_channels": code})
    elif kind == "expression elsewhere":
        make_bundle(folder, inference={"bundle_root": code})
    elif kind == "imports":
        make_bundle(folder, inference={"imports": ["$import os", code]})
    elif kind == "initialize":
        make_bundle(folder, inference={"initialize": [code], "run": [code]})
    elif kind == "target":
        make_bundle(folder, network=call)
    elif kind == "target elsewhere":
        make_bundle(folder, inference={"inferer": call})
    elif kind == "other configuration":
        make_bundle(folder)
        (folder / "configs" / "train.json").write_text(json.dumps({"x": code}))
    elif kind == "metadata":
        make_bundle(folder)
        metadata = json.loads((folder / "configs" / "metadata.json").read_text())
        (folder / "configs" / "metadata.json").write_text(json.dumps({**metadata, "task": code}))
    elif kind == "logging":
        make_bundle(folder)
        (folder / "configs" / "logging.conf").write_text(
            f"[handler_x]\nargs=(__import__('os').mkdir({str(marker)!r}),)\n"
        )
    elif kind == "script":
        make_bundle(folder)
        (folder / "scripts").mkdir()
        (folder / "scripts" / "__init__.py").write_text(f"import os\nos.mkdir({str(marker)!r})\n")
    elif kind == "TorchScript":
        make_bundle(folder)
        torch.jit.script(torch.nn.Conv2d(1, 1, 1)).save(str(folder / "models" / "model.ts"))
    elif kind == "scripted weights":
        make_bundle(folder)
        torch.jit.script(torch.nn.Conv2d(1, 1, 1)).save(str(folder / "models" / "model.pt"))
    return folder, marker


HOSTILE = [
    "expression",
    "expression elsewhere",
    "imports",
    "initialize",
    "target",
    "target elsewhere",
    "other configuration",
    "metadata",
    "logging",
    "script",
    "TorchScript",
    "scripted weights",
]


@pytest.mark.parametrize("as_zip", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_bundle_stays_shut_and_runs_nothing(
    tmp_path: Path, bundles: UserBundles, kind: str, as_zip: bool
) -> None:
    folder, marker = hostile(tmp_path, kind)
    record = bundles.add(zip_bundle(folder, tmp_path / "hostile.zip") if as_zip else folder)
    assert record.findings and not bundles.is_confirmed(record.sha256)
    with pytest.raises(BundleRefused, match="could run code") as caught:
        bundles.open("hostile")
    assert "confirm" in caught.value.remedy
    assert not marker.exists()


def test_the_list_cannot_talk_a_bundle_harmless(tmp_path: Path, bundles: UserBundles) -> None:
    folder, marker = hostile(tmp_path, "target")
    bundles.add(folder)
    registry = tmp_path / "Liste 漢字" / "bundles.json"
    content = json.loads(registry.read_text(encoding="utf-8"))
    content["bundles"][0]["findings"] = []
    registry.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(BundleRefused, match="could run code"):
        bundles.open("hostile")
    assert not marker.exists()


@pytest.mark.parametrize("kind", ["imports", "initialize", "target elsewhere", "logging", "script"])
def test_a_confirmed_bundle_with_a_plain_network_still_runs_none_of_its_code(
    tmp_path: Path, bundles: UserBundles, kind: str
) -> None:
    folder, marker = hostile(tmp_path, kind)
    bundles.confirm(bundles.add(folder).sha256)
    assert bundles.open("hostile", 1).load_network() is not None
    assert not marker.exists()


def test_a_confirmation_holds_for_one_hash_only(tmp_path: Path, bundles: UserBundles) -> None:
    folder, marker = hostile(tmp_path, "target elsewhere")
    first = bundles.add(folder)
    bundles.confirm(first.sha256)
    assert bundles.is_confirmed(first.sha256)
    (folder / "docs" / "README.md").write_text("other")
    with pytest.raises(BundleRefused, match="was changed"):
        bundles.open("hostile")
    bundles.remove("hostile")
    second = bundles.add(folder)
    assert second.sha256 != first.sha256
    with pytest.raises(BundleRefused, match="could run code"):
        bundles.open("hostile")
    with pytest.raises(BundleRefused, match="this hash"):
        bundles.confirm(first.sha256)
    assert not marker.exists()


def test_pickled_code_in_the_weights_runs_neither_before_nor_after_confirming(
    tmp_path: Path, bundles: UserBundles
) -> None:
    marker = tmp_path / "harm"

    class Payload:
        def __reduce__(self) -> tuple[Any, ...]:
            import os

            return os.mkdir, (str(marker),)

    folder = make_bundle(tmp_path / "pickled", weights={"x": Payload()}, inference={"imports": ["$import os"]})
    bundles.confirm(bundles.add(folder).sha256)
    with pytest.raises(BundleRefused, match="more than tensors"):
        bundles.open("pickled").load_network()
    assert not marker.exists()


def test_a_damaged_list_is_a_clear_error(tmp_path: Path, bundles: UserBundles) -> None:
    (tmp_path / "Liste 漢字").mkdir()
    for content in ("{", "[]", '{"bundles": [{"name": 1}], "confirmed": []}'):
        (tmp_path / "Liste 漢字" / "bundles.json").write_text(content)
        with pytest.raises(BundleRefused, match="cannot be read"):
            bundles.records()


@pytest.mark.parametrize(
    "name",
    ["../escaped", "a/../../escaped", "/escaped", "C:/escaped", "..\\escaped", "a\\b", "configs/../../x", "nul\0.txt"],
)
def test_a_zip_file_cannot_write_elsewhere(tmp_path: Path, bundles: UserBundles, name: str) -> None:
    archive = zip_bundle(make_bundle(tmp_path / "mine"), tmp_path / "slip.zip")
    with zipfile.ZipFile(archive, "a") as stream:
        entry = zipfile.ZipInfo("x")
        entry.filename = entry.orig_filename = name
        stream.writestr(entry, "harm")
    before = {path for path in tmp_path.rglob("*") if path.name != "Liste 漢字"}
    with pytest.raises(BundleRefused, match="written elsewhere"):
        bundles.add(archive)
    after = {path for path in tmp_path.rglob("*") if path.name != "Liste 漢字"}
    assert after == before


@pytest.mark.parametrize("kind", ["file", "folder", "outside"])
@pytest.mark.parametrize("when", ["before adding", "after adding"])
def test_a_link_in_a_folder_is_refused(tmp_path: Path, bundles: UserBundles, kind: str, when: str) -> None:
    folder = make_bundle(tmp_path / "mine")
    if when == "after adding":
        bundles.add(folder)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.txt").write_text("secret")
    if kind == "file":
        (folder / "docs" / "README.md").unlink()
        (folder / "docs" / "README.md").symlink_to(tmp_path / "elsewhere" / "secret.txt")
    elif kind == "folder":
        (folder / "scripts").symlink_to(tmp_path / "elsewhere")
    else:
        (folder / "docs" / "more.txt").symlink_to("/dev/zero")
    with pytest.raises(BundleRefused, match="holds a link"):
        bundles.add(folder, "again")
    if when == "after adding":
        with pytest.raises(BundleRefused, match="holds a link"):
            bundles.open("mine")


def test_a_configuration_of_many_megabytes_is_refused(tmp_path: Path, bundles: UserBundles) -> None:
    folder = make_bundle(tmp_path / "mine")
    with open(folder / "configs" / "more.json", "wb") as stream:
        stream.truncate(user_bundles.MOST_CONFIG_BYTES)
    with pytest.raises(BundleRefused, match="not readable JSON"):
        bundles.add(folder)
    with open(folder / "configs" / "more.json", "ab") as stream:
        stream.write(b" ")
    with pytest.raises(BundleRefused, match="too large for a configuration"):
        bundles.add(folder)


@pytest.mark.parametrize(("version", "reads"), [("2.5.1", False), ("2.6.0", True), ("2.13.0+cpu", True)])
def test_pickled_weights_need_a_torch_that_reads_them_safely(
    tmp_path: Path, bundles: UserBundles, version: str, reads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles.add(make_bundle(tmp_path / "mine"))
    monkeypatch.setattr("importlib.metadata.version", lambda name: version)
    if reads:
        assert bundles.open("mine").load_network() is not None
    else:
        with pytest.raises(DependencyMissing, match=r"torch>=2\.6"):
            bundles.open("mine").load_network()


def test_a_full_disk_is_told_and_leaves_the_list_as_it_was(
    tmp_path: Path, bundles: UserBundles, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles.add(make_bundle(tmp_path / "mine"))

    def refuse(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr(user_bundles.os, "replace", refuse)
        with pytest.raises(DiskRefused, match="is full"):
            bundles.add(make_bundle(tmp_path / "second"))
    assert [record.name for record in bundles.records()] == ["mine"]


def test_what_is_not_a_zip_file(tmp_path: Path, bundles: UserBundles) -> None:
    (tmp_path / "text.zip").write_text("no")
    for source in (tmp_path / "text.zip", tmp_path / "nowhere.zip"):
        with pytest.raises(BundleRefused, match="cannot be unpacked"):
            bundles.add(source)
    assert bundles.records() == []


def test_too_large_a_folder_is_refused(tmp_path: Path, bundles: UserBundles, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_bundle(tmp_path / "mine")
    monkeypatch.setattr(user_bundles, "MOST_BYTES", 100)
    with pytest.raises(BundleRefused, match="GB"):
        bundles.add(folder)
    monkeypatch.setattr(user_bundles, "MOST_BYTES", unzip_module.MOST_BYTES)
    monkeypatch.setattr(user_bundles, "MOST_FILES", 2)
    with pytest.raises(BundleRefused, match="4 files"):
        bundles.add(folder)
