"""Growing an airway tree branch by branch, each wave of a branch being watched for a leak.

After Schlathoelter et al., Proc. SPIE 4684:103 (2002): a front runs down the lumen; where it falls apart, the branch
ends and its parts start branches of their own. A branch has leaked when its front grows instead of tapering, or when
what stops it is no wall: the voxels that are refused must be lighter than the lumen by WALL_HU. A leaking branch is
taken back and tried with a lower threshold; what still leaks is cut where the front was last sound.
"""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

CENTRAL_HU = (-700, -780, -850, -900, -940, -970)
"""Highest lumen values tried, one after another, in trachea and main bronchi, which tissue surrounds."""
BELOW_LUNG_HU = (10, 30, 50, 70, 95, 120)
"""The same in the lung: so far below what its parenchyma measures."""
WALL_HU = 130
"""Mean step from the front to the voxels that it may not enter; parenchyma around a leak gives less than 90."""
_WIDENING = 1.7  # of a front against the narrowest so far: a bifurcation about to part needs this much
_CENTRAL_WIDENING = 3.0  # a wide tube opens into two or three at once
_CENTRAL_GENERATIONS = 2
_SAME_TUBE = 0.8
_SETTLED = 5  # waves
_TAPER = 1.25  # of a branch's front against its parent's
_SMALL_MM2 = 9.0  # fronts below this may vary freely
_SHORTEST_MM = 4.0  # end branches below this are noise
_LONGEST_MM = 60.0  # of any branch but the first
_MOST_BRANCHES = 1500


@dataclass
class Branch:
    """One tube between two bifurcations.

    Attributes:
        parent: index in the tree's list, -1 for the trachea.
        generation: 0 = trachea, 1 = main bronchi, ...
        voxels: flat indices of all its voxels.
        length_mm: waves times the step.
        area_mm2: median front.
        threshold: HU below which its lumen was followed.
        stopped: "split", "end" (the lumen got too narrow to be seen), "border" or "leak" (cut before one).
    """

    parent: int
    generation: int
    voxels: np.ndarray
    length_mm: float
    area_mm2: float
    threshold: int
    stopped: str
    children: list[int] = field(default_factory=list)


