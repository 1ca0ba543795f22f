"""What the measures say, in plain words: every word that the 95 % interval of a measure reaches, and no other.

One word where the whole interval lies on one side of the limits, two where it crosses one limit, none where it crosses
both.

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
        words: what the measures may be called: one word, two with a limit between them, none when nothing can be said.
        sentence: for people; says why where there is no word.
    """

    topic: str
    words: tuple[str, ...]
    sentence: str

    @property
    def verdict(self) -> str:
        """The words as they stand in the sentence; "" when nothing can be said."""
        return " or ".join(self.words)


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
    return _spoken(topic, subject, touched, phrase, _silence(measure, touched))


def _spoken(topic: str, subject: str, words: Sequence[str], phrase: str, silence: str) -> Reading:
    """One word, or two with a limit between them; else why there is none."""
    if len(words) == 1:
        return Reading(topic, (words[0],), f"{subject}: {words[0]} ({phrase}).")
    if len(words) == 2:
        return Reading(
            topic, tuple(words), f"{subject}: {words[0]} or {words[1]}, near the limit between them ({phrase})."
        )
    return Reading(topic, (), f"{subject}: {silence} ({phrase}).")


def _silence(measure: CephMeasure, touched: Sequence[str]) -> str:
    if measure.interval is None:
        return "not decided, because the uncertainty of a point is unknown"
    return "" if 0 < len(touched) < 3 else "too uncertain to say"


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
    """By ANB; Wits must not contradict it."""
    if anb is None:
        return None
    topic, classes = "Skeletal class", ("class III", "class I", "class II")
    touched, phrase = placed(anb, classes)
    reading = _spoken(topic, topic, touched, phrase, _silence(anb, touched))
    if wits is None or not reading.words:
        return reading
    other, wits_phrase = placed(wits, classes)
    told = f"{phrase}; {wits_phrase}"
    if other and not set(other) & set(touched):
        return Reading(
            topic,
            (),
            f"{topic}: not decided, ANB says {reading.verdict} but Wits does not ({told}). Rotated jaws or an unusual "
            "position of nasion move ANB; look at both.",
        )
    return _spoken(topic, topic, touched, told, "")


def _growth_pattern(measures: Sequence[CephMeasure]) -> Reading | None:
    """What all measures allow together."""
    if not measures:
        return None
    topic, steep = "Growth pattern", ("horizontal", "average", "vertical")
    votes, phrases = [], []
    for measure in measures:
        words = tuple(reversed(steep)) if measure.name == "Jarabak ratio" else steep
        touched, phrase = placed(measure, (words[0], words[1], words[2]))
        votes.append(touched)
        phrases.append(phrase)
    told = "; ".join(phrases)
    known = [touched for touched in votes if touched]
    if not known:
        return _spoken(topic, topic, (), told, _silence(measures[0], ()))
    within = [word for word in steep if all(word in touched for touched in known)]
    if not within:
        return Reading(topic, (), f"{topic}: not decided, the measures do not agree ({told}).")
    return _spoken(topic, topic, within, told, "too uncertain to say")
