"""`deepmed demo`: the page, its links, and that phantoms and real pictures are kept apart."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from FetalBiometryHeadless import demo as demo_fetal
from FetalBiometryHeadless.evaluate._looks import HC18 as HC18_LOOKS
from FetalBiometryLib.phantom.files import HEADS
from FetalBiometryLib.phantom.head import head_phantom
from Testing.module.cli_helpers import AnsweringNetwork, deepmed, install_network


@pytest.fixture(autouse=True)
def only_fetal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other modules' parts have tests of their own."""
    heads = replace(demo_fetal.DEMO, sections=demo_fetal.DEMO.sections[:2])
    monkeypatch.setattr("deepmed_headless.cli.run.modules.demos", lambda: [heads])


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> AnsweringNetwork:
    answering = install_network(monkeypatch)
    for seed, hc_mm, *_ in HEADS:
        answering.add(head_phantom(seed, hc_mm=hc_mm))
    return answering


class Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [value for name, value in attributes if name in ("href", "src") and value]


def check_links(out: Path) -> str:
    """Every link of the page leads to a file inside the folder, or to a place on the page."""
    text = (out / "index.html").read_text(encoding="utf-8")
    links = Links(text)
    assert "script" not in links.tags
    for link in links.found:
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in text, link
        else:
            assert ":" not in link and not link.startswith("/"), link
            assert (out / unquote(link)).is_file(), link
    return text


def test_short_demo_shows_the_phantoms(network: AnsweringNetwork, tmp_path: Path) -> None:
    done = deepmed("demo", "--out", tmp_path / "demo", "--short")
    assert done.exit_code == 0, done.stderr
    text = check_links(tmp_path / "demo")
    assert text.count("<article") == 2 and "views.png" in text
    assert "Desktop 3D Slicer was not run" in text and "stand-ins" in text
    assert "report.dcm" in text  # the DICOM phantom
    assert "hc18" not in text.lower()
    assert re.search(r"<td>182\.0 ± 1\.8</td><td>182\.0</td>", text)
    assert all(seed < 1000 for seed, *_ in HEADS)


@pytest.mark.slow
def test_full_demo_reads_the_ruler(network: AnsweringNetwork, tmp_path: Path) -> None:
    done = deepmed("demo", "--out", tmp_path / "demo")
    assert done.exit_code == 0, done.stderr
    text = check_links(tmp_path / "demo")
    assert text.count("<article") == len(HEADS)
    assert "confirmed by the user" in (tmp_path / "demo" / "fetal" / "phantom_5" / "result.json").read_text()


def test_a_picture_that_fails_is_shown_and_counts(network: AnsweringNetwork, tmp_path: Path) -> None:
    network.error = ZeroDivisionError("odd")
    done = deepmed("demo", "--out", tmp_path / "demo", "--short")
    assert done.exit_code == 4
    text = check_links(tmp_path / "demo")
    assert "ZeroDivisionError" in text and "Phantom 7" in done.stderr


@pytest.mark.parametrize("data", ["absent", "empty"])
def test_data_without_pictures_is_bad_input(data: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = deepmed("demo", "--out", tmp_path / "demo", "--data", tmp_path / data, "--short")
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "demo" / "index.html").exists()


@pytest.mark.data
def test_real_pictures_are_of_the_untouched_part(network: AnsweringNetwork, sharedData: Path, tmp_path: Path) -> None:
    from Training.fetal_head.splits import hc18_split

    splits = hc18_split(sharedData / "fetal" / "hc18")
    assert {splits[stem] for stem in HC18_LOOKS} == {"test"}
    done = deepmed("demo", "--out", tmp_path / "demo", "--data", sharedData, "--short")
    # The answering network does not know these pictures, so that the section of real ones stays without a number.
    assert done.exit_code == 4 and "real HC18" in done.stderr
    text = check_links(tmp_path / "demo")
    assert text.count("<table") == 5  # one in front, two summaries, two phantoms
    assert text.count('abstained">abstained</td>') == 2