class Growth:
    """Grows a tree in a volume of cubic voxels.

    Args:
        values: int16 (k, j, i) HU.
        step_mm: edge of a voxel.
        lung_hu: what the lung around the airways measures (median).
        forbidden: bool of the same shape: never entered.
    """

    def __init__(self, values: np.ndarray, step_mm: float, lung_hu: float, forbidden: np.ndarray | None = None) -> None:
        self.step = step_mm
        self.peripheral = tuple(round(lung_hu) - below for below in BELOW_LUNG_HU)
        self.shape = tuple(length + 2 for length in values.shape)
        padded = np.full(self.shape, 3000, np.int16)
        padded[1:-1, 1:-1, 1:-1] = values
        if forbidden is not None:
            padded[1:-1, 1:-1, 1:-1][forbidden] = 2999
        self.values = padded.ravel()
        self.owner = np.zeros(padded.size, np.uint16)  # 1 + index of the branch
        plane, row = self.shape[1] * self.shape[2], self.shape[2]
        cube = np.array([step for step in itertools.product((-1, 0, 1), repeat=3) if any(step)])
        self.all26 = (cube @ [plane, row, 1]).astype(np.int64)
        self.branches: list[Branch] = []

    def run(self, seeds: np.ndarray) -> list[Branch]:
        """The tree from seed voxels (n, 3) kji that lie in the trachea's cross-section."""
        flat = np.ravel_multi_index(tuple((np.asarray(seeds) + 1).T), self.shape).astype(np.int64)
        area = len(flat) * self.step**2
        waiting: deque[tuple[int, int, np.ndarray, float]] = deque([(-1, 0, flat, area)])
        while waiting and len(self.branches) < _MOST_BRANCHES:
            parent, generation, front, parent_area = waiting.popleft()
            found = self._best(parent, generation, front, parent_area)
            if found is None:
                continue
            branch, fronts = found
            index = len(self.branches)
            self.branches.append(branch)
            self.owner[branch.voxels] = index + 1
            if parent >= 0:
                self.branches[parent].children.append(index)
            whole = sum(part.size for part in fronts)
            for part in fronts:
                # A speck that parts from the front is a branch; the front itself goes on as the same tube.
                same = part.size >= _SAME_TUBE * whole
                waiting.append(
                    (index, generation, part, max(branch.area_mm2, parent_area))
                    if same
                    else (index, generation + 1, part, branch.area_mm2)
                )
        self._prune()
        return self.branches

    def mask(self, most_generations: int | None = None, least_area_mm2: float = 0.0) -> np.ndarray:
        """bool (k, j, i) of the branches up to a generation and down to a width."""
        result = np.zeros(self.owner.size, bool)
        for branch in self.branches:
            if (
                most_generations is None or branch.generation <= most_generations
            ) and branch.area_mm2 >= least_area_mm2:
                result[branch.voxels] = True
        return result.reshape(self.shape)[1:-1, 1:-1, 1:-1]

    def _best(
        self, parent: int, generation: int, front: np.ndarray, parent_area: float
    ) -> tuple[Branch, list[np.ndarray]] | None:
        front = front[self.owner[front] == 0]
        if not front.size:
            return None
        best: tuple[Branch, list[np.ndarray]] | None = None
        lowest = int(self.values[front].min())
        for threshold in CENTRAL_HU if generation < _CENTRAL_GENERATIONS else self.peripheral:
            if threshold <= lowest:
                break
            result = self._advance(parent, generation, front, parent_area, threshold)
            if result is None:
                continue
            if best is None or result[0].length_mm > best[0].length_mm + self.step:
                best = result
            if result[0].stopped != "leak":
                best = result if result[0].length_mm >= 0.7 * best[0].length_mm else best
                break
        return best

    def _advance(
        self, parent: int, generation: int, seeds: np.ndarray, parent_area: float, threshold: int
    ) -> tuple[Branch, list[np.ndarray]] | None:
        """One branch at one threshold, undone again in the owner map; None if nothing sound remains."""
        front = seeds[self.values[seeds] < threshold]
        if not front.size:
            return None
        mark = np.uint16(65535)
        waves = [front]
        self.owner[front] = mark
        sizes, contrasts = [front.size], []
        stopped, fronts = "end", []
        narrowest, sound = np.inf, 0
        unit = self.step**2
        longest = 400.0 if generation == 0 else _LONGEST_MM
        while True:
            around = (front[:, None] + self.all26).ravel()
            around = np.unique(around[self.owner[around] == 0])
            levels = self.values[around]
            inside = levels < threshold
            refused = levels[~inside]
            following = around[inside]
            # Refused voxels beyond the volume are no wall.
            wall = refused[refused < 2999]
            contrasts.append(float(wall.mean()) - float(self.values[front].mean()) if wall.size else 0.0)
            if not following.size:
                stopped = "border" if refused.size and (refused >= 2999).mean() > 0.3 else "end"
                sound = len(waves)
                break
            size = following.size
            recent = float(np.mean(contrasts[-3:]))
            widening = _CENTRAL_WIDENING if generation < _CENTRAL_GENERATIONS else _WIDENING
            wide = size > widening * narrowest and size * unit > _SMALL_MM2
            thick = generation > 0 and size * unit > max(_TAPER * parent_area, _SMALL_MM2)
            if (generation > 0 and recent < WALL_HU) or thick or wide or len(waves) * self.step > longest:
                parts = self._parts(following) if wide or thick else []
                if len(parts) < 2 or recent < WALL_HU:
                    stopped = "leak"
                    break
                stopped, fronts, sound = "split", parts, len(waves)
                break
            waves.append(following)
            sizes.append(size)
            self.owner[following] = mark
            front = following
            if len(sizes) >= _SETTLED:  # the first waves only fill the cross-section
                narrowest = min(narrowest, float(np.median(sizes[-3:])))
            if generation == 0 or size <= 1.3 * max(narrowest, 4):
                sound = len(waves)
            if size > 1:
                parts = self._parts(front)
                if len(parts) > 1:
                    stopped, fronts, sound = "split", parts, len(waves)
                    break
        self.owner[np.concatenate(waves)] = 0
        kept = waves[: max(sound, 0)]
        if stopped == "split" and fronts and kept:
            joined = np.concatenate(fronts)
            kept = [wave[~np.isin(wave, joined)] for wave in kept]
        if not kept or sum(wave.size for wave in kept) == 0:
            return None
        voxels = np.concatenate(kept)
        area = float(np.median([wave.size for wave in kept if wave.size])) * unit
        return Branch(parent, generation, voxels, len(kept) * self.step, area, threshold, stopped), fronts

    def _parts(self, front: np.ndarray) -> list[np.ndarray]:
        """Parts of a front that do not touch, specks left out."""
        k, j, i = np.unravel_index(front, self.shape)
        low = np.array([k.min(), j.min(), i.min()])
        box = np.zeros((k.max() - low[0] + 1, j.max() - low[1] + 1, i.max() - low[2] + 1), bool)
        box[k - low[0], j - low[1], i - low[2]] = True
        labels, count = ndimage.label(box, np.ones((3, 3, 3)))
        if count == 1:
            return [front]
        numbers = labels[k - low[0], j - low[1], i - low[2]]
        parts = [front[numbers == number] for number in range(1, count + 1)]
        return [part for part in parts if part.size >= 2] or [front]

    def _prune(self) -> None:
        """Drops end branches that are shorter than they are wide, or short at all, until none is left."""
        dropped: set[int] = set()
        for index in range(len(self.branches) - 1, 0, -1):
            branch = self.branches[index]
            if any(child not in dropped for child in branch.children):
                continue
            width = 2 * np.sqrt(branch.area_mm2 / np.pi)
            if branch.length_mm < max(_SHORTEST_MM, width) or branch.voxels.size < 6:
                dropped.add(index)
        kept = [index for index in range(len(self.branches)) if index not in dropped]
        for index in kept:
            branch = self.branches[index]
            if branch.parent >= 0:
                above = self.branches[branch.parent]
                forked = sum(child not in dropped for child in above.children) > 1
                branch.generation = above.generation + forked
        number = {old: new for new, old in enumerate(kept)}
        self.branches = [self.branches[index] for index in kept]
        for branch in self.branches:
            branch.parent = number.get(branch.parent, -1)
            branch.children = [number[child] for child in branch.children if child in number]
