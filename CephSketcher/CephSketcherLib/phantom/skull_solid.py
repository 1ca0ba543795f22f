"""The generated head in three dimensions: sagittal distance maps, stacked from side to side.

Every part is a sagittal shape (a signed distance map, mm, negative inside) with a rule that says where along the
left-right axis it is. Sides differ a little. All borders are smoothed over one voxel, so they lie where the formulae
say and not on the lattice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from CephSketcherLib.phantom.skull_curves import (
    BACK_OF_HEAD,
    BASE,
    CONDYLE,
    INCISOR,
    LANDMARKS,
    LOWER_BORDER,
    MOLAR,
    NASAL,
    NOTCH,
    ORBIT,
    PALATE,
    PREMOLAR,
    RAMUS_BACK,
    SIDE_BASE,
    SKIN,
    SYMPHYSIS_BACK,
    SYMPHYSIS_FRONT,
    VAULT,
    Points,
    Variation,
    dense,
    tooth,
)

Lateral = Callable[[float], "float | np.ndarray"]
"""Signed distance (mm, negative inside) of a sagittal plane ``right`` mm from the middle: a number, or one a pixel."""


@dataclass(frozen=True, eq=False)
class Part:
    """One solid.

    Attributes:
        hu: value inside.
        shape: (rows, columns) signed distance in the sagittal plane.
        lateral: where it is from side to side.
        shell: HU and thickness in mm of a denser border, or None.
        only: 0 both sides, +1 right, -1 left.
    """

    hu: float
    shape: np.ndarray
    lateral: Lateral
    shell: tuple[float, float] | None = None
    only: int = 0


_REACH, _DEEP = 60.0, 320.0  # units: 12 mm for most solids; as deep as the domes of head and skull are rounded


@dataclass(frozen=True, eq=False)
class Plan:
    """The sagittal lattice: positions of its pixels in the plan's units, and the size of a unit in mm.

    Attributes:
        x, y: (rows, columns).
        unit: mm.
        vary: the person.
    """

    x: np.ndarray
    y: np.ndarray
    unit: float
    vary: Variation

    def person(self, points: Points | np.ndarray, shift: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
        """Plan points of this person at their place on the film."""
        return self.vary.place(self.vary(points) + np.array(shift))

    def inside(self, polygon: np.ndarray, reach: float = _REACH) -> np.ndarray:
        """Signed distance (mm) to a closed polygon, no farther than ``reach`` units, which cost time."""
        return _signed(self.x, self.y, polygon, True, reach) * self.unit

    def near(self, path: np.ndarray, radius_mm: float) -> np.ndarray:
        """Signed distance (mm) to a tube around an open path, no farther than 12 mm."""
        return _signed(self.x, self.y, path, False, _REACH) * self.unit - radius_mm


def _signed(x: np.ndarray, y: np.ndarray, path: np.ndarray, closed: bool, reach: float) -> np.ndarray:
    """Distance to a path on a lattice, negative inside a closed one; each piece is looked at where it is near."""
    columns, rows = x[0], y[:, 0]
    squared, odd = np.full(x.shape, reach**2), np.zeros(x.shape, bool)
    ends = np.roll(path, -1, axis=0) if closed else path[1:]
    starts = path if closed else path[:-1]
    for (ax, ay), (bx, by) in zip(starts, ends, strict=True):
        dx, dy = bx - ax, by - ay
        top, bottom = np.searchsorted(rows, (min(ay, by) - reach, max(ay, by) + reach))
        left, right = np.searchsorted(columns, (min(ax, bx) - reach, max(ax, bx) + reach))
        part = np.s_[top:bottom, left:right]
        px, py = x[part], y[part]
        t = np.clip(((px - ax) * dx + (py - ay) * dy) / max(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
        squared[part] = np.minimum(squared[part], (px - ax - t * dx) ** 2 + (py - ay - t * dy) ** 2)
        if closed and ay != by:
            first, last = np.searchsorted(rows, (min(ay, by), max(ay, by)))
            odd[first:last] ^= columns < (ax + (rows[first:last] - ay) * dx / dy)[:, None]
    distance = np.sqrt(squared)
    return np.where(odd, -distance, distance)


def slab(center: float, half: float) -> Lateral:
    """Present where | |right| - center | < half."""
    return lambda right: abs(abs(right) - center) - half


def dome(depth: np.ndarray, width: float, radius: float) -> Lateral:
    """Rounded like an egg: half as wide as ``width`` says where the shape is deeper than ``radius``.

    Args:
        depth: mm below the shape's border, positive inside.
    """
    share = np.clip(1.0 - np.clip(depth, 0.0, None) / radius, 0.0, 1.0)
    half = width * np.sqrt(np.clip(1.0 - share**2.0, 0.0, 1.0))
    return lambda right: abs(right) - half


def head_parts(plan: Plan) -> list[Part]:
    """All parts of the head, in the order in which they are put into it."""
    at, vary = plan.person, plan.vary
    skin = plan.inside(np.vstack([dense(at(SKIN)), dense(at(BACK_OF_HEAD))]), _DEEP)
    vault_line = np.vstack([dense(at(VAULT)), dense(at(BASE))[1:]])
    outer = plan.inside(vault_line, _DEEP)
    sides = plan.inside(np.vstack([dense(at(VAULT)), dense(at(SIDE_BASE))]), _DEEP)
    parts = [Part(35, skin, dome(-skin, 76.0, 62.0))]
    # Vault: a bony shell between two eggs, then the brain; beside the middle the floor lies deeper.
    wall = plan.near(dense(at(VAULT)), 0.0)
    for shape, where in ((outer, slab(0.0, 9.0)), (sides, slab(45.0, 36.0))):
        egg, inner = dome(-shape, 71.0, 60.0), dome(-shape - 4.5, 66.0, 57.0)
        parts.append(Part(760, shape, _both(egg, where), (1150, 1.3)))
        # Thick walls, thin floor.
        parts.append(Part(38, np.maximum(shape + 0.9, 6.0 - wall), _both(inner, where)))
    parts += _base_parts(plan) + _face_parts(plan) + _maxilla_parts(plan)
    for side in (1, -1):
        parts += _mandible_parts(plan, side, (side * float(vary.asymmetry[0]) / 2, side * float(vary.asymmetry[1]) / 2))
    return parts + _midline_parts(plan) + _tooth_parts(plan) + _neck_parts(plan)


def _both(first: Lateral, second: Lateral) -> Lateral:
    return lambda right: np.maximum(first(right), second(right))


def _base_parts(plan: Plan) -> list[Part]:
    at = plan.person
    base = at(BASE)
    clivus = np.vstack([dense(base[:9]), at([(365, 560), (352, 600), (332, 660), (312, 706)])])
    petrous = at([(262, 600), (285, 570), (330, 562), (370, 585), (380, 622), (350, 640), (300, 650), (268, 640)])
    mastoid = at([(238, 640), (290, 625), (312, 660), (292, 705), (265, 716), (240, 690)])
    return [
        Part(520, plan.inside(clivus), slab(0.0, 11.0), (900, 1.2)),
        Part(1100, plan.near(dense(base[6:22]), 0.7), slab(0.0, 8.0)),
        Part(500, plan.near(dense(base[18:]), 0.6), slab(12.0, 10.0)),
        Part(330, plan.inside(dense(petrous, closed=True)), slab(38.0, 17.0), (560, 2.0)),
        Part(220, plan.inside(dense(mastoid, closed=True)), slab(50.0, 11.0), (700, 1.4)),
        Part(-700, plan.inside(at([(437, 508), (480, 500), (478, 545), (440, 570), (412, 568), (410, 550),
                                   (428, 540)])), slab(0.0, 9.0)),
        Part(650, plan.near(dense(at([(470, 480), (486, 520), (488, 570), (490, 640), (488, 712)])), 1.6),
             slab(13.0, 3.5)),
    ]  # fmt: skip


def _face_parts(plan: Plan) -> list[Part]:
    at, vary = plan.person, plan.vary
    parts = [
        Part(900, plan.near(dense(at(NASAL)), 1.1), slab(0.0, 9.0)),
        Part(420, plan.inside(dense(at([(713, 430), (706, 458), (696, 484), (694, 515), (686, 545), (668, 538),
                                        (652, 515), (636, 496), (644, 462), (664, 438), (690, 430)]), closed=True)),
             slab(0.0, 14.0), (950, 1.4)),
        Part(-850, plan.inside(dense(at([(692, 446), (690, 470), (670, 490), (652, 498), (652, 478), (672, 455)]),
                                     closed=True)), slab(7.0, 7.0)),
        Part(-550, plan.inside(dense(at([(520, 575), (560, 560), (625, 556), (655, 580), (664, 620), (670, 680),
                                         (676, 708), (630, 714), (560, 711), (505, 706), (500, 650), (508, 600)]),
                                     closed=True)), slab(0.0, 11.0)),
        Part(-500, plan.near(dense(at([(455, 690), (420, 740), (402, 810), (396, 900), (406, 1000), (425, 1100),
                                       (440, 1230)])), 5.0), slab(0.0, 9.0)),
        Part(-750, plan.inside(dense(at([(556, 650), (585, 622), (625, 628), (642, 660), (632, 695), (592, 704),
                                         (560, 690)]), closed=True)), slab(26.0, 10.0)),
    ]  # fmt: skip
    turbinate = [(540, 680), (580, 672), (620, 680)]
    parts.append(Part(200, plan.near(dense(at(turbinate)), 2.6), slab(5.0, 2.5)))
    # Ethmoid cells: thin walls crossing in the upper nose.
    for walls in (
        [(500, 520), (520, 560), (545, 590)], [(540, 500), (548, 540), (540, 600), (555, 640)],
        [(575, 490), (590, 540), (585, 600), (600, 640)], [(510, 545), (560, 535), (620, 540)],
        [(505, 600), (560, 590), (630, 600)], [(560, 640), (610, 622), (650, 640), (655, 690)],
    ):  # fmt: skip
        parts.append(Part(500, plan.near(dense(at(walls)), 0.7), slab(9.0, 3.0)))
    for side in (1, -1):
        shift = (side * float(vary.asymmetry[2]) / 2, side * float(vary.asymmetry[3]) / 2)
        rim = dense(at(ORBIT, shift))
        # The rim is the border of a hollow: bone lies outside the curve of the opening.
        hollow = plan.inside(rim)
        ring = np.maximum(np.abs(hollow - 1.5) - 1.5, plan.near(rim, 4.0))
        parts += [
            Part(900, ring, slab(33.0, 9.0), None, side),
            Part(700, plan.near(dense(at([(622, 590), (618, 625), (606, 655), (590, 675)], shift)), 2.0),
                 slab(43.0, 6.0), None, side),
            Part(500, plan.near(dense(at([(608, 625), (560, 640), (480, 640), (390, 622)], shift)), 2.0),
                 slab(60.0, 2.0), None, side),
            Part(600, plan.near(dense(at([(640, 610), (655, 650), (660, 690), (655, 718)], shift)), 1.8),
                 slab(20.0, 6.0), None, side),
        ]  # fmt: skip
    return parts


def _maxilla_parts(plan: Plan) -> list[Part]:
    at = plan.person
    palate = dense(at(PALATE), closed=True)
    whole = plan.inside(palate)
    floor = plan.near(dense(at(PALATE[:9])), 0.9)
    # The floor's upper side is the curve: the plate lies below it.
    plate = np.maximum(np.maximum(floor - 1.4, whole), -whole - 3.2)
    front = plan.vary.place(plan.vary([(640, 700)]))[0, 0]
    deep = np.clip((plan.x - front) * plan.unit, 0.0, None)
    narrow = 15.0 - 0.9 * deep

    def tapered(right: float) -> np.ndarray:
        return abs(right) - np.maximum(narrow, 2.2)

    alveolus = at([(515, 735), (560, 738), (610, 748), (650, 775), (690, 800), (684, 818), (640, 812), (560, 806),
                   (510, 790)])  # fmt: skip
    return [
        Part(330, whole, tapered, (950, 1.0)),
        Part(850, plate, slab(0.0, 16.0)),
        Part(300, plan.inside(dense(alveolus, closed=True)), _arch(plan, 690.0, 27.0, 5.0)),
    ]


def _arch(plan: Plan, front: float, width: float, half: float, depth: float = 200.0) -> Lateral:
    """Along the dental or mandibular arch: ``width`` mm from the middle at the back, less towards the front."""
    tip = plan.vary.place(plan.vary([(front, 850)]))[0, 0]
    center = width * np.sqrt(np.clip((tip - plan.x) / depth, 0.0, 1.0))
    return lambda right: np.abs(abs(right) - center) - half


def _mandible_parts(plan: Plan, side: int, shift: tuple[float, float]) -> list[Part]:
    at = plan.person
    away = np.clip((660 - np.array(LOWER_BORDER)[:, 0]) / 200, 0, 1)[:, None] * np.array(shift)
    border = plan.vary.place(plan.vary(LOWER_BORDER) + away)
    upper = at([(636, 990), (640, 900), (610, 872), (560, 862), (510, 850)])
    outline = np.vstack([dense(at(CONDYLE[::-1], shift)), dense(at(RAMUS_BACK, shift))[1:], dense(border),
                         at([(646, 1021), (660, 1000)]), upper, dense(at(NOTCH[::-1], shift))])  # fmt: skip
    half = np.where(plan.x < 520, 3.6, 5.5)
    center = _arch(plan, 660.0, 46.0, 0.0, 220.0)
    return [Part(300, plan.inside(outline), lambda right: center(right) - half, (1200, 2.1), side)]


def _midline_parts(plan: Plan) -> list[Part]:
    at = plan.person
    floor = dense(at([(616, 988), (622, 1010), (630, 1019), (646, 1021)]))[1:-1]
    chin = np.vstack([dense(at(SYMPHYSIS_FRONT)), dense(at(SYMPHYSIS_BACK)), floor])
    return [Part(360, plan.inside(chin), slab(0.0, 13.0), (1350, 1.9))]


def _tooth_parts(plan: Plan) -> list[Part]:
    point = {name: np.array(xy) for name, xy in LANDMARKS.items()}
    vary = plan.vary
    out = np.array([vary.incisors, 0.0])
    parts = []

    def put(outline: np.ndarray, lateral: Lateral, crown_at: np.ndarray, only: int = 0) -> None:
        whole = plan.inside(dense(outline, 4.0, True))
        tip = np.hypot(plan.x - crown_at[0], plan.y - crown_at[1]) * plan.unit - 9.0
        parts.append(Part(1350, whole, lateral, None, only))
        parts.append(Part(2300, np.maximum(whole, tip), lateral, None, only))
        parts.append(Part(500, plan.near(0.25 * outline[:1] + 0.75 * outline[len(outline) // 2][None]
                                         + np.zeros((2, 2)), 0.6), lateral, None, only))  # fmt: skip

    for tip_name, apex_name, width in (("UI", "U1A", 1.0), ("LI", "L1A", 0.9)):
        tip, apex = plan.person(point[tip_name][None])[0], plan.person((point[apex_name] - 0.6 * out)[None])[0]
        put(tooth(INCISOR, tip, apex, width), slab(3.0, 3.6), tip)
        back = plan.unit * 0 + np.array([-9.0, 3.0 if tip_name == "UI" else 2.0])
        put(tooth(INCISOR, tip + back, apex + back, width), slab(10.0, 3.0), tip + back)
    rows = (
        ("U", 1, 826.0, (690, 668, 642, 582, 535), (122, 100, 96, 84, 78)),
        ("L", -1, 828.0, (684, 660, 634, 590, 540), (112, 100, 96, 88, 82)),
    )
    for _, up, level, fronts, lengths in rows:
        for i, (front, length) in enumerate(zip(fronts, lengths, strict=True)):
            for side in (1, -1):
                push = np.array([side * 4.0, side * 2.0]) * (1 if vary.size != 1.0 else 0.7)
                y = level + (2.0 if up > 0 else -2.0) + 0.10 * (front - 590)
                tip = plan.person(np.array([[front, y]]) + push)[0]
                tilt = (-8 if up > 0 else -14) if i < 3 else (6 if up > 0 else -22)
                apex = plan.person(np.array([[front + tilt, y - up * length]]) + push)[0]
                shape = MOLAR if i >= 3 else PREMOLAR
                put(tooth(shape, tip, apex), slab((15.0, 18.0, 20.0, 23.0, 25.0)[i], 4.2), tip, side)
    return parts


def _neck_parts(plan: Plan) -> list[Part]:
    at = plan.person
    parts = []
    for i in range(4):
        x, y = 282.0 - 6 * i, 800.0 + 96 * i
        body = [(x - 40, y - 34), (x + 26, y - 30), (x + 34, y + 34), (x - 36, y + 36)]
        arch = [(x - 40, y - 10), (x - 75, y + 6), (x - 110, y + 34), (x - 150, y + 52)]
        parts += [
            Part(330, plan.inside(dense(at(body), closed=True)), slab(0.0, 10.0), (800, 1.2)),
            Part(450, plan.near(dense(at(arch)), 3.2), slab(4.0, 5.0)),
        ]
    dens = [(292, 720), (308, 726), (306, 770), (282, 772), (280, 740)]
    ring = [(318, 742), (330, 752), (318, 764)]
    back = [(250, 745), (205, 742), (165, 752)]
    parts += [
        Part(450, plan.inside(dense(at(dens), closed=True)), slab(0.0, 6.0), (850, 1.2)),
        Part(650, plan.near(dense(at(ring)), 2.6), slab(0.0, 9.0)),
        Part(600, plan.near(dense(at(back)), 3.2), slab(5.0, 8.0)),
        Part(300, plan.near(dense(at([(470, 1055), (500, 1048), (528, 1050)])), 2.2), slab(12.0, 4.0)),
    ]
    return parts
