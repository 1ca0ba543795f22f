"""Structured reports hold to the standard: pydicom's own checks, and dciodvfy where dicom3tools is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from FetalBiometryLib import codes
from FetalBiometryLib.picture.ultrasound import read_picture
from FetalBiometryLib.structured_report.examination_sr import write_examination_sr
from FetalBiometryLib.structured_report.picture_sr import result_entries
from FetalBiometryLib.structured_report.writer import write_sr
from Testing.unit.fetal.fetal_results import examined


@pytest.fixture
def reports(make_dicom: Callable[..., Path], still: np.ndarray, tmp_path: Path) -> list[Path]:
    """The report of an examination, of twins, and of each of the pictures alone."""
    result = examined()
    files = {r.picture: make_dicom(still, r.picture) for r in result.results}
    entries = {r.picture: result_entries(r, read_picture(files[r.picture])) for r in result.results}
    every = [entry for found in entries.values() for entry in found]
    sources = list(files.values())
    made = [write_examination_sr(tmp_path / "one.dcm", sources, {"": (result, every)})]
    twins = {name: (result, [replace(e, fetus=name) for e in every]) for name in ("A", "B")}
    made.append(write_examination_sr(tmp_path / "twins.dcm", sources, twins))
    for picture, found in entries.items():
        made.append(write_sr(tmp_path / f"sr_{picture}", [files[picture]], found, ["A comment."]))
    return made


def _items(dataset: Any) -> Iterator[Any]:
    for child in dataset.get("ContentSequence") or ():
        yield child
        yield from _items(child)


def test_every_code_fits_its_value_representation() -> None:
    known = [value for value in vars(codes).values() if isinstance(value, codes.Code)]
    known += [*codes.MEASURES.values(), *codes.UNITS.values(), codes.code_of("A measure with a very long name")]
    assert len(known) > 60
    for code in known:
        assert 0 < len(code.value) <= 16 and 0 < len(code.scheme) <= 16 and 0 < len(code.meaning) <= 64, code


def test_one_unit_for_one_concept(reports: list[Path]) -> None:
    units: dict[str, set[str]] = {}
    for path in reports:
        for item in _items(pydicom.dcmread(path)):
            if item.ValueType == "NUM" and item.ConceptNameCodeSequence[0].CodeMeaning != "Standard Deviation":
                unit = item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue
                units.setdefault(item.ConceptNameCodeSequence[0].CodeMeaning, set()).add(unit)
    assert units["Gestational Age"] == {"d"} and units["Composite Ultrasound Age"] == {"d"}
    assert all(len(found) == 1 for found in units.values()), units


def test_pydicom_accepts_every_value(reports: list[Path]) -> None:
    before = pydicom.config.settings.reading_validation_mode
    pydicom.config.settings.reading_validation_mode = pydicom.config.RAISE
    try:
        for path in reports:
            for element in pydicom.dcmread(path).iterall():
                assert element.value is not None
    finally:
        pydicom.config.settings.reading_validation_mode = before


def test_dciodvfy_finds_no_error(reports: list[Path]) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is not here (Debian: apt-get install dicom3tools): reports are not checked with it")
    for path in reports:
        done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        told = (done.stdout + done.stderr).splitlines()
        assert "ComprehensiveSR" in told
        # A private scheme is told as unknown, which it is; nothing else may be odd.
        odd = [line for line in told if line != "ComprehensiveSR" and "99DEEPMED" not in line]
        assert odd == [] and done.returncode == 0
