"""Which frames of a cine loop an examination looks at."""

from __future__ import annotations

#: Frames of one loop; the best of each plane counts most, so a few that differ are enough.
FRAMES_OF_A_LOOP = 6


def sampled_frames(count: int, wanted: int = FRAMES_OF_A_LOOP) -> list[int]:
    """Evenly spaced frames from 0, both ends included; all of them when there are few."""
    return sorted({round(i * (count - 1) / (wanted - 1)) for i in range(wanted)})
