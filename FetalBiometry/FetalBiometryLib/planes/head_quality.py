"""What a sonographer checks before trusting a head plane: from the picture and the network's maps, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from FetalBiometryLib.planes.ellipse import Ellipse


@dataclass(frozen=True)
class HeadQuality:
    """Cues about one head picture.

    Attributes:
        inside: share of the outline that lies on the picture and on its insonated part, 0..1.
        skull: share of the outline with a bright bone echo, 0..1.
        csp_seen, ventricle_seen: the structure was found inside the head.
        axis_deg: angle of the long axis against the picture's horizontal, -90..90.
        residual: RMS distance of the found border from the ellipse, share of the mean radius.
    """

    inside: float
    skull: float
    csp_seen: bool
    ventricle_seen: bool
    axis_deg: float
    residual: float

    def sentences(self) -> list[str]:
        """The cues in words, worst news first."""
        good, bad = [], []
        if self.inside >= 0.985:
            good.append("The whole head lies inside the picture.")
        else:
            bad.append(f"About {100 * (1 - self.inside):.0f} % of the outline lies outside the insonated picture.")
        if self.skull >= 0.75:
            good.append(f"The skull is closed ({100 * self.skull:.0f} % of the outline carries a bone echo).")
        elif self.skull >= 0.5:
            good.append(f"The skull is interrupted ({100 * self.skull:.0f} % of the outline carries a bone echo).")
        else:
            bad.append(f"Little of the skull is seen ({100 * self.skull:.0f} % of the outline carries a bone echo).")
        (good if self.csp_seen else bad).append(
            "Cavum septi pellucidi seen." if self.csp_seen else "Cavum septi pellucidi not seen: check the plane."
        )
        good.append("Lateral ventricle seen." if self.ventricle_seen else "Lateral ventricle not seen.")
        tilt = abs(self.axis_deg)
        good.append(
            f"The long axis is {tilt:.0f}\u00b0 from horizontal"
            + (": the midline meets the beam at a right angle." if tilt < 30 else ": lateral skull may be blurred.")
        )
        if self.residual < 0.012:
            good.append(f"The border follows an ellipse closely (RMS {100 * self.residual:.1f} % of the radius).")
        elif self.residual < 0.03:
            good.append(f"The border departs a little from an ellipse (RMS {100 * self.residual:.1f} % of the radius).")
        else:
            bad.append(f"The border is not an ellipse (RMS {100 * self.residual:.1f} % of the radius).")
        return bad + good


def insonated(picture: np.ndarray) -> np.ndarray:
    """(H, W) bool: the part of a grey still that shows echoes, without borders, menus and black boxes."""
    bright = ndimage.uniform_filter(picture.astype(np.float32), 15) > 2.0
    labels, count = ndimage.label(bright)
    if count == 0:
        return np.zeros(picture.shape, bool)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    # Dark fluid may part the picture; only specks such as text and scale bars are left out.
    kept = (sizes > 0.01 * picture.size)[labels]
    return ndimage.binary_fill_holes(ndimage.binary_closing(kept, iterations=6))


def skull_echo(picture: np.ndarray, ellipse: Ellipse, directions: int = 120) -> np.ndarray:
    """(directions,) bool: does the outline carry a band brighter than what lies outside and inside of it?"""
    smooth = ndimage.gaussian_filter(picture.astype(np.float32), 0.004 * ellipse.a + 0.5)
    outline = ellipse.points(directions)
    centre = np.array([ellipse.cx, ellipse.cy])
    shares = np.linspace(0.82, 1.12, 31)
    samples = centre + (outline - centre)[:, None, :] * shares[None, :, None]
    values = ndimage.map_coordinates(smooth, [samples[..., 1], samples[..., 0]], order=1, mode="constant")
    bone = values[:, (shares > 0.92) & (shares < 1.03)].max(1)
    brain = np.median(values[:, shares < 0.90], axis=1)
    outside = np.median(values[:, shares > 1.04], axis=1)
    contrast = bone - 0.5 * (brain + outside)
    return (contrast > 12) & (bone > 1.25 * brain)


def head_quality(picture: np.ndarray, maps: np.ndarray, ellipse: Ellipse, residual: float) -> HeadQuality:
    """Cues of one picture.

    Args:
        picture: (H, W) grey.
        maps: (4, H, W) probabilities of head, brain, CSP, ventricle on the picture's pixels.
        ellipse: the head in picture pixels.
        residual: of the fit, relative.
    """
    height, width = picture.shape
    outline = ellipse.points(180)
    column, row = np.round(outline).astype(int).T
    on_picture = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    seen = insonated(picture)[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    inside_head = ellipse.mask(height, width) > 0
    area = max(1.0, float(inside_head.sum()))
    csp = ((maps[2] > 0.5) & inside_head).sum() / area
    ventricle = ((maps[3] > 0.5) & inside_head).sum() / area
    angle = ellipse.angle if ellipse.angle <= 90 else ellipse.angle - 180
    return HeadQuality(
        inside=float((on_picture & seen).mean()),
        skull=float(skull_echo(picture, ellipse).mean()),
        csp_seen=bool(csp > 0.002),
        ventricle_seen=bool(ventricle > 0.002),
        axis_deg=float(angle),
        residual=float(residual),
    )
