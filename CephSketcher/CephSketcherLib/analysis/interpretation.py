"""What the measures say, in plain words; a word only where the whole 95 % interval lies on one side of the limits.

Limits are those of the chosen norms: their range where they have one, else mean +- 1 SD. Where the norms have none,
those of `DEFAULT_LIMITS` serve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from CephSketcherLib.analysis.analyses import CephMeasure

#: (low, high) where no norm is chosen: common textbook limits.
DEFAULT_LIMITS: Mapping[str, tuple[float, float]] = {
    "SNA": (80.0, 84.0),
    "SNB": (78.0, 82.0),
    "ANB": (0.0, 4.0),
    "Wits": (-3.0, 2.0),
    "SN-GoGn": (27.0, 37.0),
    "SN-MP": (30.0, 40.0),
    "FMA": (20.0, 30.0),
    "Jarabak ratio": (60.0, 65.0),
    "U1-SN": (97.0, 109.0),
    "U1-PP": (103.0, 115.0),
    "U1-NA": (18.0, 26.0),
    "IMPA": (85.0, 95.0),
    "L1-NB": (21.0, 29.0),
    "Interincisal": (125.0, 135.0),
    "Overjet": (1.0, 4.0),
    "Overjet OP": (1.0, 4.0),
    "Overbite": (1.0, 4.0),
    "Overbite OP": (1.0, 4.0),
    "UL-E": (-6.0, -2.0),
    "LL-E": (-4.0, 0.0),
    "UL-B line": (2.1, 4.9),
    "LL-B line": (0.6, 3.8),
    "Z angle": (70.0, 80.0),
}
#: Limits that stay as they are whatever the norms: they are class borders, not a spread between healthy people.
_FIXED = ("ANB", "Jarabak ratio", "Overjet", "Overjet OP", "Overbite", "Overbite OP", "Wits")


_PROGNATHISM = ("retrognathic", "usual", "prognathic")
_LIP = ("retrusive", "usual", "protrusive")


@dataclass(frozen=True)
class Reading:
    """One statement.

    Attributes:
        topic: "Skeletal class", "Growth pattern" ...
        verdict: one or two words; "" when it is not decided.
        sentence: for people; says why where it is not decided.
    """

    topic: str
    verdict: str
    sentence: str

    @property
    def decided(self) -> bool:
        """Whether the points are certain enough for a word."""
        return bool(self.verdict)


def limits_of(measure: CephMeasure) -> tuple[float, float] | None:
    """What counts as usual for a measure; None when neither norms nor defaults say."""
    if measure.name not in _FIXED:
        if measure.norm_range is not None:
            return measure.norm_range
        if measure.norm_mean is not None and measure.norm_sd is not None:
            return measure.norm_mean - measure.norm_sd, measure.norm_mean + measure.norm_sd
    return DEFAULT_LIMITS.get(measure.name)


def placed(measure: CephMeasure, words: tuple[str, str, str]) -> tuple[tuple[str, ...], str]:
    """Where a measure lies among (below, usual, above).

    Returns:
        the words that its 95 % interval touches, in order (none where the uncertainty or the limits are unknown), and a
        phrase with value and limits.
    """
    limits = limits_of(measure)
    unit = {"deg": "\u00b0", "mm": " mm", "%": " %"}[measure.unit]
    phrase = f"{measure.name.removesuffix(' mm')} {measure.value:.1f}".replace(" -", " \u2212") + unit
    if limits is None:
        return (), phrase
    low, high = limits
    phrase += f", usual {low:.1f} to {high:.1f}".replace("-", "\u2212")
    if measure.interval is None:
        return (), phrase

    def place(value: float) -> int:
        return 0 if value < low else (1 if value <= high else 2)

    first, last = place(measure.interval[0]), place(measure.interval[1])
    return words[first : last + 1], phrase


def _one(topic: str, subject: str, measure: CephMeasure | None, words: tuple[str, str, str]) -> Reading | None:
    if measure is None:
        return None
    touched, phrase = placed(measure, words)
    if len(touched) == 1:
        return Reading(topic, touched[0], f"{subject}: {touched[0]} ({phrase}).")
    return Reading(topic, "", f"{subject}: {_doubt(measure, touched)} ({phrase}).")


def _doubt(measure: CephMeasure, touched: Sequence[str]) -> str:
    if measure.interval is None:
        return "not decided, because the uncertainty of a point is unknown"
    if len(touched) == 2:
        return f"near the limit between {touched[0]} and {touched[1]}"
    return "too uncertain to say"


def read(measures: Sequence[CephMeasure]) -> list[Reading]:
    """All statements that the measures allow, the skeletal class first."""
    by_name = {m.name: m for m in measures}
    get = by_name.get
    readings = [
        _skeletal_class(get("ANB"), get("Wits")),
        _one("Maxilla", "Maxilla against the cranial base", get("SNA"), _PROGNATHISM),
        _one("Mandible", "Mandible against the cranial base", get("SNB"), _PROGNATHISM),
        _growth_pattern([m for m in (get("SN-GoGn") or get("SN-MP"), get("FMA"), get("Jarabak ratio")) if m]),
        _one(
            "Upper incisors",
            "Upper incisors",
            get("U1-SN") or get("U1-PP") or get("U1-NA"),
            ("retroclined", "usual", "proclined"),
        ),
        _one("Lower incisors", "Lower incisors", get("IMPA") or get("L1-NB"), ("retroclined", "usual", "proclined")),
        _one("Interincisal angle", "Angle between the incisors", get("Interincisal"), ("acute", "usual", "obtuse")),
        _one("Overjet", "Overjet", get("Overjet OP") or get("Overjet"), ("small or reverse", "usual", "increased")),
        _one("Overbite", "Overbite", get("Overbite OP") or get("Overbite"), ("small or open", "usual", "deep")),
        _one("Upper lip", "Upper lip", get("UL-E") or get("UL-B line"), _LIP),
        _one("Lower lip", "Lower lip", get("LL-E") or get("LL-B line"), _LIP),
        _one("Profile", "Profile of lips and chin", get("Z angle"), ("convex", "usual", "flat")),
    ]
    return [reading for reading in readings if reading is not None]


def _skeletal_class(anb: CephMeasure | None, wits: CephMeasure | None) -> Reading | None:
    if anb is None:
        return None
    words = ("class III", "class I", "class II")
    touched, phrase = placed(anb, words)
    if len(touched) != 1:
        sentence = f"Skeletal class: {_doubt(anb, touched)} ({phrase})."
        if wits is not None and touched:
            other, wits_phrase = placed(wits, words)
            if len(other) == 1:
                sentence += f" Wits alone says {other[0]} ({wits_phrase})."
        return Reading("Skeletal class", "", sentence)
    if wits is None:
        return Reading("Skeletal class", touched[0], f"Skeletal {touched[0]} by ANB ({phrase}); no Wits to check it.")
    other, wits_phrase = placed(wits, words)
    if other == touched:
        sentence = f"Skeletal {touched[0]}: ANB ({phrase}) and Wits ({wits_phrase}) agree."
        return Reading("Skeletal class", touched[0], sentence)
    if touched[0] in other or not other:
        sentence = f"Skeletal {touched[0]} by ANB ({phrase}); Wits is {_doubt(wits, other)} ({wits_phrase})."
        return Reading("Skeletal class", touched[0], sentence)
    return Reading(
        "Skeletal class",
        "",
        f"Skeletal class: not decided, ANB says {touched[0]} ({phrase}) but Wits does not ({wits_phrase}). Rotated "
        "jaws or an unusual position of nasion move ANB; look at both.",
    )


def _growth_pattern(measures: Sequence[CephMeasure]) -> Reading | None:
    if not measures:
        return None
    steep = ("horizontal", "average", "vertical")
    votes, phrases = [], []
    for measure in measures:
        words = tuple(reversed(steep)) if measure.name == "Jarabak ratio" else steep
        touched, phrase = placed(measure, (words[0], words[1], words[2]))
        votes.append(touched)
        phrases.append(phrase)
    certain = {touched[0] for touched in votes if len(touched) == 1}
    within = [word for word in steep if all(word in touched for touched in votes if touched)]
    told = "; ".join(phrases)
    if len(certain) == 1 and within == list(certain):
        word = within[0]
        return Reading("Growth pattern", word, f"Growth pattern: {word} ({told}).")
    if len(certain) > 1:
        named = " and ".join(word for word in steep if word in certain)
        return Reading("Growth pattern", "", f"Growth pattern: not decided, the measures say {named} ({told}).")
    if not any(votes):
        why = "not decided, because the uncertainty of a point is unknown"
    elif len(within) == 2:
        why = f"near the limit between {within[0]} and {within[1]}"
    else:
        why = "too uncertain to say"
    return Reading("Growth pattern", "", f"Growth pattern: {why} ({told}).")


def read_measures(measures: Sequence[CephMeasure]) -> list[tuple[str, str]]:
    """`read` as pairs of topic and sentence."""
    return [(reading.topic, reading.sentence) for reading in read(measures)]
