"""The model card, written from measured figures only."""

from __future__ import annotations

from typing import Any


def _row(name: str, figures: dict[str, Any]) -> str:
    return (
        f"| {name} | {figures['mae_mm']:.2f} | {figures['bias_mm']:+.2f} | {figures['median_mm']:.2f} "
        f"| {figures['p95_mm']:.2f} | {100 * figures['coverage95']:.0f} % |"
    )


def card(figures: dict[str, Any], calibration: dict[str, Any]) -> str:
    """Markdown of the model card."""
    test, none = figures["hc18_test"], figures["no_head"]
    structures = figures["head_structures_test"]
    trimesters = "\n".join(
        f"| {name} | {test[name]['pictures']} | {test[name]['hc_mae_mm']:.2f} | {test[name]['dice']:.4f} |"
        for name in ("first", "second", "third")
        if name in test
    )
    worst = "\n".join(
        f"| {w['image']} | {w['hc_mm']:.1f} | {w['hc_error_mm']:+.2f} | {w['dice']:.3f} |"
        for w in figures["worst_hc18_test"]
    )
    return f"""# Fetal head: model card

**What it does.** Outlines the outer border of the fetal skull in a 2D ultrasound still as an ellipse and marks the
cavum septi pellucidi and a lateral ventricle. BPD, OFD, HC and the cephalic index follow from the ellipse.

**Intended use.** Research. Not a medical device, not for clinical decisions. Every result is a proposal that a person
checks and can drag into place.

**Network.** MONAI residual U-Net, 2D, 3.2 million parameters (weights stored in fp16), canvas 384 x 256 pixels, six looks
at each picture (mirrored, turned, zoomed). The mean ellipse is reported; the spread of the looks and the fit give the
uncertainty after calibration.

## Data
| set | used for | licence |
|---|---|---|
| HC18 (van den Heuvel 2018, doi:10.5281/zenodo.1327317): 560 pictures trained on, 46 to watch the training, 103 to calibrate, {test["pictures"]} to judge; split by examination number | outer skull ellipse | CC BY 4.0 |
| FETAL_PLANES_DB heads (doi:10.5281/zenodo.3904280) with published masks: 396 trained on, 65 to judge; split by patient | brain region, CSP, ventricle | pictures CC BY 4.0, licence of the masks unclear |
| FETAL_PLANES_DB and FOCUS pictures of other planes: 82 trained on | what is not a head | CC BY 4.0 |
| 50 generated phantoms (3 % of the training pictures, seeds from 1 000 000) | robustness | ours |

HC18 comes from fewer women than examination numbers: the split is disjoint by examination, not proven disjoint by woman.

## Measured
On {test["pictures"]} HC18 pictures never trained on, selected on or calibrated on; {test["abstained"]} abstained, figures over the rest.
Truth: the ellipse one observer drew, so the observer's own error is part of every figure.

| | mean absolute error, mm | bias, mm | median, mm | 95th percentile, mm | 95 % interval covers |
|---|---|---|---|---|---|
{_row("HC", test["HC"])}
{_row("BPD (outer-outer)", test["BPD"])}
{_row("OFD", test["OFD"])}

Dice of the head: {test["dice"]:.4f}. Baseline for comparison: a plain U-Net of 1.2 M parameters trained for 8 minutes reached 2.5 mm and 0.966 on HC18.

| trimester (by HC: below 97.9 mm, below 260.4 mm, above) | pictures | HC error, mm | Dice |
|---|---|---|---|
{trimesters}

Structures on FETAL_PLANES heads of patients not trained on (Dice where labelled): brain region {structures["brain"]["dice"]:.3f} ({structures["brain"]["pictures"]} pictures),
CSP {structures["csp"]["dice"]:.3f} ({structures["csp"]["pictures"]}), ventricle {structures["ventricle"]["dice"]:.3f} ({structures["ventricle"]["pictures"]}). The published CSP and ventricle masks are quadrilateral boxes, not outlines.

Pictures without a head (patients not trained on): {len(none["answered"])} of {none["pictures"]} were answered with a head instead of abstaining
({", ".join(none["answered"]) or "none"}); noise pictures: {len(none["noise_answered"])} of {none["noise_pictures"]}.

## Largest errors in that check
| picture | HC, mm | error, mm | Dice |
|---|---|---|---|
{worst}

## Uncertainty and abstention
Relative standard uncertainty = scale x sqrt(floor^2 + spread^2 + (gain x residual)^2), fixed on the calibration split so that
the 95 % interval covers 95 % there. It holds for pictures like HC18's; another machine or operator may be worse.
The module abstains when fewer than {calibration["min_looks"]} of 6 looks find a head, their circumferences spread by more than
{100 * calibration["max_spread"]:.1f} %, the border departs from an ellipse by more than {100 * calibration["max_residual"]:.1f} % RMS, the network's certainty is
below {calibration["min_certainty"]:.2f}, less than {100 * calibration["min_inside"]:.0f} % of the outline lies inside the insonated picture, or BPD/OFD is outside
{calibration["shape_range"][0]:.2f} to {calibration["shape_range"][1]:.2f}.

## Known limits
One hospital (HC18) and one other source (FETAL_PLANES_DB, Spain); no check against a known gestational age; no growth-restricted
or malformed heads known to be in the set; colour Doppler pictures are refused; pictures with burned-in calipers may pull the border.
"""
