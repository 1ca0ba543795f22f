"""`deepmed ceph`: lateral cephalograms."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deepmed_headless.cli.command import run_command
from deepmed_headless.cli.inputs import Case
from deepmed_headless.cli.options import DebugOption, Device, DeviceOption, InputsArgument, JsonOption, OutOption
from deepmed_headless.cli.screen import Screen


class Facing(str, Enum):
    """Where the face of the film looks."""

    auto = "auto"
    right = "right"
    left = "left"


class Sex(str, Enum):
    """Some norms need it."""

    female = "female"
    male = "male"


class Rays(str, Enum):
    """How a lateral film is made of a CT."""

    parallel = "parallel"
    divergent = "divergent"


EPILOG = """
**Examples**

`deepmed ceph film.png --out results --spacing 0.1` traces a film whose pixel is 0.1 mm in the mid-sagittal plane.

`deepmed ceph film.jpg --out results --ruler 812 102 812 512 40` takes the scale from two marks of the ruler on the head
holder, 40 mm apart. Without a scale there are angles and ratios, no millimetres.

`deepmed ceph before.dcm after.dcm --out results --age 12.5 --sex female --norms Eastman` chooses norms.

`deepmed ceph after.png --out results --compare before.png` adds the differences to an earlier film.

`deepmed ceph head_ct.nii.gz --out results --project divergent` makes a lateral film of a CT or CBCT first.

**Written for each film** in DIR/NAME/: result.json, landmarks.csv, measurements.csv, landmarks.mrk.json,
outlines.mrk.json, overlay.png, report.html, report.pdf, scene.mrb; film.png where it was made of a CT; with --compare
also superimposition.png, .html and .pdf, changes.csv and displacements.csv.
"""


def ceph(
    inputs: InputsArgument,
    out: OutOption,
    device: DeviceOption = Device.auto,
    json_lines: JsonOption = False,
    spacing: Annotated[
        float | None,
        typer.Option("--spacing", metavar="MM", help="Pixel size in the mid-sagittal plane; goes before the file's."),
    ] = None,
    ruler: Annotated[
        tuple[float, float, float, float, float] | None,
        typer.Option("--ruler", metavar="X1 Y1 X2 Y2 MM", help="Two marks of the head holder's ruler, MM apart."),
    ] = None,
    magnification: Annotated[
        float | None,
        typer.Option("--magnification", metavar="FACTOR", help="Take it out of a pixel size that is the film's."),
    ] = None,
    facing: Annotated[Facing, typer.Option("--facing", help="Where the face looks.")] = Facing.auto,
    analysis: Annotated[
        list[str] | None,
        typer.Option("--analysis", metavar="NAME", help="Analysis to print; may be repeated.", show_default="all"),
    ] = None,
    norms: Annotated[
        str | None, typer.Option("--norms", metavar="NAME|FILE", help="Norm set by name, or your own JSON or CSV.")
    ] = None,
    age: Annotated[float | None, typer.Option("--age", metavar="YEARS", help="Some norms need it.")] = None,
    sex: Annotated[Sex | None, typer.Option("--sex", help="Some norms need it.")] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="FILM", help="Earlier film to superimpose on.")
    ] = None,
    compare_spacing: Annotated[
        float | None, typer.Option("--compare-spacing", metavar="MM", help="Pixel size of the earlier film.")
    ] = None,
    method: Annotated[
        str | None,
        typer.Option("--method", metavar="NAME", help="What both films are laid upon.", show_default="sella-nasion"),
    ] = None,
    project: Annotated[
        Rays | None, typer.Option("--project", help="The inputs are head CT or CBCT volumes; make lateral films.")
    ] = None,
    debug: DebugOption = False,
) -> NoReturn:
    """Trace **lateral cephalograms**: 19 landmarks, outlines and the classic analyses, each with its uncertainty.

    Takes PNG, JPEG, TIFF (8 and 16 bit), DICOM and NRRD, and head CT volumes with --project. The pixel size comes from
    you or from DICOM; it is never guessed.
    """
    if spacing is not None and ruler is not None:
        raise typer.BadParameter("Give either --spacing or --ruler, not both.")

    def body(screen: Screen) -> int:
        from deepmed_headless.cli.batch import run_batch
        from deepmed_headless.cli.ceph_tracer import CephSettings, CephTracer
        from deepmed_headless.cli.folder import output_folder
        from deepmed_headless.cli.inputs import expand

        settings = CephSettings.checked(
            device=device.value,
            spacing=spacing,
            ruler=ruler,
            magnification=magnification,
            facing=facing.value,
            analyses=tuple(analysis or ()),
            norms=norms,
            age=age,
            sex=sex.value if sex is not None else "",
            compare=compare,
            compare_spacing=compare_spacing,
            method=method,
            rays=project.value if project is not None else None,
        )
        cases, refused = expand(inputs, volumes_of_folder if project is not None else films_of_folder)
        with output_folder(out):
            if not cases:
                return run_batch(screen, "ceph", (), refused, out, _nothing)
            tracer = CephTracer(settings)
            return run_batch(screen, "ceph", cases, refused, out, tracer.trace)

    run_command(body, json_lines, debug)


def _nothing(*_arguments: object) -> NoReturn:
    raise AssertionError("There is no case to work on.")


def films_of_folder(folder: Path) -> list[Case]:
    """The films of a folder itself, in natural order; a folder with one DICOM file gives its name to the result.

    Raises:
        BadInput: there is none.
    """
    from CephSketcherLib.film.folder import films_in
    from deepmed_headless.cli.inputs import split_name
    from DeepMedLib.dicom import SUFFIXES

    films = films_in(folder)
    if len(films) == 1 and films[0].name.lower().endswith(SUFFIXES):
        return [Case(films[0], folder.name)]
    return [Case(path, split_name(path.name)[0]) for path in films]


def volumes_of_folder(folder: Path) -> list[Case]:
    """A folder with `--project`: one DICOM series is one volume, else each volume file in it.

    Raises:
        BadInput: there is none.
    """
    from CephSketcherLib.film.folder import volumes_in
    from deepmed_headless.cli.inputs import split_name

    volumes = volumes_in(folder)
    if volumes == [folder]:
        return [Case(folder, folder.name)]
    return [Case(path, split_name(path.name)[0]) for path in volumes]
