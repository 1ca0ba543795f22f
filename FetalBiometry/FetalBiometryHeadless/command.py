"""`deepmed fetal`: fetal ultrasound stills, and folders of them as examinations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.inputs import Case, file_case
from deepmed_headless.cli.run.declaration import ModuleCommand, Values
from deepmed_headless.cli.run.epilog import epilog
from FetalBiometryLib.options import ASKED, OPTIONS

HELP = """Measure **fetal head, abdomen, femur, heart and thorax** in ultrasound stills, and whole **examinations**.

Takes PNG, JPEG, TIFF, DICOM (also multi-frame) and NRRD. The pixel size comes from the DICOM ultrasound region
under the measurement, else from PixelSpacing, else from you; it is never guessed.
"""
STUDY = """measures an examination: all pictures of the folder, and in DIR/examination/ means, one age, one weight,
growth charts, report and DICOM SR. Two pictures or more make one, of a loop without `--frame` some spaced frames; those
not vouched for do not count, and leave the exit code to the examination"""
RULER = """gives pixels and ratios where there is no scale; when a depth ruler is seen, result.json proposes its meaning
under `ruler_proposal`. Confirm it with `--accept-ruler 5` (5 mm a mark)"""
EXAMPLES = {
    "head.dcm": "recognizes the plane and measures it with the file's own pixel size",
    "femur.png --plane femur --spacing 0.21 --ga-weeks 24w2d": "says which plane it is",
    "study/ --ga-weeks 28.4 --visits former.csv": STUDY,
    "cine.dcm --frame 12": "measures the 12th frame",
    "stills/*.png --table stills.csv": "takes pixel size, age or plane of each from a table",
    "head.png": RULER,
}
WRITTEN = """measurements.csv, the lines and ellipses as mrk.json (HC OFD BPD, AC TAD APAD, FL, Heart Thorax
CardiacAxis ...), the segmentation, and report.dcm (DICOM SR) where the input was DICOM"""


def cases_in(folder: Path, values: Values) -> list[Case]:
    """The pictures of a folder, and last the examination that two or more of them make; a loop is sampled."""
    from FetalBiometryLib.examination.folder import frames_in, is_series, pictures_in

    pictures = pictures_in(folder)
    cases = [Case(pictures[0], pictures[0].parent.name)] if is_series(pictures) else [*map(file_case, pictures)]
    if len(pictures) == 1 and not values["visits"]:
        return cases
    parts: list[Case] = []
    for case in cases:
        frames = frames_in(case.path) if values["frame"] is None else []
        of_loop = [replace(case, stem=f"{case.stem}_frame{n + 1}", values={"frame": n + 1}) for n in frames]
        parts += [replace(part, is_part=True) for part in of_loop or [case]]
    return [*parts, Case(folder, "examination", parts=tuple(parts))]


def load(logic: Any, case: Case) -> tuple[Any, ...]:
    """What the Logic's prepare takes."""
    from DeepMedLib.errors import BadInput

    if case.values["visits"] and not case.is_part:
        raise BadInput("Former visits belong to an examination.", "Give the folder with its pictures.")
    return tuple(logic.loadAsked(case.path, case.values))


def check(values: Values) -> Values:
    """See `FetalBiometryLib.asked.checked`, which is read when it is needed."""
    from FetalBiometryLib.asked import checked

    return checked(values)


COMMAND = ModuleCommand(
    name="fetal",
    module="FetalBiometry",
    help=HELP,
    epilog=epilog("fetal", EXAMPLES, "picture", WRITTEN),
    options=OPTIONS,
    more=ASKED,
    cases_of_folder=cases_in,
    load=load,
    check=check,
    summary=("plane", "HC_mm", "BPD_mm", "OFD_mm", "AC_mm", "FL_mm", "GA_weeks", "EFW_g"),
    extra=lambda logic, case, nodes, folder: logic.exportAsked(nodes),
)
