"""Shipped bundles: nothing is read before its hash was found right."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from DeepMedLib.errors import BundleRefused
from DeepMedLib.models.bundles import shipped_bundle, write_manifest
from Testing.bundle.bundle_maker import NETWORK, make_bundle, make_unet


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A module's model folder with two bundles and its manifest."""
    folder = tmp_path / "Größe 漢字" / "TestModels"
    make_bundle(folder / "gray")
    make_bundle(folder / "colored", channels=3)
    (folder / "gray" / "configs" / "calibration.json").write_text('{"scale": 1.5}')
    write_manifest(folder)
    return folder


def test_the_manifest_lists_all_files_with_their_hashes(models: Path) -> None:
    manifest = json.loads((models / "manifest.json").read_text())
    assert set(manifest) == {"gray", "colored"} and manifest["gray"]["version"] == "1.2.0"
    assert set(manifest["gray"]["files"]) == {
        "configs/calibration.json",
        "configs/inference.json",
        "configs/metadata.json",
        "docs/README.md",
        "models/model.pt",
    }
    for path, expected in manifest["gray"]["files"].items():
        assert hashlib.sha256((models / "gray" / path).read_bytes()).hexdigest() == expected


def test_a_good_bundle_opens_and_computes(models: Path) -> None:
    bundle = shipped_bundle(models, "gray")
    assert (bundle.name, bundle.version) == ("gray", "1.2.0")
    assert bundle.sha256 == hashlib.sha256((models / "gray" / "models" / "model.pt").read_bytes()).hexdigest()
    assert bundle.metadata["task"] == "Finds nothing"
    assert bundle.read_json("configs/calibration.json") == {"scale": 1.5}
    network = bundle.load_network()
    assert not network.training
    image = torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        assert torch.equal(network(image), make_unet().eval()(image))


def test_channels_are_checked(models: Path) -> None:
    bundle = shipped_bundle(models, "colored")
    bundle.check_input_channels(3)
    with pytest.raises(BundleRefused, match="takes 3 channels; this image has 1"):
        bundle.check_input_channels(1)


def test_channels_that_the_metadata_do_not_tell(tmp_path: Path) -> None:
    make_bundle(tmp_path / "m" / "b")
    (tmp_path / "m" / "b" / "configs" / "metadata.json").write_text('{"version": "1", "network_data_format": []}')
    write_manifest(tmp_path / "m")
    with pytest.raises(BundleRefused, match="does not say"):
        shipped_bundle(tmp_path / "m", "b").check_input_channels(1)


@pytest.mark.parametrize("path", ["models/model.pt", "configs/metadata.json", "docs/README.md"])
@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_changed_or_missing_file_is_refused(models: Path, path: str, damage: str) -> None:
    file = models / "gray" / path
    if damage == "missing":
        file.unlink()
    else:
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    with pytest.raises(BundleRefused, match=f"{path} is") as caught:
        shipped_bundle(models, "gray")
    assert caught.value.remedy == "Install the extension again."
    assert shipped_bundle(models, "colored").name == "colored"


def test_a_change_after_opening_is_found_when_reading(models: Path) -> None:
    bundle = shipped_bundle(models, "gray")
    torch.save({"other": torch.zeros(1)}, models / "gray" / "models" / "model.pt")
    with pytest.raises(BundleRefused, match="was changed"):
        bundle.load_network()


def test_only_listed_files_are_read(models: Path) -> None:
    bundle = shipped_bundle(models, "gray")
    (models / "gray" / "configs" / "new.json").write_text("{}")
    for path in ("configs/new.json", "../manifest.json", "/etc/passwd", "configs\\metadata.json"):
        with pytest.raises(BundleRefused, match="has no file"):
            bundle.read_bytes(path)


def test_a_manifest_cannot_lead_outside(models: Path) -> None:
    manifest = json.loads((models / "manifest.json").read_text())
    outside = models / "outside.json"
    outside.write_text("{}")
    manifest["gray"]["files"]["../outside.json"] = hashlib.sha256(b"{}").hexdigest()
    (models / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleRefused, match="has no file"):
        shipped_bundle(models, "gray")


