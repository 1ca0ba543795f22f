"""How all pictures of one `deepmed fetal` call are measured, from the words of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class FetalSettings:
    """Checked settings.

    Attributes:
        device: "auto", "cpu" or "cuda".
        plane: "auto" or a plane's name.
        scale: pixel size given by the user; None asks the file.
        mm_per_mark: worth of a ruler mark that the user confirmed.
        frame: index from 0; None for files of one frame.
        options: MeasureOptions of the module.
        examination: ExaminationOptions of the module.
    """

    device: str
    plane: str
    scale: Any
    mm_per_mark: float | None
    frame: int | None
    options: Any
    examination: Any

    @classmethod
    def checked(
        cls,
        device: str = "auto",
        spacing: float | None = None,
        mm_per_mark: float | None = None,
        frame: int | None = None,
        bpd_convention: str | None = None,
        ga_weeks: float | None = None,
        standard: str | None = None,
        *,
        plane: str = "auto",
        ctr: str | None = None,
        fetal_left: str | None = None,
        weight: str | None = None,
        sex: str | None = None,
        dating: str | None = None,
        crl_mm: float | None = None,
        visits: Path | None = None,
        growth_table: Path | None = None,
        growth_group: str | None = None,
        examined: str | None = None,
    ) -> FetalSettings:
        """Settings from the command line; ``frame`` counts from 1 there.

        Raises:
            BadInput: a value that no picture could be measured with, or a file that cannot be read.
        """
        from DeepMedLib.errors import BadInput
        from FetalBiometryLib.examination.options import ExaminationOptions, known_age
        from FetalBiometryLib.growth.choice import choose_charts
        from FetalBiometryLib.growth.dating import FORMULAS, HADLOCK_1984
        from FetalBiometryLib.growth.visits import read_visits
        from FetalBiometryLib.picture.scale import typed_scale
        from FetalBiometryLib.planes.options import MeasureOptions

        scale = typed_scale(spacing) if spacing is not None else None
        if mm_per_mark is not None and not 0.5 <= mm_per_mark <= 100:
            raise BadInput(
                f"A ruler mark of {mm_per_mark:g} mm is not possible.", "Give the mm from mark to mark, e.g. 5 or 10."
            )
        # NaN fails this too.
        if ga_weeks is not None and not 4 <= ga_weeks <= 43:
            raise BadInput(f"A gestational age of {ga_weeks:g} weeks is not possible.", "Give 4 to 43 weeks.")
        if crl_mm is not None and not 2 <= crl_mm <= 120:
            raise BadInput(f"A crown-rump length of {crl_mm:g} mm is not possible.", "Give 2 to 120 mm.")
        if dating is not None and dating not in FORMULAS:
            raise BadInput(f"There is no dating formula {dating}.", f"Choose one of: {', '.join(FORMULAS)}.")
        if standard is not None:
            _check_standard(standard)
        given: dict[str, Any] = {"standard": standard, "sex": sex, "bpd_convention": bpd_convention}
        given = {name: value for name, value in given.items() if value is not None}
        examination = ExaminationOptions(
            ga_weeks=ga_weeks,
            crl_mm=crl_mm,
            dating=dating or HADLOCK_1984,
            weight_formula=_weight_formula(weight),
            growth_table="" if growth_table is None else str(growth_table),
            growth_group=growth_group or "",
            examined=examined or "",
            visits=() if visits is None else read_visits(visits),
            **given,
        )
        if growth_table is not None:  # an unreadable table is told before anything is measured
            choose_charts(examination.standard, None, table=examination.growth_table, group=examination.growth_group)
        age = known_age(examination)
        more: dict[str, Any] = {"ctr": ctr, "fetal_left": fetal_left}
        options = MeasureOptions(
            ga_weeks=None if age is None else age.weeks,
            weight=examination.weight_formula,
            **given,
            **{name: value for name, value in more.items() if value is not None},
        )
        index = None if frame is None else frame - 1
        return cls(device, plane, scale, mm_per_mark, index, options, examination)


def _check_standard(name: str) -> None:
    from DeepMedLib.errors import BadInput
    from FetalBiometryLib.growth import standards

    known = [item for item in standards.standard_names() if {"HC", "BPD"} <= set(standards.standard(item).ranges)]
    if name not in known:
        raise BadInput(
            f"There is no growth standard of the head called '{name}'.",
            f"Choose {' or '.join(known)}, or give a table with --growth-table.",
        )


#: Short words for --weight -> name of the formula; the parameters count, the numbering differs between authors.
WEIGHTS = {
    "hadlock4": "Hadlock 1985 (BPD, HC, AC, FL)",
    "hadlock-hc-ac-fl": "Hadlock 1985 (HC, AC, FL)",
    "hadlock-bpd-ac-fl": "Hadlock 1985 (BPD, AC, FL)",
    "hadlock-ac-fl": "Hadlock 1985 (AC, FL)",
    "intergrowth": "INTERGROWTH-21st 2017 (AC, HC)",
}


def _weight_formula(word: str | None) -> str:
    from DeepMedLib.errors import BadInput
    from FetalBiometryLib.growth.weight import NAMES

    if word is None:
        return ""
    name = WEIGHTS.get(word.lower(), word)
    if name not in NAMES:
        raise BadInput(f"There is no weight formula '{word}'.", f"Choose one of: {', '.join(WEIGHTS)}.")
    return name
