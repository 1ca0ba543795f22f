"""The fetal head: HC as an ellipse at the outer border of the skull, BPD and OFD its axes, when to abstain."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.evidence.echo import inside_share, skull_echo
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.framing import Frame
from FetalBiometryLib.planes.limits import Limits, reason_to_abstain
from FetalBiometryLib.planes.region import fit_region

#: The lengths of a head, each with its own calibration, and the attribute of the looks' ellipses that spreads.
LENGTHS = {"HC": "perimeter", "BPD": "b", "OFD": "a"}


def measure_head(
    picture: np.ndarray,
    mean: np.ndarray,
    each: np.ndarray,
    structures: Mapping[str, np.ndarray],
    frame: Frame,
    limits: Mapping[str, Limits],
) -> Finding:
    """Judge what the looks saw.

    Args:
        picture: (H, W) uint8.
        mean, each: probability of the head on the canvas, mean (h, w) and single looks (n, h, w).
        structures: (H, W) probabilities of "csp" and "ventricle" on the picture's pixels.
        frame: the canvas frame of the picture.
        limits: of each of `LENGTHS`; they differ in scale and floor only.
    """
    fit = fit_region(mean, each, frame)
    if fit is None:
        return Finding.nothing("head", "No fetal head was found in the picture.", {"looks": 0.0})
    ellipse = fit.ellipse
    spread = {name: fit.spread(attribute) for name, attribute in LENGTHS.items()}
    details = fit.cues() | {"spread_bpd": spread["BPD"], "spread_ofd": spread["OFD"]}
    details |= picture_cues(picture, structures, ellipse)
    details["quality_score"] = quality_score(details)
    reason = reason_to_abstain("head", details, limits["HC"])
    return Finding(
        plane="head",
        ellipses={"HC": ellipse},
        lines={},
        relative_sd={name: limits[name].relative_sd(spread[name], details["residual"]) for name in LENGTHS},
        absolute_sd={},
        quality=sentences(details),
        abstained=bool(reason),
        reason=reason,
        details=details,
    )


def picture_cues(picture: np.ndarray, structures: Mapping[str, np.ndarray], ellipse: Ellipse) -> dict[str, float]:
    """What a sonographer checks before trusting a head.

    Returns:
        ``inside``: share of the outline on the insonated part of the picture; ``skull``: share with a bright bone
        echo; ``csp``, ``ventricle``: 1 where the structure was found inside the head; ``tilt``: angle of the long axis
        against the picture's horizontal, -90..90 degrees.
    """
    inside_head = ellipse.mask(*picture.shape) > 0
    area = max(1.0, float(inside_head.sum()))
    found = {name: float(((p > 0.5) & inside_head).sum() / area > 0.002) for name, p in structures.items()}
    return {
        "inside": inside_share(picture, ellipse.points(180)),
        "skull": float(skull_echo(picture, ellipse).mean()),
        "csp": found["csp"],
        "ventricle": found["ventricle"],
        "tilt": ellipse.angle if ellipse.angle <= 90 else ellipse.angle - 180,
    }


def quality_score(details: Mapping[str, float]) -> float:
    """Mean of: outline inside the picture, skull seen, cavum septi pellucidi seen, closeness to an ellipse."""
    close = max(0.0, 1 - details["residual"] / 0.03)
    return float(np.mean([details["inside"], details["skull"], details["csp"], close]))


def sentences(details: Mapping[str, float]) -> tuple[str, ...]:
    """What a person should look at, worst news first."""
    good, bad = [], []
    inside, skull, residual = details["inside"], details["skull"], details["residual"]
    if inside >= 0.985:
        good.append("The whole head lies inside the picture.")
    else:
        bad.append(f"About {100 * (1 - inside):.0f} % of the outline lies outside the insonated picture.")
    if skull >= 0.75:
        good.append(f"The skull is closed ({100 * skull:.0f} % of the outline carries a bone echo).")
    elif skull >= 0.5:
        good.append(f"The skull is interrupted ({100 * skull:.0f} % of the outline carries a bone echo).")
    else:
        bad.append(f"Little of the skull is seen ({100 * skull:.0f} % of the outline carries a bone echo).")
    (good if details["csp"] else bad).append(
        "Cavum septi pellucidi seen." if details["csp"] else "Cavum septi pellucidi not seen: check the plane."
    )
    good.append("Lateral ventricle seen." if details["ventricle"] else "Lateral ventricle not seen.")
    tilt = abs(details["tilt"])
    good.append(
        f"The long axis is {tilt:.0f}\u00b0 from horizontal"
        + (": the midline meets the beam at a right angle." if tilt < 30 else ": lateral skull may be blurred.")
    )
    if residual < 0.012:
        good.append(f"The border follows an ellipse closely (RMS {100 * residual:.1f} % of the radius).")
    elif residual < 0.03:
        good.append(f"The border departs a little from an ellipse (RMS {100 * residual:.1f} % of the radius).")
    else:
        bad.append(f"The border is not an ellipse (RMS {100 * residual:.1f} % of the radius).")
    return tuple(bad + good)
