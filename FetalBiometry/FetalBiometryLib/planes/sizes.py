"""What sizes a fetus may have, from the smallest head that can be outlined to the largest at birth; round numbers, mm.

Usual: wider than 4 SD about the means of the charts from 10 weeks to birth. Possible: with room for the gravest growth
disorders; beyond it only a wrong scale remains.
"""

from __future__ import annotations

from DeepMedLib.picture.plausible import SizeRange

SIZES = {
    "HC": SizeRange((8, 600), (35, 430)),
    "BPD": SizeRange((2, 200), (9, 125)),
    "OFD": SizeRange((2.5, 250), (11, 150)),
    "AC": SizeRange((8, 600), (30, 450)),
    "FL": SizeRange((1, 130), (3, 90)),
    "HL": SizeRange((1, 120), (3, 80)),
    "ThoraxCircumference": SizeRange((8, 600), (30, 430)),
    "HeartCircumference": SizeRange((3, 350), (10, 220)),
}
