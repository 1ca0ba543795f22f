"""Networks from plain dictionaries: what is plain works, what could run code does not run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from DeepMedLib.errors import BundleRefused
from DeepMedLib.models import network_config
from DeepMedLib.models.network_config import CodeRefused, allowed_target, build, build_network, findings
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
        ({**NETWORK, "no_such_argument": 1}, "cannot be made"),
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
