"""Drawn curves of the generated head: its sagittal plan, and how it varies.

Units are 0.2 mm of an ISBI film at the challenge's nominal scale, x to the front, y downwards: the plan was drawn over
the mean of 150 films, so its 19 landmarks lie where those of a mean film do.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.interpolate import Akima1DInterpolator

Points = Sequence[tuple[float, float]]

LANDMARKS: dict[str, tuple[float, float]] = {
    "S": (404, 518), "N": (695, 484), "Or": (640, 607), "Po": (300, 604), "A": (693, 757), "B": (679, 926),
    "Pog": (677, 988), "Me": (646, 1021), "Gn": (668, 1010), "Go": (370, 867), "LI": (711, 845), "UI": (720, 852),
    "UL": (780, 806), "LL": (771, 902), "Sn": (750, 746), "sPog": (731, 1001), "PNS": (488, 714), "ANS": (700, 722),
    "Ar": (335, 664), "U1A": (668, 758), "L1A": (655, 925), "U6": (582, 826), "L6": (590, 826), "Co": (346, 604),
    "Ba": (300, 690), "Prn": (818, 693),
}  # fmt: skip

FOREHEAD: Points = [(712, 440), (712, 400), (704, 340), (684, 280), (650, 215), (600, 155), (540, 108), (470, 72)]
VAULT: Points = [
    *FOREHEAD, (390, 50), (310, 48), (230, 62), (150, 100), (80, 165), (35, 245), (12, 340), (14, 430), (38, 510),
    (85, 575), (150, 630), (215, 668), (265, 692),
]  # fmt: skip
BASE: Points = [
    (300, 690), (314, 663), (328, 635), (341, 605), (353, 575), (363, 545), (371, 520), (376, 506), (385, 503),
    (383, 516), (386, 529), (393, 537), (404, 541), (415, 537), (424, 528), (427, 517), (429, 506), (440, 498),
    (452, 494), (475, 489), (500, 482), (522, 471), (545, 458), (580, 448), (620, 440), (655, 436), (688, 436),
]  # fmt: skip
#: The floor beside the middle: temporal fossa, then the orbits' roofs.
SIDE_BASE: Points = [
    (300, 640), (330, 600), (365, 585), (405, 590), (450, 588), (480, 560), (492, 520), (512, 485), (545, 462),
    (590, 446), (640, 440), (688, 440),
]  # fmt: skip
NASAL: Points = [(713, 432), (708, 452), (702, 468), (695, 484), (695, 500), (699, 520), (705, 540), (713, 560)]
SKIN: Points = [
    (740, 425), (736, 445), (730, 465), (723, 483), (714, 502), (708, 520), (707, 535), (714, 552), (729, 572),
    (748, 592), (772, 616), (795, 642), (811, 668), (818, 693), (814, 712), (801, 727), (782, 736), (764, 741),
    (750, 746), (753, 760), (760, 775), (770, 790), (780, 806), (781, 817), (775, 831), (762, 843), (744, 852),
    (762, 862), (769, 876), (774, 890), (771, 902), (757, 917), (742, 928), (733, 942), (732, 956), (735, 970),
    (736, 985), (731, 1001), (720, 1026), (705, 1042), (685, 1053), (655, 1060), (610, 1064), (560, 1072),
    (520, 1090), (495, 1130), (485, 1220),
]  # fmt: skip
BACK_OF_HEAD: Points = [
    (60, 1220), (55, 1080), (50, 900), (40, 760), (20, 640), (-15, 540), (-28, 430), (-26, 330), (0, 225), (55, 135),
    (135, 68), (225, 28), (310, 14), (395, 18), (480, 40), (560, 78), (625, 130), (680, 195), (715, 265), (736, 340),
    (742, 395),
]  # fmt: skip
ORBIT: Points = [
    (611, 478), (613, 505), (615, 530), (617, 550), (621, 570), (628, 591), (640, 607), (653, 599), (660, 585),
    (665, 568), (667, 548),
]  # fmt: skip
PALATE: Points = [
    (488, 714), (505, 714), (525, 715), (550, 717), (575, 719), (600, 720), (630, 720), (655, 720), (680, 720),
    (700, 722), (695, 733), (693, 745), (693, 757), (697, 772), (704, 787), (714, 804), (702, 814), (684, 818),
    (672, 805), (660, 792), (645, 774), (626, 757), (603, 745), (575, 738), (548, 735), (523, 732), (502, 725),
]  # fmt: skip
LOWER_BORDER: Points = [
    (370, 867), (384, 886), (404, 901), (430, 917), (460, 934), (500, 956), (540, 978), (580, 999), (612, 1013),
    (630, 1019),
]  # fmt: skip
RAMUS_BACK: Points = [
    (335, 664), (341, 681), (346, 700), (350, 722), (352, 745), (353, 770), (355, 795), (358, 820), (362, 845),
]  # fmt: skip
CONDYLE: Points = [(335, 664), (333, 645), (331, 625), (335, 610), (346, 604), (357, 608), (362, 620), (360, 636)]
NOTCH: Points = [
    (366, 655), (380, 668), (396, 672), (412, 660), (428, 648), (440, 656), (444, 690), (450, 740), (462, 790),
    (478, 825),
]  # fmt: skip
SYMPHYSIS_FRONT: Points = [
    (646, 1021), (658, 1017), (668, 1010), (675, 1000), (677, 988), (677, 974), (677, 958), (677, 942), (679, 926),
    (686, 910), (693, 896), (702, 880),
]  # fmt: skip
SYMPHYSIS_BACK: Points = [
    (676, 872),
    (659, 891),
    (645, 908),
    (633, 922),
    (624, 938),
    (619, 955),
    (617, 972),
    (616, 988),
]
#: From the tip (0) to the apex (1); towards the lips; over the tooth's length.
INCISOR: Points = [
    (0.0, 0.0), (0.035, 0.035), (0.12, 0.082), (0.24, 0.125), (0.36, 0.150), (0.46, 0.150), (0.58, 0.135),
    (0.70, 0.108), (0.82, 0.075), (0.93, 0.040), (1.0, 0.0), (0.93, -0.045), (0.82, -0.085), (0.70, -0.118),
    (0.58, -0.142), (0.46, -0.150), (0.37, -0.135), (0.29, -0.098), (0.20, -0.068), (0.10, -0.050), (0.03, -0.032),
]  # fmt: skip
MOLAR: Points = [
    (0.0, 0.0), (0.04, 0.10), (0.16, 0.16), (0.30, 0.14), (0.42, 0.09), (0.60, 0.07), (0.80, 0.05), (1.0, 0.0),
    (0.86, -0.07), (0.68, -0.12), (0.55, -0.19), (0.68, -0.27), (0.86, -0.33), (0.97, -0.39), (0.84, -0.43),
    (0.62, -0.42), (0.42, -0.42), (0.28, -0.45), (0.14, -0.45), (0.03, -0.38), (0.0, -0.30), (0.07, -0.17),
]  # fmt: skip
PREMOLAR: Points = [
    (0.0, 0.0), (0.05, 0.09), (0.18, 0.15), (0.32, 0.14), (0.45, 0.11), (0.65, 0.08), (0.85, 0.05), (1.0, 0.0),
    (0.85, -0.06), (0.65, -0.10), (0.45, -0.13), (0.32, -0.16), (0.18, -0.18), (0.05, -0.12),
]  # fmt: skip


class Variation:
    """How one person differs from the plan: smooth, seeded, the same for every curve.

    Seed 0 is the plan itself.
    """

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)

        def draw(size: int) -> np.ndarray:
            return np.zeros(size) if seed == 0 else np.clip(rng.normal(size=size), -1.8, 1.8)

        self.size = 1.0 + 0.025 * float(draw(1)[0])
        self.turn = np.deg2rad(2.5 * float(draw(1)[0]))
        self.jaw_turn = np.deg2rad(2.0 * float(draw(1)[0]))
        self.jaw_forward, self.maxilla_forward, self.chin = (float(v) for v in draw(3) * (7.0, 5.0, 6.0))
        self.face_height, self.nose, self.vault = (float(v) for v in draw(3) * (10.0, 5.0, 0.02))
        self.incisors, self.lips, self.neck = (float(v) for v in draw(3) * (5.0, 5.0, 12.0))
        self.shift = draw(2) * (12.0, 14.0)
        self.asymmetry = draw(4) * (3.5, 3.0, 2.5, 2.5)  # of the mandible, and of orbit and meatus; units

    def __call__(self, points: Points | np.ndarray) -> np.ndarray:
        """Plan points (n, 2) of this person, before `place`."""
        p = np.atleast_2d(np.asarray(points, float)).copy()
        x, y = p[:, 0], p[:, 1]
        # The mandible and what covers it turn about the condyle.
        jaw = _rise(y - 0.10 * (x - 500), 800, 900) * _rise(x, 480, 620) + _rise(y, 700, 820) * (1 - _rise(x, 480, 620))
        jaw = np.clip(jaw, 0, 1) * _rise(x, 290, 330)
        about = np.array([346.0, 620.0])
        c, s = np.cos(self.jaw_turn), np.sin(self.jaw_turn)
        turned = (p - about) @ np.array([[c, s], [-s, c]]) + about
        p += jaw[:, None] * (turned - p)
        p[:, 0] += self.jaw_forward * jaw * _rise(x, 330, 500)
        lower = _rise(y, 760, 1000) * _rise(x, 300, 420)
        p[:, 1] += self.face_height * lower
        middle = np.exp(-(((y - 760) / 95) ** 2)) * _rise(x, 560, 680)
        p[:, 0] += self.maxilla_forward * middle
        p[:, 0] += self.chin * np.exp(-(((y - 1000) / 45) ** 2)) * _rise(x, 600, 670)
        p[:, 0] += self.nose * np.exp(-(((y - 690) / 70) ** 2)) * _rise(x, 725, 800)
        p[:, 0] += self.lips * np.exp(-(((y - 850) / 60) ** 2)) * _rise(x, 735, 775)
        p[:, 0] += self.neck * _rise(y, 1060, 1150) * _rise(x, 420, 500)
        up = np.clip((480 - y) / 400, 0, None)
        p[:, 1] -= 400 * self.vault * up
        return p

    def place(self, points: np.ndarray) -> np.ndarray:
        """Size and turn of the whole head about its middle, and its place on the film."""
        center = np.array([480.0, 620.0])
        c, s = np.cos(self.turn), np.sin(self.turn)
        return (points - center) @ (self.size * np.array([[c, s], [-s, c]])) + center + self.shift


def _rise(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)


def dense(points: np.ndarray, step: float = 5.0, closed: bool = False) -> np.ndarray:
    """A smooth curve through points, with points at most about ``step`` apart; the given ones are among them."""
    ring = np.vstack([points, points[:1]]) if closed else np.asarray(points, float)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(ring, axis=0), axis=1))])
    at = [np.linspace(a, b, max(1, int(np.ceil((b - a) / step))), endpoint=False) for a, b in pairwise(along)]
    positions = np.concatenate(at if closed else [*at, along[-1:]])
    return np.asarray(Akima1DInterpolator(along, ring)(positions))


def tooth(shape: Points, tip: np.ndarray, apex: np.ndarray, width: float = 1.0) -> np.ndarray:
    """A tooth's outline (n, 2) from its tip and apex; the lips are to the right."""
    axis = np.asarray(apex, float) - tip
    side = np.array([-axis[1], axis[0]]) if axis[1] < 0 else np.array([axis[1], -axis[0]])
    local = np.array(shape)
    return tip + local[:, :1] * axis + width * local[:, 1:] * side
