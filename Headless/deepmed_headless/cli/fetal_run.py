"""What the inputs of `deepmed fetal` mean, and running them: single pictures, and folders as examinations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from deepmed_headless.cli.batch import run_batch
from deepmed_headless.cli.fetal_settings import FetalSettings
from deepmed_headless.cli.folder import output_folder
from deepmed_headless.cli.inputs import Case, expand, with_different_stems
from deepmed_headless.cli.screen import Screen

COMMAND = "fetal"


def run(screen: Screen, inputs: Sequence[Path], out: Path, settings: FetalSettings) -> int:
    """Measures everything; returns the highest exit code.

    Raises:
        BadInput: former visits without a folder, or an output folder that cannot be used.
    """
    from deepmed_headless.cli.fetal_examination import ExaminationMeasurer
    from deepmed_headless.cli.fetal_picture import PictureMeasurer
    from DeepMedLib.errors import BadInput

    folders: dict[Path, Path] = {}

    def of_folder(folder: Path) -> list[Case]:
        cases = cases_of_folder(folder)
        if len(cases) > 1 or settings.examination.visits:
            folders.update({case.path.resolve(): folder for case in cases})
        return cases

    cases, refused = expand(inputs, of_folder)
    if settings.examination.visits and cases and not folders:
        raise BadInput("Former visits belong to an examination.", "Give the folder with its pictures.")
    with output_folder(out):
        if not cases:
            return run_batch(screen, COMMAND, (), refused, out, _nothing)
        measurer = PictureMeasurer(settings)
        single = [case for case in cases if case.path.resolve() not in folders]
        code = run_batch(screen, COMMAND, single, refused, out, measurer.measure) if single or refused else 0
        examinations = []
        for folder in dict.fromkeys(folders.values()):
            own = [case for case in cases if folders.get(case.path.resolve()) == folder]
            examinations.append(ExaminationMeasurer(folder, _frames(own, settings), measurer))
        wholes = [item.case() for item in examinations]
        named = with_different_stems([*cases, *wholes])[len(cases) :]
        for item, whole in zip(examinations, named, strict=True):
            code = max(code, run_batch(screen, COMMAND, item.cases, (), out, item.measure_picture))
            code = max(code, run_batch(screen, COMMAND, [whole], (), out, item.measure))
        return code


def _nothing(*_arguments: object) -> NoReturn:
    raise AssertionError("There is no case to work on.")


def _frames(cases: Sequence[Case], settings: FetalSettings) -> list[Case]:
    """A loop as some evenly spaced frames, each a case of its own; other files as they are."""
    from DeepMedLib.errors import DeepMedError
    from FetalBiometryLib.examination.cine import sampled_frames
    from FetalBiometryLib.picture.files import frame_count

    found = []
    for case in cases:
        try:
            count = 1 if settings.frame is not None else frame_count(case.path)
        except DeepMedError:  # said when the picture is read
            count = 1
        if count == 1:
            found.append(case)
        else:
            frames = sampled_frames(count)
            found += [replace(case, stem=f"{case.stem}_frame{n + 1}", frame=n) for n in frames]
    return found


def cases_of_folder(folder: Path) -> list[Case]:
    """The pictures of an examination: those of the folder itself, else those below it.

    A folder with nothing but one DICOM file is a series and gives its name to the result.

    Raises:
        BadInput: there is no picture.
    """
    from deepmed_headless.cli.inputs import split_name
    from DeepMedLib.dicom import SUFFIXES
    from DeepMedLib.errors import BadInput
    from DeepMedLib.picture_files import IMAGE_SUFFIXES, VOLUME_SUFFIXES
    from FetalBiometryLib.picture.files import list_pictures

    try:
        pictures = list_pictures(folder)
    except BadInput:
        pictures = list_pictures(folder, recursive=True)
    if len(pictures) == 1:
        name = pictures[0].name.lower()
        if name.endswith(SUFFIXES) or not name.endswith(IMAGE_SUFFIXES + VOLUME_SUFFIXES):
            return [Case(pictures[0], pictures[0].parent.name)]
    return [Case(path, split_name(path.name)[0]) for path in pictures]
