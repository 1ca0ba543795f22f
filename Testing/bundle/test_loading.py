"""Loaded models: verified once a process, and told alike by every task."""

from __future__ import annotations

from pathlib import Path

import pytest

from DeepMedLib.errors import BadInput, BundleRefused
from DeepMedLib.models.bundles import shipped_bundle, write_manifest
from DeepMedLib.models.loading import load_model, record_of
from DeepMedLib.provenance import MADE_WITH, Provenance
from Testing.bundle.bundle_maker import make_bundle


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "TestModels"
    make_bundle(folder / "gray")
    make_bundle(folder / "colored", channels=3)
    write_manifest(folder)
    return folder


def test_a_model_is_loaded_once_a_process(models: Path) -> None:
    first = load_model(models, "gray", "cpu")
    assert load_model(models, "gray", "cpu") is first
    assert load_model(models, "colored", "cpu") is not first
    assert first.device.name == "cpu" and not first.network.training


def test_a_changed_model_is_refused_and_not_kept(models: Path) -> None:
    path = models / "gray" / "models" / "model.pt"
    sound = path.read_bytes()
    path.write_bytes(b"other")
    with pytest.raises(BundleRefused, match="was changed"):
        load_model(models, "gray", "cpu")
    path.write_bytes(sound)
    assert load_model(models, "gray", "cpu").bundle.name == "gray"


def test_an_unknown_device_is_refused(models: Path) -> None:
    with pytest.raises(BadInput, match="no device called 'abacus'"):
        load_model(models, "gray", "abacus")


def test_the_record_names_every_model_that_computed(models: Path) -> None:
    gray, colored = load_model(models, "gray", "cpu"), load_model(models, "colored", "cpu")
    record = record_of(gray, colored)
    assert tuple(record) == MADE_WITH
    hashes = [shipped_bundle(models, name).sha256 for name in ("gray", "colored")]
    assert record["model"] == "gray, colored" and record["version"] == "1.2.0, 1.2.0"
    assert record["sha256"] == ", ".join(hashes)
    assert record["device"] == gray.device.description and record["engine"].startswith("torch 2.")
    assert Provenance.from_values({"finding": 1, **record}).sha256 == record["sha256"]
    assert record_of(gray)["sha256"] == hashes[0]
