"""`deepmed coverage`: what CT scans show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deepmed_headless.cli.command import run_command
from deepmed_headless.cli.inputs import Case
from deepmed_headless.cli.options import DebugOption, Device, DeviceOption, InputsArgument, JsonOption, OutOption
from deepmed_headless.cli.screen import Screen

EPILOG = """
**Examples**

`deepmed coverage scans/*.nii.gz --out results` reads many scans; results/summary.csv has one line each.

`deepmed coverage export/ --out results` reads a folder of DICOM files, however deep, one scan for each study.

`deepmed coverage export/ --series 2 --out results` reads the second of its scans; a word of its name does as well.

`deepmed coverage ct.nii.gz --segmentation organs.nii.gz --out results` also judges each label: absent, complete or cut.

**Written for each scan** in DIR/NAME/: result.json (verdicts), slices.csv, overlay.png, report.html, report.pdf,
scene.mrb, and lungs.seg.nrrd where lungs are on the scan (`--no-lungs` leaves it out).
"""


def coverage(
    inputs: InputsArgument,
    out: OutOption,
    device: DeviceOption = Device.auto,
    json_lines: JsonOption = False,
    lungs: Annotated[
        bool, typer.Option("--lungs/--no-lungs", help="Also segment lungs and airways; takes some seconds more.")
    ] = True,
    segmentation: Annotated[
        Path | None,
        typer.Option(
            "--segmentation", metavar="FILE", help="Labels on the scan to judge: complete or cut. One scan only."
        ),
    ] = None,
    series: Annotated[
        str | None,
        typer.Option("--series", metavar="NAME|N", help="Which scan to read where there are several, e.g. two phases."),
    ] = None,
    telling: Annotated[
        bool, typer.Option("--telling", help="Also write telling.png: the patches that the position was read from.")
    ] = False,
    debug: DebugOption = False,
) -> NoReturn:
    """Say what **CT scans** show: regions of the body, complete or cut, and whether they lie as their headers state.

    Takes NIfTI, NRRD, MetaImage and DICOM, files or folders, in Hounsfield units and of any orientation.
    """
    if segmentation is not None and len(inputs) != 1:
        raise typer.BadParameter("--segmentation goes with one scan.")

    def body(screen: Screen) -> int:
        from deepmed_headless.cli.batch import run_batch
        from deepmed_headless.cli.coverage_scan import ScanReader, write_summary
        from deepmed_headless.cli.folder import output_folder
        from deepmed_headless.cli.inputs import expand

        cases, refused = expand(inputs, cases_of_folder)
        with output_folder(out):
            reader = ScanReader(device.value, lungs, segmentation, telling, series)
            code = run_batch(screen, "coverage", cases, refused, out, reader.read)
            write_summary(reader.rows, out / "summary.csv")
            return code

    run_command(body, json_lines, debug)


def cases_of_folder(folder: Path) -> list[Case]:
    """The scans of a folder: its volume files, and its DICOM files, those of each study apart.

    Raises:
        BadInput: there is neither.
    """
    from deepmed_headless.cli.inputs import split_name
    from DeepMedLib.series import scan_places

    return [Case(path, path.name if path.is_dir() else split_name(path.name)[0]) for path in scan_places(folder)]
