"""`deepmed ceph`: lateral cephalograms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from CephSketcherHeadless.settings import checked, film_scale
from CephSketcherLib.options import OPTIONS
from CephSketcherLib.tracing.main_measures import SUMMARY
from deepmed_headless.cli.files.inputs import Case, file_case
from deepmed_headless.cli.files.scans import scans_in
from deepmed_headless.cli.run.declaration import CommandOption, ModuleCommand, Values, one_of
from deepmed_headless.cli.run.epilog import epilog
from DeepMedLib import option_words

HELP = """Trace **lateral cephalograms**: 19 landmarks, outlines and the classic analyses, each with its uncertainty.

Takes PNG, JPEG, TIFF (8 and 16 bit), DICOM and NRRD, and head CT volumes with --project. The pixel size comes from
you or from DICOM; it is never guessed.
"""
EXAMPLES = {
    "film.png --spacing 0.1": "traces a film whose pixel is 0.1 mm in the mid-sagittal plane",
    "film.jpg --ruler 812 102 812 512 40": "takes the scale from two marks of the ruler on the head holder, 40 mm "
    "apart. Without a scale there are angles and ratios, no millimetres",
    "before.dcm after.dcm --age 12.5 --sex female --norms Eastman": "chooses norms",
    "films/ --table films.csv": "takes pixel size, age and sex of each film from a table",
    "after.png --compare before.png": "adds the differences to an earlier film",
    "head_ct.nii.gz --project divergent": "makes a lateral film of a CT or CBCT first",
}
WRITTEN = """landmarks.csv, measurements.csv, landmarks.mrk.json, outlines.mrk.json; report.dcm where the film came from
DICOM; film.png where it was made of a CT; with --compare also superimposition.png, .html and .pdf, changes.csv and
displacements.csv"""
SPACING = ("mm_per_px", "pixel_size", "pixel_mm", "spacing_mm")
MORE = (
    CommandOption(
        "spacing",
        "Pixel size in the mid-sagittal plane; goes before the file's.",
        option_words.number,
        metavar="MM",
        columns=SPACING,
    ),
    CommandOption(
        "ruler",
        "Two marks of the head holder's ruler, MM apart.",
        partial(option_words.numbers, how_many=5),
        metavar="X1 Y1 X2 Y2 MM",
        words=5,
    ),
    CommandOption(
        "magnification",
        "Take it out of a pixel size that is the film's.",
        option_words.number,
        metavar="FACTOR",
    ),
    CommandOption(
        "analysis", "Analysis to print; may be repeated.", metavar="NAME", default=(), repeated=True, shown="all"
    ),
    CommandOption("norms", "Norm set by name, or your own JSON or CSV.", metavar="NAME|FILE"),
    CommandOption("age", "Some norms need it, as 12.5 or 12y6m.", option_words.years, metavar="YEARS"),
    CommandOption(
        "sex",
        "Some norms need it.",
        option_words.sex,
        metavar="[female|male]",
        choices=(option_words.FEMALE, option_words.MALE),
    ),
    CommandOption("compare", "Earlier film to superimpose on.", Path, metavar="FILM"),
    CommandOption("compare_spacing", "Pixel size of the earlier film.", option_words.number, metavar="MM"),
    CommandOption("method", "What both films are laid upon.", metavar="NAME", shown="sella-nasion"),
    one_of(
        "project",
        ("parallel", "divergent"),
        "The inputs are head CT or CBCT volumes; make lateral films.",
        default=None,
    ),
)


def films_in(folder: Path, values: Values) -> list[Case]:
    """The films of a folder itself, in natural order; with `--project` its volume files and DICOM studies.

    A folder with one DICOM file gives its name to the result.

    Raises:
        BadInput: there is none.
    """
    from DeepMedLib.dicom import SUFFIXES
    from DeepMedLib.picture.files import list_pictures

    if values["project"] is not None:
        return scans_in(folder, values)
    films = list_pictures(folder, "film")
    if len(films) == 1 and films[0].name.lower().endswith(SUFFIXES):
        return [Case(films[0], folder.name)]
    return [file_case(path) for path in films]


def load(logic: Any, case: Case) -> tuple[Any, ...]:
    """A film with the scale and the settings that the command line gives it.

    Raises:
        DeepMedError: see CephSketcherLogic.loadFilm and project.
    """
    return loaded(logic, case.path, case.values, case.values["spacing"], case.values["ruler"])


def loaded(logic: Any, path: Path, values: Values, spacing: Any, ruler: Any) -> tuple[Any, ...]:
    """What the Logic's process takes: a film, loaded or made of a volume, its scale and the settings."""
    if values["project"] is not None:
        from DeepMedLib.mrml.inputs.scanNodes import loadScan

        film = logic.project(loadScan(path), rays=values["project"])
    else:
        film = logic.loadFilm(str(path))
    return film, film_scale(film, spacing, ruler, values["magnification"]), values["settings"]


def more_files(logic: Any, case: Case, nodes: Any, folder: Path) -> Mapping[str, Any]:
    """The film that was made of a volume, and the comparison with an earlier film."""
    values, earlier = case.values, case.values["compare"]
    if values["project"] is not None:
        from CephSketcherLib.film.lateral_film import LATERAL_FILM
        from DeepMedLib.mrml.inputs.pictureNodes import displayOf
        from DeepMedLib.report.png import encode_png

        (folder / "film.png").write_bytes(encode_png(displayOf(nodes.volume, LATERAL_FILM)))
    if earlier is None or nodes.handle is None:
        return {}
    from CephSketcherMrml.superimposeNodes import exportSuperimposition

    # The ruler's marks are those of the later film.
    before = logic.process(
        *loaded(logic, earlier, values, values["compare_spacing"], None),
        device=values["device"],
        facing=values["facing"],
    )
    if before.handle is None:
        return {"comparison": {"film": before.result.film, "status": "abstained", "reason": before.result.reason}}
    laid = logic.superimpose(before, nodes, values["method"])
    exportSuperimposition(laid, folder)
    return {"comparison": {"film": before.result.film, "status": "done", **laid.record()}}


COMMAND = ModuleCommand(
    name="ceph",
    module="CephSketcher",
    help=HELP,
    epilog=epilog("ceph", EXAMPLES, "film", WRITTEN),
    options=OPTIONS,
    more=MORE,
    cases_of_folder=films_in,
    load=load,
    check=checked,
    extra=more_files,
    summary=SUMMARY,
)
