"""The options of `deepmed fetal` as the module's own settings, checked before any picture is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepmed_headless.cli.run.declaration import Values

#: Short words for --weight -> name of the formula; the parameters count, the numbering differs between authors.
WEIGHTS = {
    "hadlock4": "Hadlock 1985 (BPD, HC, AC, FL)",
    "hadlock-hc-ac-fl": "Hadlock 1985 (HC, AC, FL)",
    "hadlock-bpd-ac-fl": "Hadlock 1985 (BPD, AC, FL)",
    "hadlock-ac-fl": "Hadlock 1985 (AC, FL)",
    "intergrowth": "INTERGROWTH-21st 2017 (AC, HC)",
}
_SEX = {"female": "girl", "male": "boy", None: ""}


def checked(values: Values) -> Values:
    """The options with ``scale``, ``options`` (MeasureOptions) and ``examination`` (ExaminationOptions) added.

    Raises:
        BadInput: a value that no picture could be measured with, or a file that cannot be read.
    """
    from DeepMedLib.errors import BadInput
    from FetalBiometryLib.examination.options import ExaminationOptions, known_age
    from FetalBiometryLib.growth.choice import choose_charts
    from FetalBiometryLib.growth.dating import FORMULAS, HADLOCK_1984
    from FetalBiometryLib.growth.visits import read_visits
    from FetalBiometryLib.picture.ultrasound import typed_scale
    from FetalBiometryLib.planes.options import MeasureOptions

    spacing, mm_per_mark, ga_weeks, crl_mm = (values[name] for name in ("spacing", "accept_ruler", "ga_weeks", "crl"))
    if spacing is not None and mm_per_mark is not None:
        raise BadInput("A pixel size and a ruler are given.", "Give either --spacing or --accept-ruler, not both.")
    if ga_weeks is not None and crl_mm is not None:
        raise BadInput("An age and a CRL are given.", "Give either --ga-weeks or --crl, not both.")
    if mm_per_mark is not None and not 0.5 <= mm_per_mark <= 100:
        raise BadInput(
            f"A ruler mark of {mm_per_mark:g} mm is not possible.", "Give the mm from mark to mark, e.g. 5 or 10."
        )
    if ga_weeks is not None and not 4 <= ga_weeks <= 43:
        raise BadInput(f"A gestational age of {ga_weeks:g} weeks is not possible.", "Give 4 to 43 weeks.")
    if crl_mm is not None and not 2 <= crl_mm <= 120:
        raise BadInput(f"A crown-rump length of {crl_mm:g} mm is not possible.", "Give 2 to 120 mm.")
    dating = values["dating"]
    if dating is not None and dating not in FORMULAS:
        raise BadInput(f"There is no dating formula {dating}.", f"Choose one of: {', '.join(FORMULAS)}.")
    given: dict[str, Any] = {"sex": _SEX[values["sex"]], "bpd_convention": values["bpd"]}
    if values["standard"] is not None:
        _check_standard(values["standard"])
        given["standard"] = values["standard"]
    table: Path | None = values["growth_table"]
    examination = ExaminationOptions(
        ga_weeks=ga_weeks,
        crl_mm=crl_mm,
        dating=dating or HADLOCK_1984,
        weight_formula=_weight_formula(values["weight"]),
        growth_table="" if table is None else str(table),
        growth_group=values["growth_group"] or "",
        examined=values["examined"] or "",
        visits=() if values["visits"] is None else read_visits(values["visits"]),
        **given,
    )
    if table is not None:  # an unreadable table is told before anything is measured
        choose_charts(examination.standard, None, table=examination.growth_table, group=examination.growth_group)
    age = known_age(examination)
    options = MeasureOptions(
        ga_weeks=None if age is None else age.weeks,
        weight=examination.weight_formula,
        ctr=values["ctr"],
        fetal_left=values["fetal_left"],
        **given,
    )
    if spacing is not None:
        typed_scale(spacing)  # an impossible one is told before anything is measured
    return {**values, "options": options, "examination": examination}


def scale_of(logic: Any, volume: Any, values: Values) -> Any:
    """The scale that the command line gives a loaded picture; None where the file shall say it.

    Raises:
        BadInput: a ruler was to be read, and none was found.
    """
    from DeepMedLib.errors import BadInput
    from FetalBiometryLib.picture.ultrasound import typed_scale

    if values["accept_ruler"] is None:
        spacing = values["spacing"]
        return None if spacing is None else typed_scale(spacing, _aspect_of(volume))
    proposal = logic.proposeRuler(volume)
    if proposal is None:
        raise BadInput("No depth ruler was found in the picture.", "Give the pixel size with --spacing MM.")
    return proposal.with_mm_per_tick(values["accept_ruler"]).scale(True, _aspect_of(volume))


def _aspect_of(volume: Any) -> float:
    """Height of a pixel over its width: --spacing gives its width."""
    from DeepMedLib.mrml.inputs.pictureNodes import pictureOf
    from FetalBiometryLib.picture.ultrasound import ULTRASOUND

    return pictureOf(volume, ULTRASOUND).aspect


def _check_standard(name: str) -> None:
    from DeepMedLib.errors import BadInput
    from FetalBiometryLib.growth import standards

    known = [item for item in standards.standard_names() if {"HC", "BPD"} <= set(standards.standard(item).ranges)]
    if name not in known:
        raise BadInput(
            f"There is no growth standard of the head called '{name}'.",
            f"Choose {' or '.join(known)}, or give a table with --growth-table.",
        )


def _weight_formula(word: str | None) -> str:
    from DeepMedLib.errors import BadInput
    from FetalBiometryLib.growth.weight import NAMES

    if word is None:
        return ""
    name = WEIGHTS.get(word.lower(), word)
    if name not in NAMES:
        raise BadInput(f"There is no weight formula '{word}'.", f"Choose one of: {', '.join(WEIGHTS)}.")
    return name
