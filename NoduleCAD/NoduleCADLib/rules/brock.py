"""The full model with spiculation of the Pan-Canadian study (Brock): probability of cancer of a screened nodule.

McWilliams et al., N Engl J Med 369:910, 2013, model 2b. It holds for people screened for lung cancer; it is fed by what
the user fills in, never by the network's guess of an opinion.
"""

from __future__ import annotations

import math

SOURCE = "Brock (PanCan) full model with spiculation, McWilliams 2013"


def brock_probability(
    age: float,
    female: bool,
    diameter_mm: float,
    kind: str,
    nodules: int,
    *,
    family_history: bool,
    emphysema: bool,
    upper_lobe: bool,
    spiculation: bool,
) -> float:
    """Probability that the nodule is found to be cancer within 2 to 4 years, 0..1.

    Args:
        age: years.
        diameter_mm: of the nodule.
        kind: "solid", "part-solid" or "ground glass".
        nodules: how many the scan shows, this one counted.

    Raises:
        ValueError: an unknown kind, or numbers that cannot be.
    """
    kinds = {"solid": 0.0, "part-solid": 0.3770, "ground glass": -0.1276}
    if kind not in kinds or not diameter_mm > 0 or nodules < 1 or not 18 <= age <= 110:
        raise ValueError("age 18 to 110 years, a diameter above 0 mm, one nodule or more, and one of the three kinds")
    log_odds = (
        -6.7892
        + 0.0287 * (age - 62)
        + 0.6011 * female
        + 0.2961 * family_history
        + 0.2953 * emphysema
        - 5.3854 * ((diameter_mm / 10) ** -0.5 - 1.58113883)
        + kinds[kind]
        + 0.6581 * upper_lobe
        - 0.0824 * (nodules - 4)
        + 0.7729 * spiculation
    )
    return 1 / (1 + math.exp(-log_odds))
