"""Which organs are shown: those whose outlines by the shipped network reached their bar on scans that it never saw."""

from __future__ import annotations

from collections.abc import Sequence

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity, Remark
from PancreasSegLib.calibration import Calibration
from PancreasSegLib.organs import BY_KEY, chosen_organs, is_all


def shown_organs(text: str, calibration: Calibration, unvalidated: bool) -> tuple[tuple[str, ...], tuple[Remark, ...]]:
    """Keys of the organs to outline, and what is said of those that are left out.

    Args:
        text: the user's words, e.g. "all" or "pancreas, kidneys"; "all" leaves out what is not validated.
        calibration: of the shipped network.
        unvalidated: whether all are shown.

    Raises:
        BadInput: an organ that was named is not validated, or none is left.
    """
    organs = chosen_organs(text)
    withheld = [] if unvalidated else [key for key in organs if not calibration.validated(key)]
    shown = tuple(key for key in organs if key not in withheld)
    if withheld and (not is_all(text) or not shown):
        raise BadInput(
            f"No validated model for {_listed(withheld)} is shipped ({_figures(withheld, calibration)}).",
            "Add a bundle of yours that has it, or choose to show unvalidated organs.",
        )
    if not withheld:
        return shown, ()
    told = (
        f"Not shown, for no validated model is shipped: {_figures(withheld, calibration)}. "
        "Add a bundle of yours, or choose to show unvalidated organs."
    )
    return shown, (Remark(told, Gravity.NOTE),)


def _listed(keys: Sequence[str]) -> str:
    return " and ".join(BY_KEY[key].name.lower() for key in keys)


def _figures(keys: Sequence[str], calibration: Calibration) -> str:
    told = [f"{BY_KEY[key].name.lower()} Dice {calibration.alike(key):.2f} of {BY_KEY[key].bar:.2f}" for key in keys]
    return ", ".join(told)
