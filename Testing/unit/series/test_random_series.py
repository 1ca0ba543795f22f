"""Series drawn at random (direction, order, names, gaps, copies, phases, padding, scales, folders): read voxel by voxel
as written and where it was written, or refused with the cause.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import FileDataset
from pydicom.uid import ImplicitVRLittleEndian, RLELossless, generate_uid

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import RAS_TO_LPS, Grid
from DeepMedLib.remark import Gravity
from DeepMedLib.series import PADDING_HU, list_scans, read_scan
from Testing.unit.series.series_maker import said, write_series

AXES = {
    "axial": [1, 0, 0, 0, 1, 0],
    "prone": [-1, 0, 0, 0, -1, 0],
    "coronal": [1, 0, 0, 0, 0, -1],
    "sagittal": [0, 1, 0, 0, 0, -1],
    "oblique": [0.8, 0.6, 0, -0.48, 0.64, 0.6],
}
PHASES = ("", "AcquisitionNumber", "TriggerTime", "ContentTime", "TemporalPositionIdentifier", "InstanceNumber")
LACKING = ("", "", "", "PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient")
SCALES = ((1.0, -1024.0), (1.0, -8192.0), (0.5, -1024.0), (2.0, -1000.0), (1.25, -1000.0))


@dataclass(frozen=True)
class Drawn:
    """A series to be written."""

    seed: int
    slices: int
    rows: int
    columns: int
    spacing: tuple[float, float, float]
    axes: str
    jitter: bool
    names: str
    depth: int
    missing: frozenset[int]
    copies: int
    phase: str
    padding: bool
    scales: tuple[tuple[float, float], ...]
    packing: str
    lacking: str


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    count = draw(st.integers(8, 14))
    start = draw(st.integers(2, count - 4))
    return Drawn(
        seed=draw(st.integers(0, 2**31)),
        slices=count,
        rows=draw(st.integers(3, 12)),
        columns=draw(st.integers(3, 12)),
        spacing=(
            draw(st.sampled_from([0.7, 1.0, 3.0])),
            draw(st.sampled_from([0.7, 1.5])),
            draw(st.sampled_from([0.625, 1.0, 5.0, 7.5])),
        ),
        axes=draw(st.sampled_from(sorted(AXES))),
        jitter=draw(st.booleans()),
        names=draw(st.sampled_from(["number", "uid", "words"])),
        depth=draw(st.integers(0, 3)),
        missing=frozenset(range(start, start + draw(st.integers(0, 2)))),
        copies=draw(st.sampled_from([0, 0, 1, 5])),
        phase=draw(st.sampled_from(PHASES)),
        padding=draw(st.booleans()),
        scales=tuple(draw(st.lists(st.sampled_from(SCALES), min_size=1, max_size=3))),
        packing=draw(st.sampled_from(["plain", "implicit", "rle"])),
        lacking=draw(st.sampled_from(LACKING)),
    )


def values_of(series: Drawn, phase: int) -> np.ndarray:
    """(k, j, i) HU that every drawn scale stores exactly (multiples of 10 above -1000)."""
    rng = np.random.default_rng([series.seed, phase])
    return rng.integers(-100, 300, (series.slices, series.rows, series.columns)) * 10


def grid_of(series: Drawn, kept: list[int]) -> Grid:
    cosines = np.array(AXES[series.axes], float)
    directions = np.column_stack([cosines[:3], cosines[3:], np.cross(cosines[:3], cosines[3:])])
    matrix = np.eye(4)
    matrix[:3, :3] = directions * series.spacing
    matrix[:3, 3] = np.array([-50.0, 20, 300]) + directions[:, 2] * series.spacing[2] * kept[0]
    return Grid(RAS_TO_LPS @ matrix, (len(kept), series.rows, series.columns))


def write(series: Drawn, folder: Path) -> Path:
    """Write the series; the folder to read, which may hold it deeper."""
    rng = np.random.default_rng(series.seed)
    inner = folder.joinpath("export", *(f"F {n}" for n in range(series.depth)))
    full = grid_of(series, list(range(series.slices))).ijk_to_lps
    kept = [k for k in range(series.slices) if k not in series.missing]
    uid, study = generate_uid(), generate_uid()
    for phase in range(2 if series.phase else 1):
        order = [*kept, *kept[: series.copies]]
        values = values_of(series, phase)[order]
        places = np.array([(full @ [0, 0, k, 1])[:3] for k in order])
        shuffled = rng.permutation(len(order))

        def each(number: int, order: list[int] = order, shuffled: np.ndarray = shuffled, phase: int = phase) -> dict:
            k = order[shuffled[number]]
            slope, intercept = series.scales[k % len(series.scales)]
            cosines = np.array(AXES[series.axes], float) + (1e-6 if series.jitter and k % 2 else 0.0)
            header = {
                "InstanceNumber": 1 + k + 100 * phase,
                "RescaleSlope": slope,
                "RescaleIntercept": intercept,
                "ImageOrientationPatient": [f"{value:.9f}" for value in cosines],
            }
            if series.phase and series.phase != "InstanceNumber":
                header |= {"InstanceNumber": 1 + k, series.phase: str(101000 + 300 * phase)}
            if series.lacking:
                header |= {series.lacking: None}
            return header

        def change(file: FileDataset) -> None:
            if series.padding:
                pixels = np.frombuffer(file.PixelData, np.uint16).copy()
                pixels[0] = 63536
                file.PixelData, file.PixelPaddingValue = pixels.tobytes(), 63536
            if series.packing == "implicit":
                file.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
            elif series.packing == "rle":
                file.compress(RLELossless, generate_instance_uid=False)

        prefix = {"number": f"{phase}", "uid": f"1.2.840.{phase}.", "words": f"Bild {phase} \u00fc "}[series.names]
        write_series(
            inner,
            values[shuffled],
            spacing=series.spacing,
            positions=places[shuffled],
            uid=uid,
            prefix=prefix,
            suffix=".dcm" if series.names == "words" else "",
            each=each,
            change=change,
            StudyInstanceUID=study,
        )
    return folder / "export"


def truth(series: Drawn, phase: int, kept: list[int]) -> np.ndarray:
    values = values_of(series, phase)[kept].astype(float)
    if series.padding:
        for place, k in enumerate(kept):
            slope, intercept = series.scales[k % len(series.scales)]
            value = 63536 * slope + intercept
            values[place, 0, 0] = PADDING_HU if value > 3071 else value
    return values


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(drawn())
def test_a_random_series_is_read_voxel_by_voxel_or_refused(series: Drawn) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write(series, Path(name))
        file = sorted(path for path in folder.rglob("*") if path.is_file())[0]
        if series.lacking:
            for path in (folder, file):
                try:
                    read_scan(path)
                except BadInput as error:
                    assert series.lacking in error.message
                else:
                    raise AssertionError(f"read without {series.lacking}")
            return
        kept = [k for k in range(series.slices) if k not in series.missing]
        choices = list_scans(folder)
        assert len(choices) == (2 if series.phase else 1)
        for phase in range(len(choices)):
            scan = read_scan(folder, phase + 1)
            np.testing.assert_array_equal(scan.array, truth(series, phase, kept))
            assert scan.grid.same_as(grid_of(series, kept), 0.01)
        scan = read_scan(file)
        np.testing.assert_array_equal(scan.array, truth(series, 0, kept))
        scan = read_scan(folder)
        count = len(series.missing)
        assert (f"{count} slice{'s are' if count > 1 else ' is'} missing at 1 place" in said(scan)) == bool(count)
        assert ("are copies" in said(scan) or "is a copy" in said(scan)) == bool(series.copies)
        assert ("There are 2 CT scans here" in said(scan)) == bool(series.phase)
        assert (max((remark.gravity for remark in scan.remarks), default=None) == Gravity.GRAVE) == bool(count)
