"""Networks from plain dictionaries: what is plain works, what could run code does not run."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
import torch

from DeepMedLib.errors import BundleRefused
from DeepMedLib.models import arguments, bounded, network_config
from DeepMedLib.models.network_config import CodeRefused, allowed_target, build, build_network, findings, targets
from Testing.bundle.bundle_maker import NETWORK, make_unet


def test_a_plain_network_equals_one_made_by_hand() -> None:
    network = build_network(NETWORK, {"channels": 1})
    by_hand = make_unet()
    network.load_state_dict(by_hand.state_dict(), strict=True)
    image = torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        assert torch.equal(network.eval()(image), by_hand.eval()(image))


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("UNet", ("monai.networks.nets", "UNet")),
        ("monai.networks.nets.UNet", ("monai.networks.nets", "UNet")),
        ("monai.networks.nets.unet.UNet", ("monai.networks.nets", "UNet")),
        ("torch.nn.Conv2d", ("torch.nn", "Conv2d")),
        ("Spacingd", ("monai.transforms", "Spacingd")),
        ("monai.transforms.spatial.dictionary.Spacingd", ("monai.transforms", "Spacingd")),
        ("Conv2d", None),
        ("os.system", None),
        ("torch.load", None),
        ("torch.hub.load", None),
        ("torch.nn.Module", None),
        ("torch.nn.modules.conv.Conv2d", None),
        ("monai.networks.nets.UNet.__init__", None),
        ("monai.networks.nets.os.system", None),
        ("monai.bundle.download", None),
        ("evil.monai.networks.nets.UNet", None),
        ("monai.networks.netsx.UNet", None),
        ("TorchVisionFCModel", None),
        ("Lambdad", None),
        ("LoadImaged", None),
        ("subprocess.Popen", None),
        (["UNet"], None),
        (None, None),
    ],
)
def test_which_targets_are_allowed(target: Any, place: tuple[str, str] | None) -> None:
    assert allowed_target(target) == place


@pytest.mark.parametrize(
    "names",
    [network_config.NETWORKS, network_config.LAYERS, network_config.TRANSFORMS],
    ids=["nets", "layers", "steps"],
)
def test_no_name_is_on_two_lists_and_all_exist(names: frozenset[str]) -> None:
    import monai.networks.nets
    import monai.transforms

    homes = [monai.networks.nets, torch.nn, monai.transforms]
    for name in names:
        place = allowed_target(name) or allowed_target(f"torch.nn.{name}")
        assert place is not None
        home = next(home for home in homes if home.__name__ == place[0])
        assert isinstance(getattr(home, name), type)


def payloads(marker: Path) -> list[Any]:
    code = f"__import__('pathlib').Path({str(marker)!r}).touch()"
    return [
        {**NETWORK, "in_channels": f"${code}"},
        {**NETWORK, "channels": ["$@channels + " + code, 8]},
        {**NETWORK, "norm": {"deep": [{"deeper": "$" + code}]}},
        {**NETWORK, "norm": "@hidden"},
        {**NETWORK, "act": {"_target_": "os.system", "command": f"touch {marker}"}},
        {**NETWORK, "_requires_": ["$" + code]},
        {**NETWORK, "_mode_": "callable"},
        {**NETWORK, "_disabled_": "$" + code},
        {**NETWORK, "norm": "%evil.json::code"},
        {**NETWORK, "norm": "@channels; import os"},
        {"_target_": "os.system", "command": f"touch {marker}"},
        {"_target_": "builtins.exec", "source": code},
        {"_target_": "builtins.eval", "_args_": [code]},
        {"_target_": f"${code}"},
        f"${code}",
        "$import os",
        "@hidden",
    ]


@pytest.mark.parametrize("number", range(17))
def test_nothing_of_a_hostile_definition_runs(tmp_path: Path, number: int) -> None:
    marker = tmp_path / "harm"
    code = f"__import__('pathlib').Path({str(marker)!r}).touch()"
    everything = {"channels": 1, "hidden": "$" + code}
    with pytest.raises(CodeRefused) as caught:
        build_network(payloads(marker)[number], everything)
    assert caught.value.remedy and not marker.exists()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({**NETWORK, "in_channels": "@nowhere"}, "not there"),
        ({**NETWORK, "in_channels": "@channels::0"}, "not there"),
        ({**NETWORK, "in_channels": "@loop"}, "refers to itself"),
        ({**NETWORK, "no_such_argument": 1}, "not a plain setting"),
        ({**NETWORK, "channels": [4]}, "cannot be made"),
        ({"plain": 1}, "does not describe a network"),
        (None, "does not describe a network"),
    ],
)
def test_a_definition_that_makes_no_sense(config: Any, words: str) -> None:
    with pytest.raises(BundleRefused, match=words):
        build_network(config, {"channels": 1, "loop": "@loop"})


def test_references() -> None:
    everything = {"a": {"b": [10, {"c": "@n"}]}, "n": 3}
    assert build({"x": "@a::b::1::c", "y": "$@n", "z": "@a#b#0", "w": "a@b.org"}, everything) == {
        "x": 3,
        "y": 3,
        "z": 10,
        "w": "a@b.org",
    }


def test_no_weights_are_fetched_from_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_keywords: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", refuse)
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    config = {"spatial_dims": 2, "in_channels": 3}
    build_network({"_target_": "EfficientNetBN", "model_name": "efficientnet-b0", **config})
    build_network({"_target_": "DenseNet121", "out_channels": 2, "pretrained": True, **config})


def test_findings_name_the_place() -> None:
    config = {
        "imports": ["$import glob"],
        "network_def": {**NETWORK, "act": "@activation"},
        "handlers": [{"_target_": "CheckpointLoader", "path": "$@bundle_root + '/x'"}],
        "macro": "%other.json::x",
        "price": "100 % of $5",
    }
    found = findings(config)
    assert found == [
        "imports::0 holds the expression '$import glob'",
        "handlers::0 calls 'CheckpointLoader'",
        "handlers::0::path holds the expression '$@bundle_root + '/x''",
        "macro takes its value from '%other.json::x'",
    ]
    assert findings({"network_def": NETWORK, "channels": 1}) == []


HOVERNET = {"_target_": "HoVerNet", "mode": "fast", "in_channels": 3, "out_classes": 5}
FETCHING = {
    "a url": {**HOVERNET, "pretrained_url": "http://127.0.0.1:9/w.pt"},
    "a file": {**HOVERNET, "pretrained_url": "file:///etc/passwd"},
    "nothing": {**HOVERNET, "pretrained_url": None},
    "a key": {**HOVERNET, "pretrained_state_dict_key": "model"},
    "a function": {"_target_": "CropForegroundd", "keys": "image", "source_key": "image", "select_fn": "@f"},
    "a device": {"_target_": "torch.nn.Linear", "in_features": 1, "out_features": 1, "device": "cuda"},
    "a padder": {"_target_": "SpatialPadd", "keys": "image", "spatial_size": 4, "padder": "@f"},
    "a hidden one": {**NETWORK, "act": {"_target_": "torch.nn.ReLU", "device": "cpu"}},
}


@pytest.mark.parametrize("config", FETCHING.values(), ids=FETCHING.keys())
def test_an_argument_that_is_no_plain_setting_is_refused(config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_keywords: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    with pytest.raises(CodeRefused, match="not a plain setting"):
        build(config, {"channels": 1, "f": 1})
    assert any("gives" in finding for finding in findings({"network_def": config}))


@pytest.mark.parametrize(
    "table", [arguments.NETWORK_ARGUMENTS, arguments.LAYER_ARGUMENTS, arguments.TRANSFORM_ARGUMENTS]
)
def test_no_list_of_arguments_holds_what_fetches_or_runs(table: Any) -> None:
    for names in table.values():
        assert not any("pretrained" in name or name.endswith(("url", "path", "file", "name_or_path")) for name in names)
        assert not names & {"select_fn", "func", "padder", "cropper", "preprocess", "other", "device", "progress"}


def test_references_that_multiply_one_another_end() -> None:
    laughs: dict[str, Any] = {"l0": ["ha"] * 10}
    laughs |= {f"l{n}": [f"@l{n - 1}"] * 10 for n in range(1, 9)}
    with pytest.raises(BundleRefused, match="more than 10000 values"):
        build("@l8", laughs)
    assert build("@l1", laughs) == [["ha"] * 10] * 10


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"num_res_units": 65_537}, "number that is too large"),
        ({"num_res_units": 10**30}, "number that is too large"),
        ({"out_channels": -65_537}, "number that is too large"),
        ({"num_res_units": 50_000, "channels": [1, 1]}, "20000 tensors"),
        ({"channels": [60_000, 60_000]}, "million values"),
        ({"kernel_size": [60_001, 60_001]}, "million values"),
        ({"channels": [4] * 1025}, "a list of 1025 values"),
        ({"act": "a" * 201}, "a word of 201 letters"),
    ],
)
def test_a_definition_that_would_exhaust_the_computer_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BundleRefused, match=words):
        build_network({**NETWORK, **changes}, {"channels": 1})


def test_what_is_still_within_the_bounds() -> None:
    assert build({"n": 65_536, "word": "a" * 200, "list": [1] * 1024})["n"] == 65_536
    kept = {"_target_": "torch.nn.Linear", "in_features": 1000, "out_features": 1000, "bias": False}
    assert build_network(kept).weight.shape == (1000, 1000)


def test_both_sides_of_the_bounds_of_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    linear = {"_target_": "torch.nn.Linear", "in_features": 10, "out_features": 10}
    for name, least in (("MOST_VALUES", 110), ("MOST_TENSORS", 2)):
        with monkeypatch.context() as patched:
            patched.setattr(bounded, name, least)
            build_network(linear)
            patched.setattr(bounded, name, least - 1)
            with pytest.raises(BundleRefused, match="would have more than"):
                build_network(linear)


def test_a_tensor_is_counted_before_it_is_made() -> None:
    makers: list[Any] = [
        lambda: torch.empty(10**6, 10**6),
        lambda: torch.zeros((10**6, 10**6)),
        lambda: torch.ones(size=(10**6, 10**6)),
        lambda: torch.full((10**6, 10**6), 1.0),
        lambda: torch.randint(0, 2, (10**6, 10**6)),
        lambda: torch.arange(10**12),
        lambda: torch.linspace(0, 1, 10**12),
        lambda: torch.eye(10**6),
        lambda: torch.randperm(10**12),
    ]
    for make in makers:
        with pytest.raises(BundleRefused, match="million values"), bounded.bounded_building():
            make()


def test_a_configuration_nested_without_end_is_refused() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    for look in (findings, targets, build):
        with pytest.raises(BundleRefused):
            look(deep)
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(BundleRefused, match="too deeply"):
        findings(deep)
    while isinstance(deep, list):  # a long chain is taken apart, or freeing it would go as deep
        deep = deep[0]


@pytest.mark.parametrize(
    "definition",
    [
        {"_target_": "SegResNet", "spatial_dims": 3, "init_filters": 16, "in_channels": 1, "out_channels": 14},
        {"_target_": "SwinUNETR", "in_channels": 1, "out_channels": 14, "feature_size": 12, "use_v2": True},
        {
            "_target_": "DynUNet",
            "spatial_dims": 3,
            "in_channels": 1,
            "out_channels": 2,
            "kernel_size": [3, 3, 3],
            "strides": [1, 2, 2],
            "upsample_kernel_size": [2, 2],
            "res_block": True,
        },
        {"_target_": "DenseNet121", "spatial_dims": 2, "in_channels": 1, "out_channels": 2, "pretrained": True},
        {"_target_": "VNet", "spatial_dims": 3, "in_channels": 1, "out_channels": 2},
    ],
    ids=lambda definition: definition["_target_"],
)
def test_networks_of_the_model_zoo_are_made(definition: dict[str, Any]) -> None:
    assert findings({"network_def": definition}) == []
    assert sum(value.numel() for value in build_network(definition).parameters()) > 10_000
