"""`deepmed fetal`: fetal ultrasound stills, and folders of them as examinations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.inputs import Case, file_case
from deepmed_headless.cli.run.declaration import CommandOption, ModuleCommand, Progress, Values, one_of
from DeepMedLib import option_words
from DeepMedLib.options import DEVICE
from FetalBiometryHeadless import files
from FetalBiometryHeadless.settings import WEIGHTS, checked, scale_of

HELP = """Measure **fetal head, abdomen, femur, heart and thorax** in ultrasound stills, and whole **examinations**.

Takes PNG, JPEG, TIFF, DICOM (also multi-frame) and NRRD. The pixel size comes from the DICOM ultrasound region
under the measurement, else from PixelSpacing, else from you; it is never guessed.
"""
EPILOG = """
**Examples**

`deepmed fetal head.dcm --out results` recognizes the plane and measures it with the file's own pixel size.

`deepmed fetal femur.png --plane femur --spacing 0.21 --ga-weeks 24w2d --out results` says which plane it is.

`deepmed fetal study/ --out results --ga-weeks 28.4 --visits former.csv` measures an examination: all pictures of the
folder, and in DIR/examination/ their means, one age, one weight, growth charts, report and DICOM SR.

`deepmed fetal cine.dcm --out results --frame 12` measures the 12th frame.

`deepmed fetal stills/*.png --out results --table stills.csv` takes pixel size, age or plane of each from a table.

`deepmed fetal head.png --out results` without a scale gives pixels and ratios; when a depth ruler is seen,
result.json proposes its meaning under `ruler_proposal`. Confirm it with `--accept-ruler 5` (5 mm a mark).

**Written for each picture** in DIR/NAME/: result.json, measurements.csv, the lines and ellipses as mrk.json (HC OFD
BPD, AC TAD APAD, FL, Heart Thorax CardiacAxis ...), the segmentation, overlay.png, report.html, report.pdf, scene.mrb,
and report.dcm (DICOM SR) where the input was DICOM.

