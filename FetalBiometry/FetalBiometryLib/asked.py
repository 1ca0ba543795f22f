"""The options of a command or a table row together, checked before any picture is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from DeepMedLib.errors import BadInput
from FetalBiometryLib.examination.options import settings_of
from FetalBiometryLib.picture.ultrasound import typed_scale


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are.

    Raises:
        BadInput: a value, or two together, that no picture could be measured with, or a file that cannot be read.
    """
    spacing = values["spacing"]
    if spacing is not None and values["accept_ruler"]:
        raise BadInput("A pixel size and a ruler are given.", "Give either --spacing or --accept-ruler, not both.")
    if spacing is not None:
        typed_scale(spacing)
    settings_of(values)
    return dict(values)
