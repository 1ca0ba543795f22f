"""Outlines and lines that a reader of ours drew on FETAL_PLANES pictures without published points.

They teach; no figure is ever measured against them. Pixels of the file, read off a magnified picture: good to some
10 pixels. Pictures whose outline or bone is not clear were left alone.
"""

from __future__ import annotations

from FetalBiometryLib.planes.ellipse import Ellipse

#: `fetal_planes_extra` file stem -> outer skin border.
ABDOMENS = {
    "abdomen_1": Ellipse.make(605, 411, 245, 242, 0),
    "abdomen_4": Ellipse.make(535, 390, 335, 305, 90),
}

#: `fetal_planes_extra` file stem -> end points of the ossified shaft.
FEMURS = {
    "femur_3": ((295.0, 232.0), (875.0, 245.0)),
}
