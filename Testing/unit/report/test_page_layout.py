"""Reports and the demonstration's page in a real browser: no word broken inside, no table leaves the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepmed_headless.cli.demo.declaration import Section, Shown
from deepmed_headless.cli.demo.numbers import Number
from deepmed_headless.cli.demo.page import write_page
from DeepMedLib.measurement import Code, Measurement
from DeepMedLib.report import model
from DeepMedLib.report.html import render_html
from Testing.browser_layout import layout_faults

LONG_FILE = "patient_0042-examination_of_2026-11-30_third_trimester_abdomen.dcm"


def report() -> model.Report:
    pixels = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    measures = tuple(
        Measurement(name, value, unit, sd, label=label, source="planes 1.0")
        for name, value, unit, sd, label in (
            ("HC", 204.03, "mm", 2.1, "Head circumference"),
            ("ThoraxCircumference", 184.2, "mm", 12.5, "Thoracic circumference"),
            ("HeartArea", 1204.0, "mm2", 112.0, "Heart area"),
            ("CI", 0.7676, "", 0.016, "Cephalic index"),
            ("CardiacAxis", 43.2, "deg", 5.1, "Cardiac axis (side not known)"),
        )
    )
    code = Code("18185-9", "LN", "Gestational age")
    age = Measurement("GA", 30.0, "weeks", 1.6, code, label="Gestational age", predicts=True)
    header = ("Measure", "Value", "95 % interval", "Norm", "Deviation", "Norm set")
    rows = tuple(
        (name, "118.2 ± 3.5°", "111.4 to 124.9", "110.0 ± 5.0 ?", "+1.6 SD", "Steiner and Ricketts 1960")
        for name in ("Upper incisor to palatal plane *", "Palatal to mandibular plane (MMPA)", "SN-GoGn")
    )
    chart = model.Chart("HC", "weeks", "mm", (model.Series((14, 40), (98, 330), "50th"),))
    return model.Report(
        title="Fetal head biometry of a picture with a long title",
        date="1 August 2026",
        subject=(("File", LONG_FILE), ("Pixel size", "0.134 mm"), ("Plane", "thorax"), ("Norms", "INTERGROWTH-21st")),
        key=measures[:2],
        pictures=(model.Picture(pixels, "Outlines and lines as they were measured."),),
        warnings=("The pixel size is doubtful: BPD of 2.9 mm is unusual, 9 to 125 mm is usual.",),
        sections=(
            model.Section("Measurements", measures),
            model.Section("Analysis", header=header, rows=rows),
            model.Section("Age", (age,)),
            model.Section("Files", header=("File", "Found"), rows=((LONG_FILE, "not recognised"),)),
        ),
        charts=(chart,),
        provenance={"model": "planes", "version": "1.0", "sha256": "0f" * 32, "device": "cpu", "engine": "torch 2.13"},
    )


def demo_section() -> Section:
    names = ("BPD", "OFD", "HC", "BPD_centile", "ThoraxCircumference", "HeartArea")
    numbers = [Number(n, "mm2" if n == "HeartArea" else "mm", 101.2, 1.3, 100.9) for n in names]
    numbers.append(Number("Gestational age", "weeks", 22.4))
    shown = Shown(
        "Fetal thorax with a heart that lies to the left",
        "phantom_of_the_third_trimester.png, head circumference 300 mm",
        "done",
        numbers,
        "a.png",
        files=[("Input", "inputs/a.png"), ("Thoracic circumference as curve", "fetal/ThoraxCircumference.mrk.json")],
        sentences=["The plane was recognised with a certainty of 98 %."],
        seconds=3.2,
    )
    failed = Shown("A picture that fails", "empty.png", "failed", failure="The file is empty.")
    unclear = Shown("An unclear picture", "unclear.png", "abstained")
    return Section("Fetal biometry", "phantom", "Generated heads.", names, [shown, failed, unclear])


def test_a_report_in_windows_of_three_widths() -> None:
    assert layout_faults(render_html(report())) == []


def test_the_demonstration_in_windows_of_three_widths(tmp_path: Path) -> None:
    text = write_page(tmp_path, [demo_section()]).read_text(encoding="utf-8")
    assert layout_faults(text) == []


def test_the_demonstration_in_words(tmp_path: Path) -> None:
    """Without a browser: names and units as people write them, and no figure that stands on nothing."""
    text = write_page(tmp_path, [demo_section()]).read_text(encoding="utf-8")
    assert "BPD centile" in text and "BPD_centile" not in text
    assert "mm²" in text and "mm2" not in text
    assert "0 of 0" not in text and "1 of 1" in text
    only_failed = Section("Nothing", "real", "", ("HC",), [Shown("x", "y", "failed", failure="z")])
    assert "of 0" not in write_page(tmp_path, [only_failed]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<table style='width:2000px'><tr><td>a</td></tr></table>", "leaves the window"),
        ("<div style='width:60px;overflow:auto'><table><tr><td>Circumferences</td></tr></table></div>", "is cut or"),
        ("<p style='width:40px;overflow-wrap:anywhere'>Circumferences</p>", "word broken inside"),
    ],
)
def test_faults_are_seen(body: str, fault: str) -> None:
    found = layout_faults(f"<!doctype html><html><body>{body}</body></html>", (800,))
    assert any(fault in what for _width, what, _text in found)
