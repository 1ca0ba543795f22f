"""The fetal abdomen: AC as an ellipse at the outer skin, TAD and APAD, uncertainty, when to abstain."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.evidence.echo import inside_share
from FetalBiometryLib.planes.evidence.skin import skin_fit
from FetalBiometryLib.planes.findings import Finding, Line, line_of
from FetalBiometryLib.planes.framing import Frame
from FetalBiometryLib.planes.limits import Limits, first_reason, reason_to_abstain
from FetalBiometryLib.planes.region import bright_spot, fit_region, picture_bounds

#: Largest median distance of the skin from the outline, as a share of the radius, at which the outline is believed.
MAX_SKIN_OFFSET = 0.07


def chord(ellipse: Ellipse, direction: np.ndarray) -> Line:
    """The chord through the ellipse's centre along ``direction`` (2,); starts on the side it points to."""
    d = np.asarray(direction, float) / np.linalg.norm(direction)
    u = ellipse.direction()
    half = 1 / np.hypot((d @ u) / ellipse.a, (d @ np.array([-u[1], u[0]])) / ellipse.b)
    centre = np.array([ellipse.cx, ellipse.cy])
    return line_of((centre + half * d, centre - half * d))


def length_of(line: Line) -> float:
    """Length of a line in its own unit."""
    (x1, y1), (x2, y2) = line
    return float(np.hypot(x2 - x1, y2 - y1))


def measure_abdomen(
    picture: np.ndarray,
    mean: np.ndarray,
    each: np.ndarray,
    spine: np.ndarray,
    frame: Frame,
    limits: Limits,
) -> Finding:
    """Judge what the looks saw.

    Args:
        picture: (H, W) uint8.
        mean, each: probability of the abdomen on the canvas, mean (h, w) and single looks (n, h, w).
        spine: (h, w) probability of the spine.
        frame: the canvas frame of the picture.
        limits: uncertainty and abstention.
    """
    fit = fit_region(mean, each, frame, picture_bounds(frame))
    if fit is None:
        return Finding.nothing("abdomen", "No fetal abdomen was found in the picture.")
    ellipse = fit.ellipse
    inside = inside_share(picture, ellipse.points(180))
    back = spine_direction(spine, fit.shape.ellipse)
    lines = axis_lines(ellipse, back)
    skin = skin_fit(picture, ellipse)
    details = fit.cues() | {"inside": inside, "spine": float(back is not None)}
    details |= {"skin": skin.along, "skin_offset": skin.offset, "skin_signed": skin.signed}
    # An outline beside the skin is as uncertain as it lies beside it.
    sd = limits.relative_sd(float(np.hypot(fit.spread(), skin.offset)), fit.shape.residual)
    # A diameter spreads more than the circumference, which averages over all directions.
    wider = float(np.hypot(max(fit.spread("a"), fit.spread("b")), skin.offset))
    diameter = limits.relative_sd(wider, fit.shape.residual)
    reason = abdomen_reason(details, limits)
    return Finding(
        plane="abdomen",
        ellipses={"AC": ellipse},
        lines=lines,
        relative_sd={"AC": sd, "TAD": max(sd, diameter), "APAD": max(sd, diameter)},
        absolute_sd={},
        quality=sentences(details),
        abstained=bool(reason),
        reason=reason,
        details=details,
    )


def abdomen_reason(details: Mapping[str, float], limits: Limits) -> str:
    """Why the outline must not be trusted, as a sentence; empty when it may."""
    return first_reason([reason_to_abstain("abdomen", details, limits), off_the_skin(details)])


def off_the_skin(details: Mapping[str, float]) -> str:
    """That the outline does not follow the skin, as a sentence; empty when it does."""
    offset, signed = details["skin_offset"], details["skin_signed"]
    if offset <= MAX_SKIN_OFFSET:
        return ""
    where = "inside" if signed < 0 else "outside"
    if abs(signed) <= 0.5 * offset:
        where = "beside"
    return f"The skin seems to run {100 * offset:.0f} % of the radius {where} the outline."


def spine_direction(spine: np.ndarray, ellipse: Ellipse) -> np.ndarray | None:
    """Unit vector (2,) from the abdomen's centre to its spine; None when the spine was not found near the border.

    Args:
        spine: (h, w) probability.
        ellipse: the abdomen on the same canvas.
    """
    around = Ellipse.make(ellipse.cx, ellipse.cy, 1.1 * ellipse.a, 1.1 * ellipse.b, ellipse.angle)
    spot = bright_spot(spine, around.mask(*spine.shape) > 0)
    if spot is None:
        return None
    offset = spot - [ellipse.cx, ellipse.cy]
    distance = float(np.linalg.norm(offset)) / np.sqrt(ellipse.a * ellipse.b)
    return offset / np.linalg.norm(offset) if 0.4 <= distance <= 1.1 else None


def axis_lines(ellipse: Ellipse, back: np.ndarray | None) -> dict[str, Line]:
    """TAD and APAD as chords through the centre.

    With a spine, APAD runs along its direction and TAD across it. Without, they are the ellipse's long and short axis,
    and which of them is antero-posterior is not known (AC does not depend on it).
    """
    if back is None:
        long, short = ellipse.axis_ends()
        return {"TAD": line_of(short), "APAD": line_of(long)}
    return {"TAD": chord(ellipse, np.array([-back[1], back[0]])), "APAD": chord(ellipse, back)}


def sentences(details: dict[str, float]) -> tuple[str, ...]:
    """What a person should look at, worst news first."""
    good, bad = [], []
    if details["inside"] >= 0.985:
        good.append("The whole abdomen lies inside the picture.")
    else:
        bad.append(f"About {100 * (1 - details['inside']):.0f} % of the outline lies outside the insonated picture.")
    (good if details["skin"] >= 0.5 else bad).append(
        f"Skin is seen at the outline along {100 * details['skin']:.0f} % of it."
    )
    if details["spine"]:
        good.append("Spine found: APAD runs along its direction.")
    else:
        bad.append("Spine not found: TAD and APAD are the axes of the ellipse, and which is which is not known.")
    bad.append("Stomach and umbilical vein are not checked: make sure that the plane is right.")
    return tuple(bad + good)
