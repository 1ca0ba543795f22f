"""Files of others: whatever they hold, they are read as CT or refused with a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.series import read_scan

PYDICOM_FILES = sorted(path for path in (Path(pydicom.__file__).parent / "data").rglob("*") if path.is_file())


def test_pydicoms_own_files_are_read_or_refused() -> None:
    assert len(PYDICOM_FILES) > 100
    read = 0
    for path in PYDICOM_FILES:
        try:
            scan = read_scan(path)
        except BadInput as error:
            assert error.message and error.remedy
        else:
            read += 1
            assert scan.array.shape == scan.grid.shape_kji and scan.source.modality == "CT"
    assert read > 10


REFUSED = {
    "10": "localizer",
    "18": None,  # read; `check_ct` refuses its values
    "19": "ImagePositionPatient",
    "21": "PixelSpacing",
    "34": "MONOCHROME1",
    "38": "one place",
    "46": "ImageOrientationPatient",
    "48": "8 bit",
}
REMARKS = {
    "02": "4 slices are missing at 2 places",
    "03": "missing at 13 places",
    "04": "tilted by 15.0 degrees",
    "05": "56 slices are copies",
    "06": "There are 2 CT scans",
    "07": "There are 2 CT scans",
    "08": "56 PT slices",
    "09": "2 localizers",
    "11": "64 x 64 pixels",
    "15": "a series of its own",
    "26": "im030.dcm is cut short",
    "33": "distances of the slices vary",
    "37": "There are 2 CT scans",
    "39": "coronal slices",
    "41": "pixel size changes",
    "42": "shifted against one another",
    "47": "ImagePositionPatient",
}
WHOLE = "00 01 05 06 07 09 11 14 15 16 20 22 23 24 25 27 30 31 32 35 36 40 43 43src 44".split()

NIBABEL = """
from DeepMedLib.series import read_scan
class load:
    def __init__(self, path):
        scan = read_scan(path)
        self.dataobj, self.affine = scan.array.transpose(2, 1, 0), scan.grid.ijk_to_ras
"""
"""What the script needs of nibabel, which is not installed for the tests."""


@pytest.mark.data
@pytest.mark.slow
def test_the_shared_faulty_series_are_answered_as_their_list_says(sharedData: Path, tmp_path: Path) -> None:
    (tmp_path / "nibabel.py").write_text(NIBABEL)
    script = sharedData / "faults" / "make_ct_series.py"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    folders = tmp_path / "folders"
    subprocess.run([sys.executable, str(script), str(folders)], check=True, capture_output=True, env=environment)
    truth = read_scan(folders / "00_ok")
    for folder in sorted(folders.iterdir()):
        number = folder.name.split("_")[0].split(" ")[0]
        if REFUSED.get(number):
            with pytest.raises(BadInput, match=REFUSED[number]):
                read_scan(folder)
            continue
        scan = read_scan(folder)
        if number in WHOLE:
            np.testing.assert_array_equal(scan.array, truth.array, err_msg=folder.name)
            assert scan.grid.same_as(truth.grid, 0.5), folder.name
        words = REMARKS.get(number)
        texts = [remark.text for remark in scan.remarks]
        if words:
            assert any(words in text for text in texts), (folder.name, texts)
        elif number != "18":
            assert texts == [], folder.name