@pytest.mark.parametrize("name", ["net.py", "models/model.ts", "configs/logging.conf", "__pycache__/x.pyc", "a.SO"])
def test_code_that_is_not_listed_is_refused(models: Path, name: str) -> None:
    path = models / "gray" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    with pytest.raises(BundleRefused, match="holds code"):
        shipped_bundle(models, "gray")
    with pytest.raises(BundleRefused, match="holds code"):
        write_manifest(models)


def test_what_desktops_leave_behind_does_no_harm(models: Path) -> None:
    (models / "gray" / ".DS_Store").write_bytes(b"x")
    assert shipped_bundle(models, "gray").version == "1.2.0"


@pytest.mark.parametrize("content", [None, "{", "[]", '{"gray": 1}', '{"gray": {"files": {}}}', "{}"])
def test_a_bad_manifest_is_refused(models: Path, content: str | None) -> None:
    if content is None:
        (models / "manifest.json").unlink()
    else:
        (models / "manifest.json").write_text(content)
    with pytest.raises(BundleRefused) as caught:
        shipped_bundle(models, "gray")
    assert caught.value.remedy


def test_the_version_must_be_the_listed_one(models: Path) -> None:
    text = (models / "manifest.json").read_text().replace('"1.2.0"', '"1.3.0"')
    (models / "manifest.json").write_text(text)
    with pytest.raises(BundleRefused, match=r"1\.2\.0, not 1\.3\.0"):
        shipped_bundle(models, "gray")


def test_half_precision_weights_become_float32(tmp_path: Path) -> None:
    half = {key: value.half() for key, value in make_unet().state_dict().items()}
    make_bundle(tmp_path / "m" / "b", weights=half)
    write_manifest(tmp_path / "m")
    network = shipped_bundle(tmp_path / "m", "b").load_network()
    assert {value.dtype for value in network.parameters()} == {torch.float32}
    for key, value in network.state_dict().items():
        assert torch.equal(value, half[key].float())


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("form", ["torch", "pickle"])
def test_a_pickle_among_the_weights_does_not_run(tmp_path: Path, form: str) -> None:
    marker = tmp_path / "harm"
    folder = make_bundle(tmp_path / "m" / "b", weights={"x": Payload(marker)})
    if form == "pickle":
        (folder / "models" / "model.pt").write_bytes(pickle.dumps(Payload(marker)))
    write_manifest(tmp_path / "m")
    with pytest.raises(BundleRefused):
        shipped_bundle(tmp_path / "m", "b").load_network()
    assert not marker.exists()


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"model.0.weight": torch.zeros(3)}, "do not fit"),
        ({"a": 1}, "not a state dict"),
        ([torch.zeros(1)], "not a state dict"),
        ({}, "do not fit"),
    ],
)
def test_weights_that_do_not_fit(tmp_path: Path, weights: Any, words: str) -> None:
    make_bundle(tmp_path / "m" / "b", weights=weights)
    write_manifest(tmp_path / "m")
    with pytest.raises(BundleRefused, match=words):
        shipped_bundle(tmp_path / "m", "b").load_network()


def test_weights_that_are_not_weights(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "m" / "b")
    for content in (b"", b"text", b"PK\x05\x06" + bytes(18)):
        (folder / "models" / "model.pt").write_bytes(content)
        write_manifest(tmp_path / "m")
        with pytest.raises(BundleRefused):
            shipped_bundle(tmp_path / "m", "b").load_network()


def test_weights_one_level_down(tmp_path: Path) -> None:
    make_bundle(tmp_path / "m" / "b", weights={"state_dict": make_unet().state_dict(), "epoch": 3})
    write_manifest(tmp_path / "m")
    assert shipped_bundle(tmp_path / "m", "b").load_network() is not None


def test_transforms_are_built_without_loaders(tmp_path: Path) -> None:
    steps = [
        {"_target_": "LoadImaged", "keys": "image"},
        {"_target_": "EnsureChannelFirstd", "keys": "image", "channel_dim": "no_channel"},
        {"_target_": "ScaleIntensityRanged", "keys": "image", "a_min": 0, "a_max": "@top", "b_min": 0, "b_max": 1},
    ]
    inference = {"top": 255, "preprocessing": {"_target_": "Compose", "transforms": steps}}
    make_bundle(tmp_path / "m" / "b", inference=inference)
    hostile = {"preprocessing": {"transforms": [{"_target_": "Lambdad", "keys": "image", "func": "$print"}]}}
    make_bundle(tmp_path / "m" / "hostile", inference=hostile)
    write_manifest(tmp_path / "m")
    transforms = shipped_bundle(tmp_path / "m", "b").load_transforms()
    data: Any = {"image": torch.full((4, 4), 127.5)}
    for transform in transforms:
        data = transform(data)
    assert data["image"].shape == (1, 4, 4) and float(data["image"].mean()) == pytest.approx(0.5)
    with pytest.raises(BundleRefused, match="Lambdad"):
        shipped_bundle(tmp_path / "m", "hostile").load_transforms()
    with pytest.raises(BundleRefused, match="has no 'postprocessing'"):
        shipped_bundle(tmp_path / "m", "b").load_transforms("postprocessing")


