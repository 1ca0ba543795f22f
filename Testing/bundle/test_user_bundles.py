"""Bundles of users: hostile ones run nothing, changed ones are refused, confirmed ones are held to their hash."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from DeepMedLib.errors import BundleRefused
from DeepMedLib.models import unzip as unzip_module
from DeepMedLib.models.unzip import unzip
from DeepMedLib.models.user_bundles import ConfirmedBundle, UserBundles
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


def test_confirmed_code_makes_the_network_and_leaves_the_bundle_as_it_was(tmp_path: Path, bundles: UserBundles) -> None:
    network = {**NETWORK, "out_channels": "$int(1)", "_target_": "own_net_scripts.net.Net"}
    folder = make_bundle(tmp_path / "own", network=network)
    (folder / "own_net_scripts").mkdir()
    (folder / "own_net_scripts" / "__init__.py").write_text("")
    (folder / "own_net_scripts" / "net.py").write_text("from monai.networks.nets import UNet\nclass Net(UNet): pass\n")
    record = bundles.add(folder)
    with pytest.raises(BundleRefused, match="could run code"):
        bundles.open("own")
    bundles.confirm(record.sha256)
    loaded = bundles.open("own", 1).load_network()
    assert type(loaded).__module__ == "own_net_scripts.net"
    image = torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        assert torch.equal(loaded(image), make_unet().eval()(image))
    assert bundles.open("own").name == "own"  # no .pyc appeared


@pytest.mark.parametrize("name", ["model.ts", "model.pt"])
def test_a_confirmed_program(tmp_path: Path, bundles: UserBundles, name: str) -> None:
    folder = make_bundle(tmp_path / "program")
    (folder / "models" / "model.pt").unlink()
    convolution = torch.nn.Conv2d(1, 1, 3)
    torch.jit.script(convolution).save(str(folder / "models" / name))
    bundles.confirm(bundles.add(folder).sha256)
    image = torch.rand(1, 1, 8, 8)
    with torch.inference_mode():
        assert torch.equal(bundles.open("program").load_network()(image), convolution(image))


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


def test_foreign_code_that_fails(tmp_path: Path, bundles: UserBundles) -> None:
    folder = make_bundle(tmp_path / "own", network={**NETWORK, "out_channels": "$1/0"})
    bundles.confirm(bundles.add(folder).sha256)
    with pytest.raises(BundleRefused, match="code of 'own' failed"):
        bundles.open("own").load_network()


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


def test_a_link_in_a_zip_file_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "link.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        entry = zipfile.ZipInfo("models")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        stream.writestr(entry, "/tmp")
    (tmp_path / "out").mkdir()
    with pytest.raises(BundleRefused, match="written elsewhere"):
        unzip(archive, tmp_path / "out")


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as stream:
        for number in range(5):
            stream.writestr(f"{number}.bin", bytes(1_000_000))
    for limits in ({"most_bytes": 4_999_999}, {"most_files": 4}):
        (tmp_path / "out").mkdir(exist_ok=True)
        with pytest.raises(BundleRefused, match=r"too large|5 files"):
            unzip(archive, tmp_path / "out", **limits)
        assert list((tmp_path / "out").iterdir()) == []
    unzip(archive, tmp_path / "out", most_bytes=5_000_000, most_files=5)
    assert len(list((tmp_path / "out").iterdir())) == 5


def test_an_entry_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "lie.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as stream:
        stream.writestr("a.bin", bytes(3_000_000))
    data = archive.read_bytes().replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    archive.write_bytes(data)
    (tmp_path / "out").mkdir()
    with pytest.raises(BundleRefused):
        unzip(archive, tmp_path / "out", most_bytes=1000)
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) <= 1000


def test_what_is_not_a_zip_file(tmp_path: Path, bundles: UserBundles) -> None:
    (tmp_path / "text.zip").write_text("no")
    for source in (tmp_path / "text.zip", tmp_path / "nowhere.zip"):
        with pytest.raises(BundleRefused, match="cannot be unpacked"):
            bundles.add(source)
    assert bundles.records() == []


def test_too_large_a_folder_is_refused(tmp_path: Path, bundles: UserBundles, monkeypatch: pytest.MonkeyPatch) -> None:
    import DeepMedLib.models.user_bundles as module

    folder = make_bundle(tmp_path / "mine")
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    with pytest.raises(BundleRefused, match="GB"):
        bundles.add(folder)
    monkeypatch.setattr(module, "MOST_BYTES", unzip_module.MOST_BYTES)
    monkeypatch.setattr(module, "MOST_FILES", 2)
    with pytest.raises(BundleRefused, match="4 files"):
        bundles.add(folder)
