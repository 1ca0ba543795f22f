"""The four-chamber view: heart and thorax as ellipses, midline, cardiac axis, when to abstain (numpy and scipy only).

The thorax border here is the outer border of ribs, lungs and spine (not the skin). Angles hold for square pixels only.
"""

from __future__ import annotations

import numpy as np

from FetalBiometryLib.planes.abdomen import chord
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.evidence.echo import inside_share
from FetalBiometryLib.planes.findings import Finding, Line, line_of
from FetalBiometryLib.planes.framing import Frame
from FetalBiometryLib.planes.limits import Limits, first_reason, reason_to_abstain
from FetalBiometryLib.planes.region import RegionFit, bright_spot, fit_region, picture_bounds

#: Heart / thorax area that four-chamber views can show with this thorax border.
AREA_RATIO = (0.08, 0.55)
#: All 53 four-chamber views (FETAL_PLANES, FOCUS) that were measured showed a spine and at least 0.83 of the heart.
LEAST_HEART_IN_THORAX = 0.75
_AXIS_FLOOR_DEG = 6.0  # an ellipse's long axis is not the septum


def measure_thorax(
    picture: np.ndarray,
    heart: tuple[np.ndarray, np.ndarray],
    thorax: tuple[np.ndarray, np.ndarray],
    spine: np.ndarray,
    frame: Frame,
    limits: dict[str, Limits],
) -> Finding:
    """Judge what the looks saw.

    Args:
        picture: (H, W) uint8.
        heart, thorax: probabilities on the canvas, mean (h, w) and single looks (n, h, w).
        spine: (h, w) probability of the spine.
        frame: the canvas frame of the picture.
        limits: of "heart" and "thorax".
    """
    bounds = picture_bounds(frame)
    hearts, chest = fit_region(*heart, frame, bounds), fit_region(*thorax, frame, bounds)
    if hearts is None or chest is None:
        missing = "heart" if hearts is None else "thorax"
        other = chest if hearts is None else hearts
        finding = Finding.nothing("thorax", f"No fetal {missing} was found in the picture.")
        if other is not None:
            finding.ellipses["Thorax" if hearts is None else "Heart"] = other.ellipse
        return finding
    inside = {
        name: inside_share(picture, fit.ellipse.points(180)) for name, fit in (("heart", hearts), ("thorax", chest))
    }
    ratio = hearts.ellipse.area / chest.ellipse.area
    details = hearts.cues("heart_") | chest.cues("thorax_")
    details |= {"heart_inside": inside["heart"], "thorax_inside": inside["thorax"], "area_ratio": ratio}
    lines, axis_sd = axes(hearts, chest, spine, frame)
    details["spine"] = float("Midline" in lines)
    details["heart_in_thorax"] = float((chest.ellipse.radial_distance(hearts.ellipse.points(180)) < 0).mean())
    reason = thorax_reason(details, limits)
    return Finding(
        plane="thorax",
        ellipses={"Heart": hearts.ellipse, "Thorax": chest.ellipse},
        lines=lines,
        relative_sd=_relative_sd(hearts, limits["heart"], "Heart") | _relative_sd(chest, limits["thorax"], "Thorax"),
        absolute_sd={"CardiacAxis": axis_sd} if "Midline" in lines else {},
        quality=sentences(details),
        abstained=bool(reason),
        reason=reason,
        details=details,
    )


def thorax_reason(details: dict[str, float], limits: dict[str, Limits]) -> str:
    """Why heart and thorax must not be trusted, as a sentence; empty when they may."""
    low, high = AREA_RATIO
    ratio = details["area_ratio"]
    odd = "" if low <= ratio <= high else f"Heart / thorax area {ratio:.2f} is outside {low:.2f} to {high:.2f}."
    regions = [reason_to_abstain(name, details, limits[name], f"{name}_") for name in ("heart", "thorax")]
    return first_reason([*regions, odd, contradiction(details)])


def contradiction(details: dict[str, float]) -> str:
    """What cannot be of a four-chamber view, as a sentence; empty when all of it can."""
    if details["heart_in_thorax"] < LEAST_HEART_IN_THORAX:
        share = 100 * details["heart_in_thorax"]
        return f"Only {share:.0f} % of the heart's outline lies inside the thorax: this is no four-chamber view."
    if not details["spine"]:
        return "No spine was found at the border of the thorax: this may be no four-chamber view."
    return ""


def _relative_sd(fit: RegionFit, limits: Limits, name: str) -> dict[str, float]:
    circumference = limits.relative_sd(fit.spread(), fit.shape.residual)
    area = 2 * limits.relative_sd(0.5 * fit.spread("area"), fit.shape.residual)  # an area is a length squared
    return {f"{name}Circumference": circumference, f"{name}Area": area}


def axes(hearts: RegionFit, chest: RegionFit, spine: np.ndarray, frame: Frame) -> tuple[dict[str, Line], float]:
    """Long axis of the heart, midline from the spine through the thorax, and the angle's uncertainty in degrees."""
    body = chest.shape.ellipse
    around = Ellipse.make(body.cx, body.cy, 1.15 * body.a, 1.15 * body.b, body.angle)
    long, _ = hearts.ellipse.axis_ends()
    lines = {"CardiacAxis": line_of(long)}
    spot = bright_spot(spine, around.mask(*spine.shape) > 0)
    if spot is None:
        return lines, 0.0
    offset = spot - [body.cx, body.cy]
    if np.linalg.norm(offset) < 0.45 * np.sqrt(body.a * body.b):
        return lines, 0.0
    lines["Midline"] = chord(chest.ellipse, offset)
    # Doubled angles: a long axis has no sign.
    turns = np.exp(2j * np.deg2rad([e.angle for e in hearts.each]))
    resultant = float(np.clip(np.abs(turns.mean()), 1e-6, 1.0))
    spread = 0.5 * float(np.rad2deg(np.sqrt(-2 * np.log(resultant))))
    # A round heart has no clear long axis.
    roundness = hearts.ellipse.b / hearts.ellipse.a
    return lines, float(np.hypot(_AXIS_FLOOR_DEG / max(0.1, 1 - roundness**4), spread))


def sentences(details: dict[str, float]) -> tuple[str, ...]:
    """What a person should look at, worst news first."""
    good, bad = [], []
    if details["thorax_inside"] < 0.985:
        share = 100 * (1 - details["thorax_inside"])
        bad.append(f"About {share:.0f} % of the thorax outline lies outside the insonated picture.")
    else:
        good.append("The whole thorax lies inside the picture.")
    if details["spine"]:
        good.append("Spine found: the midline runs from it through the middle of the thorax.")
    else:
        bad.append("Spine not found: no midline and no cardiac axis.")
    bad.append("Left and right cannot be told from a picture: the cardiac axis is given without its side.")
    good.append("The thorax border is that of ribs, lungs and spine, not the skin.")
    return tuple(bad + good)
