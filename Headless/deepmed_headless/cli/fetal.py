"""`deepmed fetal`: fetal ultrasound stills, and folders of them as examinations."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deepmed_headless.cli.command import run_command
from deepmed_headless.cli.fetal_settings import WEIGHTS
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


class Ratio(str, Enum):
    """How heart and thorax are compared."""

    area = "area"
    circumference = "circumference"


class FetalLeft(str, Enum):
    """Where the left of the fetus lies for somebody who looks from its spine to its sternum."""

    unknown = "unknown"
    right_hand = "right hand"
    left_hand = "left hand"


class Sex(str, Enum):
    """For weight charts by sex."""

    girl = "girl"
    boy = "boy"


EPILOG = """
**Examples**

`deepmed fetal head.dcm --out results` recognises the plane and measures it with the file's own pixel size.

`deepmed fetal femur.png --plane femur --spacing 0.21 --ga-weeks 24.3 --out results` says which plane it is.

`deepmed fetal study/ --out results --ga-weeks 28.4 --visits former.csv` measures an examination: all pictures of the
folder, and in DIR/examination/ their means, one age, one weight, growth charts, report and DICOM SR.

`deepmed fetal cine.dcm --out results --frame 12` measures the 12th frame.

`deepmed fetal head.png --out results` without a scale gives pixels and ratios; when a depth ruler is seen,
result.json proposes its meaning under `ruler_proposal`. Confirm it with `--accept-ruler 5` (5 mm a mark).

**Written for each picture** in DIR/NAME/: result.json, measurements.csv, the lines and ellipses as mrk.json (HC OFD
BPD, AC TAD APAD, FL, Heart Thorax CardiacAxis ...), the segmentation, overlay.png, report.html, report.pdf, scene.mrb,
and report.dcm (DICOM SR) where the input was DICOM.

**A folder of two or more pictures** is one examination of one fetus: DIR/examination/ (or DIR/FOLDER_examination/ with
several folders) holds the same files for the whole. Of a loop without `--frame` some evenly spaced frames are taken.
Pictures that are not vouched for do not count, and leave the exit code to the examination.
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
    ctr: Annotated[Ratio, typer.Option("--ctr", help="Heart/thorax ratio by area or by circumference.")] = Ratio.area,
    fetal_left: Annotated[
        FetalLeft,
        typer.Option(
            "--fetal-left",
            help="Hand on which the fetus' left lies, seen from its spine to its sternum: right in a section seen "
            "from the feet. Gives the cardiac axis its side.",
        ),
    ] = FetalLeft.unknown,
    visits: Annotated[
        Path | None,
        typer.Option("--visits", metavar="CSV", help="Former visits of the same fetus, for the growth charts."),
    ] = None,
    weight: Annotated[
        str | None,
        typer.Option("--weight", metavar="NAME", help=f"Weight formula: {', '.join(WEIGHTS)}.", show_default="best"),
    ] = None,
    sex: Annotated[Sex | None, typer.Option("--sex", help="For weight charts by sex (WHO).")] = None,
    crl: Annotated[
        float | None, typer.Option("--crl", metavar="MM", help="Crown-rump length, to date by in place of --ga-weeks.")
    ] = None,
    dating: Annotated[
        str | None,
        typer.Option("--dating", metavar="NAME", help="Formula of that date.", show_default="Robinson 1975"),
    ] = None,
    growth_table: Annotated[
        Path | None,
        typer.Option("--growth-table", metavar="FILE", help="Your own growth standard (NICHD ...) as a table."),
    ] = None,
    growth_group: Annotated[
        str | None, typer.Option("--growth-group", metavar="NAME", help="Group of that table.")
    ] = None,
    examined: Annotated[
        str | None, typer.Option("--examined", metavar="DATE", help="Date of the examination, as 2026-01-31.")
    ] = None,
    debug: DebugOption = False,
) -> NoReturn:
    """Measure **fetal head, abdomen, femur, heart and thorax** in ultrasound stills, and whole **examinations**.

    Takes PNG, JPEG, TIFF, DICOM (also multi-frame) and NRRD. The pixel size comes from the DICOM ultrasound region
    under the measurement, else from PixelSpacing, else from you; it is never guessed.
    """
    if spacing is not None and accept_ruler is not None:
        raise typer.BadParameter("Give either --spacing or --accept-ruler, not both.")
    if ga_weeks is not None and crl is not None:
        raise typer.BadParameter("Give either --ga-weeks or --crl, not both.")

    def body(screen: Screen) -> int:
        from deepmed_headless.cli.fetal_run import run
        from deepmed_headless.cli.fetal_settings import FetalSettings

        settings = FetalSettings.checked(
            device.value,
            spacing,
            accept_ruler,
            frame,
            bpd.value,
            ga_weeks,
            standard,
            plane=plane.value,
            ctr=ctr.value,
            fetal_left=fetal_left.value,
            weight=weight,
            sex=None if sex is None else sex.value,
            dating=dating,
            crl_mm=crl,
            visits=visits,
            growth_table=growth_table,
            growth_group=growth_group,
            examined=examined,
        )
        return run(screen, inputs, out, settings)

    run_command(body, json_lines, debug)
