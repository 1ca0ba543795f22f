"""What is said about a scan that Slicer's own DICOM reader put into the scene: it went past our reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.unit.series.series_maker import N, places, stack, write_series


class Database:
    """Slicer's, as far as it is asked here."""

    def __init__(self, folder: Path) -> None:
        import pydicom

        self.files = {str(pydicom.dcmread(path).SOPInstanceUID): str(path) for path in sorted(folder.iterdir())}

    def fileForInstance(self, uid: str) -> str:
        return self.files.get(uid, "")


def remarksOfLoaded(folder: Path, monkeypatch: pytest.MonkeyPatch, known: bool = True) -> list[tuple[str, str]]:
    import slicer

    from DeepMedLib.geometry import Grid
    from DeepMedLib.mrml.inputs.scanNodes import remarksOf
    from DeepMedLib.mrml.inputs.volumes import volumeFromArray

    database = Database(folder)
    monkeypatch.setattr(slicer, "dicomDatabase", database, raising=False)
    node = volumeFromArray(
        stack(), Grid.from_parts([4, 4, 5], [100, 100, 50], np.diag([-1, -1, 1]), stack().shape), "ct"
    )
    assert remarksOf(node) == ()  # no DICOM
    node.SetAttribute("DICOM.instanceUIDs", " ".join(database.files))
    if not known:
        database.files.clear()
    return [(remark.text, remark.gravity.name) for remark in remarksOf(node)]


def test_a_whole_series_needs_no_word(slicerScene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert remarksOfLoaded(write_series(tmp_path / "ct", stack()), monkeypatch) == []


@pytest.mark.parametrize(
    ("more", "told", "gravity"),
    [
        ({"positions": places([5.0] * 4 + [10.0] + [5.0] * (N - 6))}, "1 slice is missing at 1 place", "GRAVE"),
        ({"Modality": "PT"}, "The series is PT, not CT.", "GRAVE"),
        ({"each": lambda k: {"AcquisitionNumber": 1 + k % 2}}, "There are 2 CT scans here", "WARNING"),
    ],
)
def test_what_our_reader_would_say_is_said(
    more: dict[str, Any], told: str, gravity: str, slicerScene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = remarksOfLoaded(write_series(tmp_path / "ct", stack(), **more), monkeypatch)
    (text,) = [text for text, grave in found if told in text and grave == gravity]
    assert text.startswith("Slicer loaded this scan; DeepMed's own reader says of its files:")


def test_files_that_are_not_at_hand_are_said(slicerScene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ((text, gravity),) = remarksOfLoaded(write_series(tmp_path / "ct", stack()), monkeypatch, known=False)
    assert gravity == "WARNING" and "was not checked" in text
