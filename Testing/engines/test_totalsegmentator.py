"""TotalSegmentator as an engine: asked for only then, and nothing is fetched."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from DeepMedLib.engines.opening import open_engine
from DeepMedLib.errors import BundleRefused, DependencyMissing


@pytest.mark.skipif(importlib.util.find_spec("totalsegmentator") is not None, reason="TotalSegmentator is installed")
def test_the_package_is_asked_for() -> None:
    with pytest.raises(DependencyMissing, match="pip install TotalSegmentator"):
        open_engine("totalsegmentator")


@pytest.mark.parametrize(("word", "folders"), [("totalsegmentator", 5), ("TotalSegmentator fast", 1)])
def test_weights_have_to_be_on_the_disk(
    word: str, folders: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, config = ModuleType("totalsegmentator"), ModuleType("totalsegmentator.config")
    package.__spec__ = importlib.util.spec_from_loader("totalsegmentator", None)
    package.__path__ = []
    config.get_weights_dir = lambda: tmp_path
    monkeypatch.setitem(sys.modules, "totalsegmentator", package)
    monkeypatch.setitem(sys.modules, "totalsegmentator.config", config)
    with pytest.raises(BundleRefused, match="totalseg_download_weights"):
        open_engine(word, "cpu")
    for number in (297,) if folders == 1 else range(291, 296):
        (tmp_path / f"Dataset{number}_TotalSegmentator").mkdir()
    engine = open_engine(word, "cpu")
    assert engine.name.endswith("3 mm" if folders == 1 else "1.5 mm") and engine.names[7] == "pancreas"
