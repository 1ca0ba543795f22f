"""`deepmed fetal`: fetal ultrasound stills."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deepmed_headless.cli.command import run_command
from deepmed_headless.cli.inputs import Case
from deepmed_headless.cli.options import (
    DebugOption,
    Device,
    DeviceOption,
    InputsArgument,
    JsonOption,
    OutOption,
)
from deepmed_headless.cli.screen import Screen


class Plane(str, Enum):
    """What the picture shows."""

    auto = "auto"
    head = "head"
    abdomen = "abdomen"
    femur = "femur"
    thorax = "thorax"


class Convention(str, Enum):
    """Where the calipers of the biparietal diameter sit on the skull."""

    outer_outer = "outer-outer"
    outer_inner = "outer-inner"


AVAILABLE_PLANES = (Plane.auto, Plane.head)

EPILOG = """
**Examples**

`deepmed fetal head.dcm --out results` measures a DICOM still with its own pixel size and writes a DICOM SR.

`deepmed fetal stills/ --out results --spacing 0.21 --ga-weeks 24.3` measures all pictures of a folder.

`deepmed fetal cine.dcm --out results --frame 12` measures the 12th frame.

`deepmed fetal head.png --out results` without a scale gives pixels and ratios; when a depth ruler is seen,
result.json proposes its meaning under `ruler_proposal`. Confirm it with `--accept-ruler 5` (5 mm a mark).

**Written for each picture** in DIR/NAME/: result.json, measurements.csv, HC/OFD/BPD.mrk.json, head.seg.nrrd,
overlay.png, report.html, report.pdf, scene.mrb, and report.dcm (DICOM SR) where the input was DICOM.
"""


def fetal(
    inputs: InputsArgument,
    out: OutOption,
    device: DeviceOption = Device.auto,
    json_lines: JsonOption = False,
    spacing: Annotated[
        float | None,
        typer.Option("--spacing", metavar="MM", help="Pixel size in mm; goes before what the file states."),
    ] = None,
    accept_ruler: Annotated[
        float | None,
        typer.Option(
            "--accept-ruler", metavar="MM", help="Take the scale from the depth ruler drawn in the picture, MM a mark."
        ),
    ] = None,
    plane: Annotated[Plane, typer.Option("--plane", help="What the picture shows.")] = Plane.auto,
    frame: Annotated[
        int | None, typer.Option("--frame", metavar="N", min=1, help="Frame of a multi-frame file, from 1.")
    ] = None,
    ga_weeks: Annotated[
        float | None,
        typer.Option("--ga-weeks", metavar="WEEKS", help="Gestational age known otherwise; centiles need it."),
    ] = None,
    standard: Annotated[
        str | None,
        typer.Option(
            "--standard", metavar="NAME", help="Growth standard for centiles.", show_default="INTERGROWTH-21st"
        ),
    ] = None,
    bpd: Annotated[Convention, typer.Option("--bpd", help="BPD convention.")] = Convention.outer_outer,
    debug: DebugOption = False,
) -> NoReturn:
    """Measure the **fetal head** in ultrasound stills: BPD, OFD, HC and cephalic index, each with its uncertainty.

    Takes PNG, JPEG, TIFF, DICOM (also multi-frame) and NRRD. The pixel size comes from the DICOM ultrasound region
    under the head, else from PixelSpacing, else from you; it is never guessed.
    """
    if spacing is not None and accept_ruler is not None:
        raise typer.BadParameter("Give either --spacing or --accept-ruler, not both.")

    def body(screen: Screen) -> int:
        from deepmed_headless.cli.batch import run_batch
        from deepmed_headless.cli.fetal_head import HeadMeasurer, HeadSettings
        from deepmed_headless.cli.folder import output_folder
        from deepmed_headless.cli.inputs import expand
        from DeepMedLib.errors import BadInput

        if plane not in AVAILABLE_PLANES:
            raise BadInput(
                f"The {plane.value} plane is not in this version.", "Give a picture of the head, with --plane head."
            )
        settings = HeadSettings.checked(device.value, spacing, accept_ruler, frame, bpd.value, ga_weeks, standard)
        cases, refused = expand(inputs, cases_of_folder)
        with output_folder(out):
            if not cases:
                return run_batch(screen, "fetal", (), refused, out, _nothing)
            measurer = HeadMeasurer(settings)
            return run_batch(screen, "fetal", cases, refused, out, measurer.measure)

    run_command(body, json_lines, debug)


def _nothing(*_arguments: object) -> NoReturn:
    raise AssertionError("There is no case to work on.")


def cases_of_folder(folder: Path) -> list[Case]:
    """The pictures of an examination: those of the folder itself, else those below it.

    A folder with nothing but one DICOM file is a series and gives its name to the result.

    Raises:
        BadInput: there is no picture.
    """
    from deepmed_headless.cli.inputs import split_name
    from DeepMedLib.errors import BadInput
    from FetalBiometryLib.pictures import DICOM_SUFFIXES, IMAGE_SUFFIXES, VOLUME_SUFFIXES, list_pictures

    try:
        pictures = list_pictures(folder)
    except BadInput:
        pictures = list_pictures(folder, recursive=True)
    if len(pictures) == 1:
        name = pictures[0].name.lower()
        if name.endswith(DICOM_SUFFIXES) or not name.endswith(IMAGE_SUFFIXES + VOLUME_SUFFIXES):
            return [Case(pictures[0], pictures[0].parent.name)]
    return [Case(path, split_name(path.name)[0]) for path in pictures]
