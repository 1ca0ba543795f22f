"""What can be asked of pictures and examinations, declared once for panel, scene, command line and Lib."""

from __future__ import annotations

from DeepMedLib import option_words
from DeepMedLib.command_options import CommandOption
from DeepMedLib.options import DEVICE, Option
from FetalBiometryLib.growth.bpd import OUTER_INNER, OUTER_OUTER
from FetalBiometryLib.growth.dating import FORMULAS, HADLOCK_1984, POSSIBLE_WEEKS
from FetalBiometryLib.growth.weight import NAMES

AUTO = "auto"
BY_AREA, BY_CIRCUMFERENCE = "area", "circumference"
UNKNOWN, RIGHT_HAND, LEFT_HAND = "unknown", "right hand", "left hand"
AUTOMATIC, NOT_STATED = "automatic", "not stated"

#: Short words of the weight formulas; the parameters count, the numbering differs between authors.
_WORDS = ("hadlock4", "hadlock-hc-ac-fl", "hadlock-bpd-ac-fl", "hadlock-ac-fl", "intergrowth")
WEIGHT_WORDS = dict(zip(_WORDS, NAMES, strict=True))


def _formula(text: str) -> str:
    return WEIGHT_WORDS.get(text.strip().lower(), text)


PLANE = Option(
    "plane",
    AUTO,
    "What the picture shows; auto recognizes it, and says so when it cannot.",
    choices=(AUTO, "head", "abdomen", "femur", "thorax"),
)
GA_WEEKS = Option(
    "ga_weeks",
    0.0,
    "Gestational age known otherwise, as 24.3, 24w2d or 24+2; centiles need it.",
    limits=POSSIBLE_WEEKS,
    unit="weeks",
    label="Gestational age",
    unknown="unknown",
    columns=("ga", "gestational_age", "weeks"),
)
STANDARD = Option(
    "standard",
    "INTERGROWTH-21st",
    "Growth standard for centiles and z-scores at the known age.",
    choices=("INTERGROWTH-21st", "WHO 2017"),
    label="Growth standard",
    read=str,  # exactly as it is called
    metavar="NAME",
)
BPD = Option(
    "bpd",
    OUTER_OUTER,
    "BPD convention: outer-outer (INTERGROWTH-21st) or outer-inner (Hadlock).",
    choices=(OUTER_OUTER, OUTER_INNER),
    label="BPD",
)
CTR = Option(
    "ctr",
    BY_AREA,
    "Heart/thorax ratio by area or by circumference; the two have different normal ranges.",
    choices=(BY_AREA, BY_CIRCUMFERENCE),
    label="Heart/thorax ratio by",
)
FETAL_LEFT = Option(
    "fetal_left",
    UNKNOWN,
    "Hand on which the fetus' left lies, seen from its spine to its sternum: right in a section seen from the feet. "
    "The picture does not show it; without it the cardiac axis has no side.",
    choices=(UNKNOWN, RIGHT_HAND, LEFT_HAND),
)
WEIGHT = Option(
    "weight",
    AUTOMATIC,
    f"Weight formula: {', '.join(WEIGHT_WORDS)}; automatic takes the one of Hadlock that uses most of the measures.",
    choices=(AUTOMATIC, *NAMES),
    label="Weight formula",
    read=_formula,
    metavar="NAME",
)
SEX = Option(
    "sex",
    NOT_STATED,
    "For weight charts by sex (WHO).",
    choices=(NOT_STATED, option_words.FEMALE, option_words.MALE),
    read=option_words.sex,
    metavar="[female|male]",
)
CRL = Option(
    "crl",
    0.0,
    "Crown-rump length, to date by in place of a known age.",
    limits=(2, 120),
    unit="mm",
    label="Crown-rump length",
    unknown="unknown",
    columns=("crl_mm",),
)
DATING = Option(
    "dating",
    HADLOCK_1984,
    f"Formula that dates by the crown-rump length; {HADLOCK_1984}, which takes none, stands for Robinson 1975.",
    choices=FORMULAS,
    label="Dating formula",
    read=str,  # exactly as it is called
    metavar="NAME",
)
EXAMINED = Option(
    "examined",
    "",
    "Date of the examination, as 2026-01-31; with the date of a former visit it gives the age.",
    read=option_words.date,
    metavar="DATE",
)
VISITS = Option(
    "visits",
    "",
    "Former visits of the same fetus, for the growth charts: a table with ga_weeks, then BPD_mm, HC_mm, AC_mm, FL_mm, "
    "EFW_g as measured.",
    label="Former visits",
    metavar="CSV",
)
GROWTH_TABLE = Option(
    "growth_table",
    "",
    "Your own growth standard (NICHD ...) as a table with a row for each age and measure.",
    label="Own growth table",
    metavar="FILE",
)
GROWTH_GROUP = Option("growth_group", "", "Group of that table.", metavar="NAME")

PICTURE = (PLANE, GA_WEEKS, STANDARD, BPD, CTR, FETAL_LEFT)
EXAMINATION = (WEIGHT, SEX, CRL, DATING, EXAMINED, GROWTH_GROUP)
FILES = (VISITS, GROWTH_TABLE)
OPTIONS = (*PICTURE, *EXAMINATION, *FILES, DEVICE)

#: What a command is told of a picture that a panel sees and asks for itself.
SPACING = CommandOption(
    "spacing",
    "Pixel size in mm; goes before what the file states.",
    option_words.number,
    metavar="MM",
    columns=("mm_per_px", "pixel_size", "pixel_mm", "spacing_mm"),
)
RULER = Option(
    "accept_ruler",
    0.0,
    "Take the scale from the depth ruler drawn in the picture, MM a mark.",
    limits=(0.5, 100),
    unit="mm",
    label="A ruler mark of",
    unknown="none",
)
FRAME = CommandOption("frame", "Frame of a multi-frame file, from 1.", option_words.count, metavar="N")
ASKED = (SPACING, CommandOption.of(RULER), FRAME)
