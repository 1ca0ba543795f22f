"""The catalog of mutations has the size and the form that its runner relies on; the runner itself is not run here."""

from __future__ import annotations

from pathlib import Path

import pytest

from Testing.mutations.__main__ import survives
from Testing.mutations.catalog import Mutation, mutations

ROOT = Path(__file__).resolve().parents[3]


def test_there_are_enough_and_each_names_files_that_exist() -> None:
    found = mutations()
    assert len(found) >= 80 and len({(m.file, m.before, m.after) for m in found}) == len(found)
    for mutation in found:
        assert (ROOT / mutation.file).is_file(), mutation.file
        assert mutation.tests and all((ROOT / test).exists() for test in mutation.tests), mutation.tests


def planted(tree: Path, test: str) -> None:
    (tree / "AlphaLib").mkdir()
    (tree / "alpha.py").write_text("LIMIT = 3\n\n\ndef above(x):\n    return x > LIMIT\n", encoding="utf-8")
    (tree / "test_alpha.py").write_text(f"from alpha import above\n\n\ndef test_it():\n    {test}\n", encoding="utf-8")


@pytest.mark.parametrize(("test", "survived"), [("assert above(4)", True), ("assert above(4) and not above(3)", False)])
def test_a_threshold_that_is_tested_on_one_side_survives(test: str, survived: bool, tmp_path: Path) -> None:
    planted(tmp_path, test)
    change = Mutation("alpha.py", "x > LIMIT", "x >= LIMIT", ("test_alpha.py",))
    assert survives(tmp_path, change) is survived
    assert "x > LIMIT" in (tmp_path / "alpha.py").read_text(encoding="utf-8")


def test_a_change_that_does_not_fit_any_more_is_a_fault(tmp_path: Path) -> None:
    planted(tmp_path, "assert above(4)")
    with pytest.raises(ValueError, match="0 times"):
        survives(tmp_path, Mutation("alpha.py", "x < LIMIT", "x > LIMIT", ("test_alpha.py",)))
