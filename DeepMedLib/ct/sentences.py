"""Plain sentences about what a scan covers."""

from __future__ import annotations

from collections.abc import Sequence

from DeepMedLib.ct.coverage import SIDES, OrganVerdict


def coverage_sentences(verdicts: Sequence[OrganVerdict]) -> list[str]:
    """Sentences for the user, the cut organs first.

    For example: "The scan ends superiorly in the liver and the spleen: their volumes are lower bounds.",
    "The left femur is cut at the inferior and left sides of the scan: its volume is a lower bound.",
    "Not on the scan: gallbladder."
    """
    sentences = []
    once: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.state == "cut" and len(verdict.sides) == 1:
            once.setdefault(verdict.sides[0], []).append(verdict.name)
    for side in SIDES:
        names = once.get(side)
        if not names:
            continue
        bound = "its volume is a lower bound" if len(names) == 1 else "their volumes are lower bounds"
        if side in ("superior", "inferior"):
            sentences.append(f"The scan ends {side}ly in {joined([f'the {name}' for name in names])}: {bound}.")
        else:
            verb = "is" if len(names) == 1 else "are"
            listed = joined([f"the {name}" for name in names])
            sentences.append(f"{listed[0].upper()}{listed[1:]} {verb} cut at the {side} side of the scan: {bound}.")
    for verdict in verdicts:
        if verdict.state == "cut" and len(verdict.sides) > 1:
            sentences.append(
                f"The {verdict.name} is cut at the {joined(list(verdict.sides))} sides of the scan: "
                "its volume is a lower bound."
            )
    padded = sorted({side for verdict in verdicts for side in verdict.padded}, key=SIDES.index)
    if padded:
        where = joined([f"{side} end" for side in padded])
        sentences.append(f"At the {where} the scan was filled up with constant slices; the cuts are before them.")
    absent = [verdict.name for verdict in verdicts if verdict.state == "absent"]
    if absent:
        sentences.append(f"Not on the scan: {joined(absent)}.")
    complete = [verdict.name for verdict in verdicts if verdict.state == "complete"]
    if complete:
        sentences.append(f"Complete: {joined(complete)}.")
    return sentences


def joined(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
