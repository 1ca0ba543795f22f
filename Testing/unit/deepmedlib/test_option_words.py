"""What people write for an option means the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from DeepMedLib import option_words
from DeepMedLib.errors import BadInput


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("28.4", 28.4),
        ("28,4", 28.4),
        ("28w3d", 28 + 3 / 7),
        ("28 w 3 d", 28 + 3 / 7),
        ("28+3", 28 + 3 / 7),
        ("28 3/7", 28 + 3 / 7),
        ("28w", 28.0),
        ("28 weeks", 28.0),
        ("28W6D", 28 + 6 / 7),
    ],
)
def test_gestational_ages(text: str, weeks: float) -> None:
    assert option_words.weeks(text) == pytest.approx(weeks, abs=1e-12)


@given(st.integers(4, 43), st.integers(0, 6))
def test_weeks_and_days_agree_in_every_form(weeks: int, days: int) -> None:
    forms = (f"{weeks}w{days}d", f"{weeks}+{days}", f"{weeks} {days}/7", f"{weeks + days / 7!r}")
    assert {round(option_words.weeks(form), 9) for form in forms} == {round(weeks + days / 7, 9)}


@pytest.mark.parametrize(
    ("text", "years"),
    [("12.5", 12.5), ("12y6m", 12.5), ("12;6", 12.5), ("12y", 12.0), ("12 years", 12.0), ("9,25", 9.25)],
)
def test_ages_in_years(text: str, years: float) -> None:
    assert option_words.years(text) == pytest.approx(years)


@pytest.mark.parametrize("text", ["female", "F", "girl", " Woman "])
def test_female(text: str) -> None:
    assert option_words.sex(text) == option_words.FEMALE


@pytest.mark.parametrize("text", ["male", "M", "BOY", "man"])
def test_male(text: str) -> None:
    assert option_words.sex(text) == option_words.MALE


def test_numbers_switches_dates_and_choices() -> None:
    assert option_words.numbers("812 102;812  512 40", 5) == (812, 102, 812, 512, 40)
    assert option_words.number(" 0,21 ") == 0.21 and option_words.count("12") == 12
    assert option_words.date("2026-01-31") == "2026-01-31"
    assert [option_words.switch(word) for word in ("yes", "TRUE", "1", "no", "off", "0")] == [True] * 3 + [False] * 3
    assert option_words.choice("Right_Hand", ("unknown", "right hand")) == "right hand"
    assert option_words.choice("outer outer", ("outer-outer", "outer-inner")) == "outer-outer"


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (option_words.weeks, "28w7d"),
        (option_words.weeks, "soon"),
        (option_words.weeks, ""),
        (option_words.weeks, "nan"),
        (option_words.years, "12y12m"),
        (option_words.years, "old"),
        (option_words.number, "inf"),
        (option_words.number, "1.2.3"),
        (option_words.count, "0"),
        (option_words.count, "1.5"),
        (option_words.sex, "x"),
        (option_words.sex, ""),
        (option_words.date, "31.1.2026"),
        (option_words.switch, "perhaps"),
        (lambda text: option_words.numbers(text, 5), "1 2 3 4"),
        (lambda text: option_words.choice(text, ("auto", "head")), "foot"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_remedy(read: Callable[[str], Any], text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)
    assert refused.value.remedy
