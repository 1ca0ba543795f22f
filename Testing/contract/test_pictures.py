"""Icons and screenshots are what the modules declare: drawn by their icon.py, taken by their screenshots.py."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
from PIL import Image

from deepmed_headless.cli.paths import module_names
from deepmed_headless.cli.run.modules import module_parts
from deepmed_headless.pictures.drawing import DEEP, SEA, canvas, save_icon
from Testing.contract.shipped_files import ROOT


@pytest.mark.parametrize("module", module_names())
def test_a_modules_icon_is_the_drawn_one(module: str, tmp_path) -> None:
    assert module in module_parts("icon"), f"{module}Headless/icon.py with draw(picture) is missing"
    picture = canvas(SEA, DEEP)
    module_parts("icon")[module].draw(picture)
    save_icon(picture, tmp_path / "icon.png")
    shipped = Image.open(ROOT / module / "Resources" / "Icons" / f"{module}.png")
    drawn = Image.open(tmp_path / "icon.png")
    assert drawn.mode == shipped.mode and drawn.size == shipped.size == (128, 128)
    # Pillow's filters may round otherwise in another version.
    assert np.abs(np.asarray(drawn, int) - np.asarray(shipped, int)).max() <= 2


@pytest.mark.parametrize("module", module_names())
def test_a_modules_pictures_are_the_taken_ones(module: str) -> None:
    shown = {path.stem for path in (ROOT / "Screenshots").glob(f"{module}*.*")}
    part = module_parts("screenshots").get(module)
    text = "" if part is None else inspect.getsource(part)
    taken = set(re.findall(rf'folder / f?"({module}\w*)', text))
    assert all(any(name.startswith(stem) for stem in taken) for name in shown)
    assert all(any(name.startswith(stem) for name in shown) for stem in taken)
