"""The structures as drawn over the mean film of 001-150 (all films warped onto their mean shape and averaged).

Positions are in the mean face; the drawing is by a non-expert, with the mean film on the screen. "|" after a point:
the way to the next one bridges a gap.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import Akima1DInterpolator

from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.outlines.template import Template

_STEP = 13.0

Corner = tuple[float, float] | tuple[float, float, str]

_CURVES: dict[str, list[Corner]] = {
    "soft_tissue_profile": [
        (740, 425), (736, 445), (730, 465), (723, 483), (714, 502), (708, 520), (707, 535), (714, 552), (729, 572),
        (748, 592), (772, 616), (795, 642), (811, 668), (818, 692, "Prn"), (814, 712), (801, 727), (782, 736),
        (764, 741), (750, 746, "Sn"), (753, 760), (760, 775), (770, 790), (779, 804, "UL"), (781, 817), (775, 831),
        (758, 842), (742, 850), (752, 862), (765, 874), (773, 890), (769, 905, "LL"), (757, 917), (742, 928),
        (733, 942), (732, 956), (735, 970), (736, 985), (729, 1006, "sPog"), (720, 1026), (705, 1042), (685, 1053),
        (660, 1059), (630, 1061),
    ],
    "frontonasal": [
        (716, 420), (713, 435), (708, 452), (702, 468), (695, 484, "N"), (694, 500), (697, 520), (702, 540),
        (709, 560),
    ],
    "cranial_base": [
        (535, 463), (520, 471), (500, 482), (475, 489), (450, 494), (436, 499), (428, 507), (427, 519),
        (424, 530), (415, 538), (403, 541), (392, 538), (384, 529), (382, 516), (386, 504), (378, 505), (371, 520),
        (363, 545), (353, 575), (341, 605), (328, 635), (314, 663), (300, 690, "Ba"),
    ],
    "orbit": [
        (611, 490), (613, 510), (615, 530), (617, 550), (621, 570), (628, 590), (640, 606, "Or"), (652, 599),
        (660, 585), (665, 568), (667, 550),
    ],
    "porion_condyle": [
        (286, 622), (287, 613), (292, 608), (300, 606, "Po"), (308, 608), (313, 613), (316, 622, "|"), (324, 612, "|"),
        (333, 604), (343, 601, "Co"), (352, 604), (356, 612), (352, 621, "|"), (340, 632), (335, 645),
        (335, 664, "Ar"),
    ],
    "maxilla": [
        (488, 714, "PNS"), (505, 714), (525, 715), (550, 717), (575, 719), (600, 720), (630, 720), (655, 720),
        (680, 721), (701, 723, "ANS"), (693, 733), (689, 744), (691, 757, "A"), (696, 772), (703, 787),
        (714, 803, "|"), (702, 814, "|"), (684, 818), (672, 805), (660, 792), (645, 774), (626, 757), (603, 745),
        (575, 738), (548, 735), (523, 732), (502, 725),
    ],
    "mandible": [
        (335, 664, "Ar"), (341, 681), (346, 700), (350, 722), (352, 745), (353, 770), (355, 795), (358, 820),
        (362, 843), (371, 868, "Go"), (384, 886), (404, 901), (430, 917), (460, 934), (500, 956), (540, 978),
        (580, 999), (612, 1013), (630, 1019), (646, 1021, "Me"), (658, 1018), (668, 1011, "Gn"), (675, 1001),
        (677, 990, "Pog"), (677, 975), (677, 960), (677, 943), (680, 926, "B"), (686, 910), (693, 896),
        (701, 882, "|"), (690, 872, "|"), (672, 876), (658, 892), (645, 908), (633, 922), (624, 938), (619, 955),
        (617, 972), (615, 986),
    ],
}  # fmt: skip

#: Where bone or flesh is bright: +1 on the normal's side (the direction of travel turned from x towards y), -1 beyond.
BRIGHT = {
    "soft_tissue_profile": 1, "frontonasal": 1, "cranial_base": -1, "orbit": 1, "porion_condyle": 1, "maxilla": 1,
    "mandible": -1,
}  # fmt: skip
#: SD and length of the bends that a curve may have beyond what the landmarks' warp gives it, units.
BENDS = {
    "soft_tissue_profile": ((6.0, 45.0), (2.0, 14.0)),
    "frontonasal": ((7.0, 60.0), (1.5, 15.0)),
    "cranial_base": ((9.0, 60.0), (2.5, 15.0)),
    "orbit": ((6.0, 45.0), (1.5, 14.0)),
    "porion_condyle": ((4.0, 40.0), (1.5, 14.0)),
    "maxilla": ((6.0, 45.0), (2.0, 14.0)),
    "mandible": ((5.0, 45.0), (1.5, 14.0)),
}

#: Teeth in their own frame: first number from the tip (0) to the apex (1), second towards the lips, over the length.
_INCISOR = [
    (0.0, 0.0), (0.035, 0.040), (0.12, 0.090), (0.24, 0.132), (0.36, 0.152), (0.46, 0.150), (0.58, 0.135),
    (0.70, 0.108), (0.82, 0.075), (0.93, 0.040), (1.0, 0.0), (0.93, -0.045), (0.82, -0.085), (0.70, -0.118),
    (0.58, -0.142), (0.46, -0.150), (0.37, -0.135), (0.29, -0.098), (0.20, -0.068), (0.10, -0.050), (0.03, -0.032),
]  # fmt: skip
_MOLAR = [
    (0.0, 0.0), (0.04, 0.10), (0.16, 0.16), (0.30, 0.14), (0.42, 0.09), (0.60, 0.07), (0.80, 0.05), (1.0, 0.0),
    (0.86, -0.07), (0.68, -0.12), (0.55, -0.19), (0.68, -0.27), (0.86, -0.33), (0.97, -0.39), (0.84, -0.43),
    (0.62, -0.42), (0.42, -0.42), (0.28, -0.45), (0.14, -0.45), (0.03, -0.38), (0.0, -0.30), (0.07, -0.17),
]  # fmt: skip
#: Tip or cusp, apex, shape, and how much wider or narrower than the shape.
TEETH = {
    "upper_incisor": ("UI", "U1A", _INCISOR, 1.0),
    "lower_incisor": ("LI", "L1A", _INCISOR, 0.9),
    "upper_molar": ("U6", "U6A", _MOLAR, 1.0),
    "lower_molar": ("L6", "L6A", _MOLAR, 0.95),
}


def tooth_curve(name: str, tip: np.ndarray, apex: np.ndarray) -> np.ndarray:
    """A tooth's outline for its tip (or mesial cusp) and its apex; the face looks to the right."""
    _, _, shape, width = TEETH[name]
    axis = apex - tip
    # Towards the lips: a quarter turn from the axis, to the right of the film for either jaw.
    side = np.array([-axis[1], axis[0]]) if axis[1] < 0 else np.array([axis[1], -axis[0]])
    local = np.array(shape)
    return tip + local[:, :1] * axis + width * local[:, 1:] * side


