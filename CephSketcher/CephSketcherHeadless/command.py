"""`deepmed ceph`: lateral cephalograms."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from CephSketcherLib.asked import checked
from CephSketcherLib.options import ASKED, OPTIONS
from CephSketcherLib.tracing.main_measures import SUMMARY
from deepmed_headless.cli.files.inputs import Case
from deepmed_headless.cli.files.pictures import pictures_in
from deepmed_headless.cli.files.scans import SERIES, scans_in
from deepmed_headless.cli.run.declaration import ModuleCommand, Values
from deepmed_headless.cli.run.epilog import epilog

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


def films_in(folder: Path, values: Values) -> list[Case]:
    """The films of a folder; with `--project` its volume files and DICOM studies."""
    return pictures_in(folder, "film") if values["project"] is None else scans_in(folder, values)


def load(logic: Any, case: Case) -> tuple[Any, ...]:
    """What the Logic's process takes."""
    from CephSketcherMrml.askedFilms import loadAsked

    return loadAsked(logic, case.path, case.values)


def more_files(logic: Any, case: Case, nodes: Any, folder: Path) -> Mapping[str, Any]:
    """The comparison with an earlier film."""
    from CephSketcherMrml.askedFilms import exportAsked

    return exportAsked(logic, nodes, case.values, folder)


COMMAND = ModuleCommand(
    name="ceph",
    module="CephSketcher",
    help=HELP,
    epilog=epilog("ceph", EXAMPLES, "film", WRITTEN),
    options=OPTIONS,
    more=(*ASKED, SERIES),
    cases_of_folder=films_in,
    load=load,
    check=checked,
    extra=more_files,
    summary=SUMMARY,
)
