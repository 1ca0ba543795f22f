"""Where along the body organs lie: upper and lower end of each on the scale 0..100, over the labelled scans."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from DeepMedLib.ct.regions.verdicts import OrganRange
from DeepMedLib.geometry import from_sitk
from Training.slice_position.data import scan_name
from Training.slice_position.levels import positions_of_scan

BTCV = {1: "spleen", 2: "right kidney", 3: "left kidney", 4: "gallbladder", 5: "liver", 6: "stomach", 8: "pancreas"}
_OUTLIERS = {("0009", "spleen")}  # a spleen of three litres


def organ_ranges(data: Path) -> list[OrganRange]:
    """Ranges of the organs labelled in the BTCV scans; ends that the scan cuts off are left out."""
    ends: dict[str, list[tuple[float, float]]] = {name: [] for name in BTCV.values()}
    for path in sorted((data / "abdomen" / "btcv_ct").glob("*/labels.nii.gz")):
        array, grid = from_sitk(sitk.ReadImage(str(path)))
        change = grid.canonical()
        from_head = change.forward(array)[::-1]
        case = scan_name(path.with_name("ct.nii.gz"))
        position = positions_of_scan(case, np.arange(len(from_head)) * float(change.target.spacing[2]))
        for label, name in BTCV.items():
            present = np.flatnonzero((from_head == label).any(axis=(1, 2)))
            if len(present) < 2 or (case, name) in _OUTLIERS or present[0] == 0 or present[-1] == len(from_head) - 1:
                continue
            ends[name].append((position[present[0]], position[present[-1]]))
    ranges = []
    for name, found in ends.items():
        (top, bottom), (top_sd, bottom_sd) = np.mean(found, 0), np.std(found, 0, ddof=1)
        upper, lower = (
            (round(float(top), 2), round(float(top_sd), 2)),
            (round(float(bottom), 2), round(float(bottom_sd), 2)),
        )
        ranges.append(OrganRange(name, *upper, *lower, len(found)))
    return ranges