def _smooth(corners: list[Corner], closed: bool) -> tuple[np.ndarray, dict[str, int], np.ndarray]:
    """Evenly dense points through the corners; which are named; which are on an edge."""
    points = np.array([corner[:2] for corner in corners], float)
    ring = np.vstack([points, points[:1]]) if closed else points
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(ring, axis=0), axis=1))])
    curve = Akima1DInterpolator(along, ring)
    at: list[float] = []
    names: dict[str, int] = {}
    seen: list[bool] = []
    for i in range(len(ring) - 1):
        corner = corners[i]
        tag = corner[2] if len(corner) == 3 else ""
        if tag and tag != "|":
            names[tag] = len(at)
        count = max(1, round((along[i + 1] - along[i]) / _STEP))
        at += list(along[i] + (along[i + 1] - along[i]) * np.arange(count) / count)
        seen += [tag != "|"] * count
    if not closed:
        last = corners[-1]
        if len(last) == 3:
            names[last[2]] = len(at)
        at.append(float(along[-1]))
        seen.append(True)
    return curve(np.array(at)), names, np.array(seen)


def templates(derived: dict[str, np.ndarray], mean_face: np.ndarray) -> dict[str, Template]:
    """All structures; teeth are placed by the derived points' mean positions."""
    found = {}
    for name, corners in _CURVES.items():
        closed = name == "maxilla"
        points, names, seen = _smooth(corners, closed)
        found[name] = _template(name, points, closed, names, seen)
    for name, (tip, apex, shape, _) in TEETH.items():
        top = mean_face[ISBI19.index(tip)] if tip in ISBI19 else derived[tip]
        points = tooth_curve(name, np.asarray(top), derived[apex])
        names = {tip: 0, apex: next(i for i, corner in enumerate(shape) if corner == (1.0, 0.0))}
        found[name] = _template(name, points, True, names, np.ones(len(points), bool))
    return found


def _template(name: str, points: np.ndarray, closed: bool, names: dict[str, int], seen: np.ndarray) -> Template:
    landmarks = {symbol: index for symbol, index in names.items() if symbol in ISBI19}
    return Template(name, points, closed, landmarks, seen, {s: i for s, i in names.items() if s not in landmarks})
