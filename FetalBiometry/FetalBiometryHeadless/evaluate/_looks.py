"""Real pictures to look at, with what is known of them: none was used to train, to choose or to tune a model."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from FetalBiometryHeadless.evaluate.hc18 import pixel_sizes, read_truth
from FetalBiometryLib.phantom.files import SampleFile

#: Of the published test split, and of its half that set no threshold either.
HC18 = ("604_HC", "040_HC", "777_HC", "418_HC", "139_HC", "708_2HC")
#: A clinician's calipers are burned in, nothing was trained on them; four-chamber views that were kept for testing.
SCREENS = ("femur_01", "femur_03", "abdomen_07", "head_03")
FOUR_CHAMBER = ("testing_001", "testing_005")


def hc18_heads(fetal: Path) -> Iterator[SampleFile]:
    """Heads of HC18, as far as they are below the folder of fetal data sets."""
    folder = fetal / "hc18"
    sizes = pixel_sizes(folder)
    candidates = [folder / "images" / f"{stem}{suffix}" for stem in HC18 for suffix in (".jpg", ".png")]
    found = [path for path in candidates if path.is_file() and path.stem in sizes]
    truth = read_truth(folder, found, sizes)
    for path in found:
        size, known = sizes[path.stem], truth[path].lengths if path in truth else {}
        words = f"HC18, published pixel size {size:.3f} mm"
        yield SampleFile(path, f"HC18 {path.stem}", words, known, {"plane": "head", "spacing": size})


def other_planes(fetal: Path) -> Iterator[SampleFile]:
    """Screens with a clinician's calipers, and four-chamber views of FOCUS; the same."""
    table = fetal / "caliper_screens" / "truth.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines()) if table.is_file() else ()
    for row in rows:
        path = table.parent / "images" / Path(row["image"]).name
        if path.stem in SCREENS and path.is_file():
            known = {name: row[f"{name.lower()}_mm"] for name in ("FL", "BPD", "HC", "AC")}
            truth = {name: float(mm) for name, mm in known.items() if mm}
            words = f"Screen with a clinician's calipers, {row['gestation_stated']} stated"
            values = {"plane": row["plane"], "spacing": float(row["mm_per_px"])}
            yield SampleFile(path, f"Screen {path.stem}", words, truth, values)
    for stem in FOUR_CHAMBER:
        path = fetal / "focus_four_chamber" / "images" / f"{stem}.jpg"
        words = "FOCUS four-chamber view, stretched to a square, no pixel size: areas in pixels, axis distorted"
        if path.is_file():
            yield SampleFile(path, f"FOCUS {stem}", words, {}, {"plane": "thorax"})
