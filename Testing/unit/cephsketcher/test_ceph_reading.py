"""Plain words: all that the interval reaches, none where it reaches over both limits."""

from __future__ import annotations

import pytest

from CephSketcherLib.analysis.analyses import CephMeasure
from CephSketcherLib.analysis.interpretation import DEFAULT_LIMITS, Reading, limits_of, read


def measure(
    name: str,
    value: float,
    half: float | None = 0.5,
    norm: tuple[float, float] | None = None,
    unit: str = "deg",
    norm_range: tuple[float, float] | None = None,
) -> CephMeasure:
    return CephMeasure(
        name,
        name,
        value,
        unit,
        None if half is None else half / 1.96,
        None if norm is None else norm[0],
        None if norm is None else norm[1],
        None,
        "",
        "",
        (),
        "",
        norm_range,
    )


def one(topic: str, *measures: CephMeasure) -> Reading:
    return next(reading for reading in read(measures) if reading.topic == topic)


@pytest.mark.parametrize(
    ("anb", "half", "verdict", "words"),
    [
        (2.0, 1.0, "class I", "ANB 2.0"),
        (6.0, 1.0, "class II", "ANB"),
        (-2.0, 1.0, "class III", "ANB"),
        (4.3, 1.0, "class I or class II", "near the limit between them"),
        (3.7, 1.0, "class I or class II", "near the limit between them"),
        (-0.2, 0.5, "class III or class I", "near the limit between them"),
        (2.0, 5.0, "", "too uncertain"),
        (6.0, None, "", "uncertainty of a point is unknown"),
    ],
)
def test_skeletal_class_names_both_at_a_border(anb: float, half: float | None, verdict: str, words: str) -> None:
    reading = one("Skeletal class", measure("ANB", anb, half))
    assert reading.verdict == verdict and bool(reading.words) == bool(verdict)
    assert words in reading.sentence


@pytest.mark.parametrize(
    ("name", "topic", "low", "high"),
    [
        ("SNA", "Maxilla", "retrognathic", "prognathic"),
        ("SNB", "Mandible", "retrognathic", "prognathic"),
        ("FMA", "Growth pattern", "horizontal", "vertical"),
        ("Jarabak ratio", "Growth pattern", "vertical", "horizontal"),
        ("U1-SN", "Upper incisors", "retroclined", "proclined"),
        ("IMPA", "Lower incisors", "retroclined", "proclined"),
        ("Interincisal", "Interincisal angle", "acute", "obtuse"),
        ("Overjet", "Overjet", "small or reverse", "increased"),
        ("Overbite", "Overbite", "small or open", "deep"),
        ("UL-E", "Upper lip", "retrusive", "protrusive"),
        ("LL-E", "Lower lip", "retrusive", "protrusive"),
        ("Z angle", "Profile", "convex", "flat"),
    ],
)
def test_two_words_where_the_interval_reaches_over_a_limit(name: str, topic: str, low: str, high: str) -> None:
    lower, upper = DEFAULT_LIMITS[name]
    assert one(topic, measure(name, lower - 1, 0.9)).verdict == low
    assert one(topic, measure(name, upper + 1, 0.9)).verdict == high
    middle = "average" if topic == "Growth pattern" else "usual"
    assert one(topic, measure(name, (lower + upper) / 2, 0.9)).verdict == middle
    for border in (lower, upper):
        for value in (border - 0.5, border, border + 0.5):
            near = one(topic, measure(name, value, 0.9))
            assert set(near.words) == {middle, low if border == lower else high}
            assert f"{near.verdict}, near the limit between them" in near.sentence
    assert "too uncertain to say" in one(topic, measure(name, lower, upper - lower + 1)).sentence


def test_wits_checks_the_class() -> None:
    anb = measure("ANB", 6.0)
    agreed = one("Skeletal class", anb, measure("Wits", 6, unit="mm"))
    assert agreed.verdict == "class II" and "ANB 6.0" in agreed.sentence and "Wits 6.0 mm" in agreed.sentence
    contradicted = one("Skeletal class", anb, measure("Wits", 0, unit="mm"))
    assert not contradicted.words and "Wits does not" in contradicted.sentence
    doubtful = one("Skeletal class", anb, measure("Wits", 2, 1.5, unit="mm"))
    assert doubtful.verdict == "class II"
    border = one("Skeletal class", measure("ANB", 4, 1), measure("Wits", 6, unit="mm"))
    assert border.words == ("class I", "class II")  # Wits checks the class, it does not decide it


def test_growth_pattern_needs_agreement() -> None:
    steep = (measure("SN-GoGn", 45), measure("FMA", 38), measure("Jarabak ratio", 55, unit="%"))
    assert one("Growth pattern", *steep).verdict == "vertical"
    flat = (measure("SN-GoGn", 20), measure("FMA", 14), measure("Jarabak ratio", 72, unit="%"))
    assert one("Growth pattern", *flat).verdict == "horizontal"
    mixed = one("Growth pattern", measure("SN-GoGn", 45), measure("FMA", 25))
    assert not mixed.words and "do not agree" in mixed.sentence
    border = one("Growth pattern", measure("SN-GoGn", 37, 1), measure("FMA", 29.8, 1))
    assert border.words == ("average", "vertical") and "near the limit between them" in border.sentence
    helped = one("Growth pattern", measure("SN-GoGn", 37, 1), measure("FMA", 36, 1))
    assert helped.verdict == "vertical"
    assert not one("Growth pattern", measure("FMA", 25, None)).words


def test_limits_follow_the_norms_except_for_class_borders() -> None:
    assert limits_of(measure("SNA", 80, norm=(81, 3))) == (78, 84)
    assert limits_of(measure("FMA", 80, norm=(25, 4), norm_range=(20, 30))) == (20, 30)
    assert limits_of(measure("ANB", 80, norm=(3, 2))) == (0, 4)
    assert limits_of(measure("IMPA", 90)) == (85, 95)
    assert limits_of(measure("Saddle", 120)) is None


def test_incisors_and_lips() -> None:
    measures = [
        measure("U1-SN", 115),
        measure("IMPA", 80),
        measure("Interincisal", 130),
        measure("Overjet", -2, unit="mm"),
        measure("Overbite OP", 6, unit="mm"),
        measure("LL-E", 3, unit="mm"),
    ]
    verdicts = {reading.topic: reading.verdict for reading in read(measures)}
    assert verdicts == {
        "Upper incisors": "proclined",
        "Lower incisors": "retroclined",
        "Interincisal angle": "usual",
        "Overjet": "small or reverse",
        "Overbite": "deep",
        "Lower lip": "protrusive",
    }
    told = {reading.topic: reading.sentence for reading in read(measures)}
    assert told["Overjet"] == "Overjet: small or reverse (Overjet \u22122.0 mm, usual 1.0 to 4.0)."
    assert read([]) == []