**A folder of two or more pictures** is one examination of one fetus: DIR/examination/ (or DIR/FOLDER_examination/ with
several folders) holds the same files for the whole. Of a loop without `--frame` some evenly spaced frames are taken.
Pictures that are not vouched for do not count, and leave the exit code to the examination.
"""
OPTIONS = (
    CommandOption(
        "spacing",
        "Pixel size in mm; goes before what the file states.",
        option_words.number,
        metavar="MM",
        columns=("mm_per_px", "pixel_size", "pixel_mm", "spacing_mm"),
    ),
    CommandOption(
        "accept_ruler",
        "Take the scale from the depth ruler drawn in the picture, MM a mark.",
        option_words.number,
        metavar="MM",
    ),
    one_of("plane", ("auto", "head", "abdomen", "femur", "thorax"), "What the picture shows."),
    CommandOption("frame", "Frame of a multi-frame file, from 1.", option_words.count, metavar="N"),
    CommandOption(
        "ga_weeks",
        "Gestational age known otherwise, as 24.3, 24w2d or 24+2; centiles need it.",
        option_words.weeks,
        metavar="WEEKS",
        columns=("ga", "gestational_age", "weeks"),
    ),
    CommandOption("standard", "Growth standard for centiles.", metavar="NAME", shown="INTERGROWTH-21st"),
    one_of("bpd", ("outer-outer", "outer-inner"), "BPD convention."),
    one_of("ctr", ("area", "circumference"), "Heart/thorax ratio by area or by circumference."),
    one_of(
        "fetal_left",
        ("unknown", "right hand", "left hand"),
        "Hand on which the fetus' left lies, seen from its spine to its sternum: right in a section seen from the "
        "feet. Gives the cardiac axis its side.",
    ),
    CommandOption("visits", "Former visits of the same fetus, for the growth charts.", Path, metavar="CSV"),
    CommandOption("weight", f"Weight formula: {', '.join(WEIGHTS)}.", metavar="NAME", shown="best"),
    CommandOption(
        "sex",
        "For weight charts by sex (WHO).",
        option_words.sex,
        metavar="[female|male]",
        choices=("female", "male"),
    ),
    CommandOption(
        "crl",
        "Crown-rump length, to date by in place of --ga-weeks.",
        option_words.number,
        metavar="MM",
        columns=("crl_mm",),
    ),
    CommandOption("dating", "Formula of that date.", metavar="NAME", shown="Robinson 1975"),
    CommandOption("growth_table", "Your own growth standard (NICHD ...) as a table.", Path, metavar="FILE"),
    CommandOption("growth_group", "Group of that table.", metavar="NAME"),
    CommandOption("examined", "Date of the examination, as 2026-01-31.", option_words.date, metavar="DATE"),
)


def pictures_in(folder: Path, values: Values) -> list[Case]:
    """The pictures of a folder itself, else those below it, and last the examination that two or more of them make.

    A folder with nothing but one DICOM file is a series and gives its name to the result. A loop is sampled.

    Raises:
        BadInput: there is no picture.
    """
    from DeepMedLib.dicom import SUFFIXES
    from DeepMedLib.errors import BadInput
    from DeepMedLib.picture.files import IMAGE_SUFFIXES, list_pictures
    from DeepMedLib.picture.volume_files import SUFFIXES as VOLUME_SUFFIXES

    try:
        pictures = list_pictures(folder)
    except BadInput:
        pictures = list_pictures(folder, recursive=True)
    cases = [file_case(path) for path in pictures]
    name = pictures[0].name.lower()
    if len(pictures) == 1 and (name.endswith(SUFFIXES) or not name.endswith(IMAGE_SUFFIXES + VOLUME_SUFFIXES)):
        cases = [Case(pictures[0], pictures[0].parent.name)]
    if len(pictures) == 1 and values["visits"] is None:
        return cases
    parts = [frame for case in cases for frame in _frames(case, values)]
    return [*parts, Case(folder, "examination", parts=tuple(parts))]


def _frames(case: Case, values: Values) -> list[Case]:
    from DeepMedLib.errors import DeepMedError
    from DeepMedLib.picture.files import frame_count
    from FetalBiometryLib.examination.cine import sampled_frames

    try:
        count = 1 if values["frame"] is not None else frame_count(case.path)
    except DeepMedError:  # said when the picture is read
        count = 1
    if count == 1:
        return [Case(case.path, case.stem, is_part=True)]
    frames = sampled_frames(count)
    return [Case(case.path, f"{case.stem}_frame{n + 1}", {"frame": n + 1}, is_part=True) for n in frames]


def measure(logic: Any, case: Case, progress: Progress) -> Any:
    """Measures one picture, or the pictures of an examination.

    Raises:
        DeepMedError: see FetalBiometryLogic.
    """
    from DeepMedLib.errors import BadInput

    if case.parts:
        return files.examine(logic, case, progress)
    values = case.values
    if values["visits"] is not None and not case.is_part:
        raise BadInput("Former visits belong to an examination.", "Give the folder with its pictures.")
    volume = logic.loadPicture(str(case.path), None if values["frame"] is None else values["frame"] - 1)
    preparation = logic.prepare(volume, device=values["device"], plane=values["plane"])
    computed = logic.compute(preparation, progress)
    return logic.finish(preparation, computed, scale_of(logic, volume, values), values["options"])


COMMAND = ModuleCommand(
    name="fetal",
    module="FetalBiometry",
    help=HELP,
    epilog=EPILOG,
    options=(DEVICE,),
    more=OPTIONS,
    cases_of_folder=pictures_in,
    measure=measure,
    check=checked,
    summary=("plane", "HC_mm", "BPD_mm", "OFD_mm", "AC_mm", "FL_mm", "GA_weeks", "EFW_g"),
    extra=files.ruler_proposal,
)