def test_a_bundle_without_network_or_weights(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "m" / "b")
    (folder / "configs" / "inference.json").write_text("{}")
    write_manifest(tmp_path / "m")
    with pytest.raises(BundleRefused, match="no network_def"):
        shipped_bundle(tmp_path / "m", "b").load_network()
    (folder / "models" / "model.pt").unlink()
    with pytest.raises(BundleRefused, match=r"no models/model\.pt"):
        write_manifest(tmp_path / "m")


def test_packed_weights_are_read_and_told_as_the_bundles_hash(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "m" / "b", packed=True)
    write_manifest(tmp_path / "m")
    bundle = shipped_bundle(tmp_path / "m", "b")
    assert bundle.weights == "models/model.npz"
    assert bundle.sha256 == hashlib.sha256((folder / "models" / "model.npz").read_bytes()).hexdigest()
    exact = make_unet().state_dict()
    for key, value in bundle.load_network().state_dict().items():
        assert value.dtype == exact[key].dtype
        assert torch.allclose(value, exact[key], atol=float(exact[key].abs().max()) / 1000)


@pytest.mark.parametrize(("content", "words"), [(b"text", "cannot be read"), (None, "do not fit its network")])
def test_packed_weights_that_are_something_else(tmp_path: Path, content: bytes | None, words: str) -> None:
    weights = {"model.0.weight": torch.zeros(3)} if content is None else None
    folder = make_bundle(tmp_path / "m" / "b", packed=True, weights=weights)
    if content is not None:
        (folder / "models" / "model.npz").write_bytes(content)
    write_manifest(tmp_path / "m")
    with pytest.raises(BundleRefused, match=words):
        shipped_bundle(tmp_path / "m", "b").load_network()


@pytest.fixture
def own_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module's model folder whose bundle uses a network of the module's own Lib."""
    package = tmp_path / "OwnLib"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "net.py").write_text("import torch\n\n\nclass Net(torch.nn.Linear):\n    pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    network = {"_target_": "OwnLib.net.Net", "in_features": 2, "out_features": 1}
    make_bundle(tmp_path / "OwnModels" / "b", network, weights=torch.nn.Linear(2, 1).state_dict())
    return tmp_path / "OwnModels"


def test_a_module_s_own_network_is_known_through_its_manifest(own_network: Path) -> None:
    write_manifest(own_network)
    record = json.loads((own_network / "manifest.json").read_text())["b"]
    assert record["networks"] == ["OwnLib.net.Net"]
    assert type(shipped_bundle(own_network, "b").load_network()).__name__ == "Net"
    del record["networks"]
    (own_network / "manifest.json").write_text(json.dumps({"b": record}))
    with pytest.raises(BundleRefused, match=r"calls 'OwnLib\.net\.Net'"):
        shipped_bundle(own_network, "b").load_network()


@pytest.mark.parametrize("network", ["OtherLib.net.Net", "OwnLibrary.Net", "os.system", "OwnLib"])
def test_a_manifest_names_no_network_of_others(own_network: Path, network: str) -> None:
    write_manifest(own_network)
    record = json.loads((own_network / "manifest.json").read_text())["b"]
    (own_network / "manifest.json").write_text(json.dumps({"b": {**record, "networks": [network]}}))
    with pytest.raises(BundleRefused, match="not its module's"):
        shipped_bundle(own_network, "b")


def test_the_networks_of_a_bundle_are_those_of_its_definition(models: Path) -> None:
    assert json.loads((models / "gray" / "configs" / "inference.json").read_text())["network_def"] == NETWORK
    first = shipped_bundle(models, "colored").load_network()
    assert next(first.parameters()).shape[1] == 3
