"""What sizes a face may have on a lateral film, in mm, magnification of up to 15 % included; round numbers.

Usual: wider than 3 SD about the means of children and grown men on film. Possible: with room for infants and the
gravest malformations; beyond it only a wrong scale remains.
"""

from __future__ import annotations

from DeepMedLib.picture.plausible import SizeRange

SIZES = {
    "S-N": SizeRange((35, 115), (52, 98)),
    "N-Me": SizeRange((50, 210), (75, 165)),
}
"""Distance of two landmarks, by their symbols."""
