"""The options of a tracing, declared once for panel, command line and task, and those of the command line alone."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from DeepMedLib import option_words
from DeepMedLib.command_options import CommandOption, one_of
from DeepMedLib.options import DEVICE, Option

FACING = Option("facing", "auto", "Where the face looks.", choices=("auto", "right", "left"), label="Face looks")
OPTIONS = (FACING, DEVICE)

_NUMBER, _YEARS, _SEXES = option_words.number, option_words.years, (option_words.FEMALE, option_words.MALE)
_RULER = partial(option_words.numbers, how_many=5)
_SPACING = ("mm_per_px", "pixel_size", "pixel_mm", "spacing_mm")
_SPACING_HELP = "Pixel size in the mid-sagittal plane; goes before the file's."
_RULER_HELP, _RULER_WORDS = "Two marks of the head holder's ruler, MM apart.", "X1 Y1 X2 Y2 MM"
_MAGNIFICATION_HELP = "Take it out of a pixel size that is the film's."
_ANALYSIS_HELP, _NORMS_HELP = "Analysis to print; may be repeated.", "Norm set by name, or your own JSON or CSV."
_AGE_HELP, _NEEDED = "Some norms need it, as 12.5 or 12y6m.", "Some norms need it."
_COMPARE_HELP, _PROJECT_HELP = (
    "Earlier film to superimpose on.",
    "The inputs are head CT or CBCT volumes; make lateral films.",
)
ASKED = (
    CommandOption("spacing", _SPACING_HELP, _NUMBER, metavar="MM", columns=_SPACING),
    CommandOption("ruler", _RULER_HELP, _RULER, metavar=_RULER_WORDS, words=5),
    CommandOption("magnification", _MAGNIFICATION_HELP, _NUMBER, metavar="FACTOR"),
    CommandOption("analysis", _ANALYSIS_HELP, metavar="NAME", default=(), repeated=True, shown="all"),
    CommandOption("norms", _NORMS_HELP, metavar="NAME|FILE"),
    CommandOption("age", _AGE_HELP, _YEARS, metavar="YEARS"),
    CommandOption("sex", _NEEDED, option_words.sex, metavar="[female|male]", choices=_SEXES),
    CommandOption("compare", _COMPARE_HELP, Path, metavar="FILM"),
    CommandOption("compare_spacing", "Pixel size of the earlier film.", _NUMBER, metavar="MM"),
    CommandOption("method", "What both films are laid upon.", metavar="NAME", shown="sella-nasion"),
    one_of("project", ("parallel", "divergent"), _PROJECT_HELP, default=None),
)
