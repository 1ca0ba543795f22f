"""How large a scan may be: exactly so large, and no voxel more."""

from __future__ import annotations

import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.series.limits import LARGEST_SIDE, LARGEST_VOXELS, check_size


def test_exactly_at_the_limits_it_is_read() -> None:
    check_size(LARGEST_VOXELS, LARGEST_SIDE, "The scan")


@pytest.mark.parametrize(("voxels", "side"), [(LARGEST_VOXELS + 1, 512), (1000, LARGEST_SIDE + 1)])
def test_one_more_is_refused(voxels: int, side: int) -> None:
    with pytest.raises(BadInput, match="more than"):
        check_size(voxels, side, "The scan")
