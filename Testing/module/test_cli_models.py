"""`deepmed models`: lists and verifies what is shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepmed_headless.cli import models
from DeepMedLib.models.bundles import write_manifest
from Testing.bundle.bundle_maker import make_bundle
from Testing.module.cli_helpers import deepmed


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_bundle(tmp_path / "Models" / "finder")
    write_manifest(tmp_path / "Models")
    monkeypatch.setattr(models, "module_names", lambda: ["Mod", "Empty"])
    monkeypatch.setattr(models, "models_folder", lambda name: tmp_path / ("Models" if name == "Mod" else "absent"))
    return tmp_path / "Models"


def test_lists_version_and_hash(shipped: Path) -> None:
    done = deepmed("models", "--json")
    assert done.exit_code == 0, done.stderr
    (record,) = (json.loads(line) for line in done.stdout.splitlines())
    found = [record[name] for name in ("module", "model", "version", "status")]
    assert found == ["Mod", "finder", "1.2.0", "verified"]
    assert len(record["sha256"]) == 64 and record["bytes"] > 0
    shown = deepmed("models")
    assert "finder" in shown.stdout and "verified" in shown.stdout


def test_a_changed_file_is_code_2(shipped: Path) -> None:
    (shipped / "finder" / "docs" / "README.md").write_text("other")
    done = deepmed("models")
    assert done.exit_code == 2
    assert "finder" in done.stderr and "changed" in done.stderr


def test_a_damaged_manifest_is_code_2(shipped: Path) -> None:
    (shipped / "manifest.json").write_text("{")
    assert deepmed("models").exit_code == 2


def test_no_model_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "module_names", list)
    done = deepmed("models")
    assert done.exit_code == 2 and "No model" in done.stderr
