"""The model cards of both networks."""

from __future__ import annotations

from typing import Any

_USE = "Research only. Not a medical device. A scan without marks is no proof that there is no nodule.\n"


def candidates_card(found: dict[str, Any]) -> str:
    """Of the candidates' stream."""
    aside, scans = found["aside"], found["scans"]
    lines = [
        "# Nodule candidates\n",
        "One residual network that every view of a candidate passes; the views' logits are averaged (late fusion with "
        "shared streams, after Setio et al., IEEE TMI 35(5):1160, 2016).\n",
        "## Trained on\n",
        f"{found['trained_on']} candidate patches of LUNA16 (axial, 50 pixels, 8 bit, once JPEG), and nothing else. The "
        "patches carry no patient: twenty blocks of neighboring rows were dealt to five folds; one fold (four blocks) "
        f"is kept aside, and rows within {found['gap_rows']} of it trained nothing.\n",
        "## Candidate patches kept aside\n",
        f"{aside['patches']} patches, {aside['nodules']} of nodules; 95 % intervals by drawing stretches of 40 "
        "neighboring patches anew. The negatives are random, easy candidates: no false positives per scan follow.\n",
        "| classifier | AUC | sensitivity at specificity 0.90 | 0.95 | 0.99 |",
        "|---|---|---|---|---|",
        _patch_row("this stream, axial, eight turns averaged", aside),
    ]
    if "hog_svm" in found:
        lines.append(_patch_row("HOG and support vector machine, same split", found["hog_svm"]))
    lines.append("")
    if "planted" in scans:
        lines += _scans(scans)
    lines += [
        "## Limits\n",
        "- It learned axial views; of other planes it knows what turns and scales of axial views taught it.",
        "- LIDC-IDRI-0001 may be among the patients of LUNA16: whether its candidates are among the patches cannot be "
        "told.",
        "- It was not judged on other scanners than LIDC's and not on children.",
        "\n## Use\n",
        _USE,
    ]
    return "\n".join(lines)


def _patch_row(name: str, figures: dict[str, Any]) -> str:
    cells = [_with(figures, "auc")] + [_with(figures, f"sensitivity_at_{at}") for at in ("0.90", "0.95", "0.99")]
    return f"| {name} | {' | '.join(cells)} |"


def _scans(scans: dict[str, Any]) -> list[str]:
    lines = [
        "## Whole scans with planted nodules\n",
        f"{scans['planted']} nodules of LIDC patients (three readers or more, whole in their box) were blended into "
        f"nodule-free lung of {len(scans['hosts'])} scans ({scans['variants']} variants each), healthy lung in the same "
        f"way; of the planted nodules {100 * scans['candidate_sensitivity']:.0f} % were among the 300 candidates. The "
        "operating points stem from the first scan alone; the last one, LIDC-IDRI-0001, judges. One scan cannot "
        "support a FROC of the clinic, and these nodules may be known to the stream, which learned from LUNA16.\n",
        "| planes | nodules | sensitivity at 1 false mark per scan | at 4 | mean of seven rates (95 %) |",
        "|---|---|---|---|---|",
    ]
    for way in scans["thresholds_by_way"]:
        test = scans[way]["test"]
        low, high = test["mean_95"]
        told = f"{test['sensitivity']['1']:.2f} | {test['sensitivity']['4']:.2f} | {test['mean']:.2f} ({low:.2f} to {high:.2f})"
        lines.append(f"| {way} | {test['nodules']} | {told} |")
    lines.append(f"\nUsed: {scans['chosen']}, the best on the first scan.\n")
    return lines


def nodules_card(found: dict[str, Any], calibration: dict[str, Any]) -> str:
    """Of the outlining network."""
    outlines, malignancy, kind = found["outlines"], found["malignancy"], found["type"]
    recalls = ", ".join(f"{name} {a} of {n}" for name, (a, n) in kind["recall"].items())
    lines = [
        "# Nodules\n",
        "A U-Net on five neighboring slices of 0.6 mm pixels that outlines the nodule at a mark; heads repeat four scores "
        "that LIDC's readers gave. The scores are opinions, not pathology: no probability of cancer follows.\n",
        "## Trained on\n",
        "Boxes with consensus outlines (788 nodules) and single slices (2,125 nodules) of LIDC-IDRI, without the patients "
        "of one fold of five, which judge it. One network, one split; no folds were averaged.\n",
        f"## Patients kept aside: {outlines['nodules']} boxes\n",
        "| figure | value (95 % over patients) |",
        "|---|---|",
        f"| Dice against the consensus | {_with(outlines, 'dice')} |",
        f"| mean diameter, median absolute error | {_with(outlines, 'diameter_error_mm')} mm |",
        f"| mean diameter, mean error | {_with(outlines, 'diameter_bias_mm')} mm |",
        f"| volume within 25 % of the consensus, from 6 mm on | {_with(outlines, 'volume_within_25')} |",
        f"| volume over that of the consensus, median, from 6 mm on | {_with(outlines, 'volume_ratio')} |",
        "",
        "The boxes' slices end at the nodule in more than half of the cases, so that the extent along the body is judged "
        "more kindly than on a whole scan.\n",
        "## Readers' opinion, single slices kept aside\n",
        f"Three readers or more, mean suspicion below 2.5 ({malignancy['benign']}) against above 3.5 "
        f"({malignancy['suspicious']}).\n",
        "| score | AUC (95 % over patients) |",
        "|---|---|",
        f"| network | {_with(malignancy, 'auc')} |",
        f"| diameter that it outlines, alone | {_with(malignancy, 'auc_of_size')} |",
        f"| difference, paired | {_with(malignancy, 'auc_above_size')} |",
        "",
        f"Type ({kind['nodules']} nodules): balanced accuracy {_with(kind, 'balanced_accuracy')}; recalls: {recalls}.\n",
        "## Uncertainty\n",
        f"Beside what slices and pixels let be known, {calibration['diameter_sd_mm']:.2f} mm of the mean diameter and "
        f"{100 * calibration['volume_sd_share']:.0f} % of the volume, with which 95 % intervals hold 95 % of the errors on "
        "these patients. They were fixed on the same patients that the figures above are of.\n",
        "## Use\n",
        _USE,
    ]
    return "\n".join(lines)


def _with(figures: dict[str, Any], name: str) -> str:
    low, high = figures[f"{name}_95"]
    return f"{figures[name]:.3f} ({low:.3f} to {high:.3f})"
