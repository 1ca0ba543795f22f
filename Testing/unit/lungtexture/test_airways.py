"""Tubes of a grown tree and their centre lines, beside the tree that was drawn."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.ct.airway import AirwayTree, airway_tree
from LungTextureLib.airways import Airways, airways_of, packed_lines, tubes_of
from LungTextureLib.phantom import LungPhantom, lung_phantom


@pytest.fixture(scope="module")
def drawn() -> LungPhantom:
    return lung_phantom(5, (0.98, 0.98, 3.0))


@pytest.fixture(scope="module")
def tree(drawn: LungPhantom) -> AirwayTree:
    return airway_tree(drawn.values, drawn.grid)


def test_lines_run_in_the_lumen_from_fork_to_fork(drawn: LungPhantom, tree: AirwayTree) -> None:
    assert len(tree.lines) == len(tree.branches)
    tubes = tubes_of(tree)
    ijk = np.rint(drawn.grid.ras_points_to_ijk(np.vstack([tube.line for tube in tubes]))).astype(int)
    assert tree.mask[tuple(ijk[:, ::-1].T)].mean() > 0.95
    forks = [tube.parent for tube in tubes]
    for index, tube in enumerate(tubes):
        assert forks.count(index) != 1  # a tube that goes on as one is one
        if tube.parent >= 0:
            assert np.allclose(tube.line[0], tubes[tube.parent].line[-1])
    points, of = packed_lines([tube.line for tube in tubes])
    assert len(points) == len(of) and of.max() == len(tubes) - 1


def test_windpipe_and_main_bronchi_are_as_long_as_drawn(tree: AirwayTree) -> None:
    airways = airways_of(tree)
    assert airways is not None
    windpipe, *further = airways.branches
    assert windpipe.length_mm == pytest.approx(105, abs=12)  # from the scan's top at 575 mm to the carina at 470 mm
    main = [branch.length_mm for branch in further if branch.generation == 1]
    assert len(main) == 2 and main == pytest.approx([48.4, 48.4], abs=9)
    assert 14 <= len(airways.branches) <= 45  # 45 were drawn; the thinnest are narrower than the slices are apart
    assert airways.generations >= 4
    assert Airways.from_dict(airways.to_dict()) == airways


def test_no_windpipe_tells_nothing() -> None:
    empty = AirwayTree(np.zeros((1, 1, 1), bool), np.zeros((1, 1, 1), bool), (), 0, 0.0, 0.0, True, "none")
    assert airways_of(empty) is None and len(packed_lines([])[0]) == 0
