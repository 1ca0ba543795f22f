"""What the INPUT arguments of `deepmed` mean, and the names of the result folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepmed_headless.cli.files.inputs import Case, expand, split_name, with_different_stems
from DeepMedLib.errors import BadInput


def stems(*paths: str) -> list[str]:
    return [case.stem for case in with_different_stems([Case(Path(p), split_name(Path(p).name)[0]) for p in paths])]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("head.png", ("head", ".png")),
        ("scan.nii.gz", ("scan", ".nii.gz")),
        ("a.seg.nrrd", ("a", ".seg.nrrd")),
        ("a.NRRD", ("a", ".NRRD")),
        ("1.2.840.10008", ("1.2.840.10008", "")),
        ("v1.2.dcm", ("v1.2", ".dcm")),
        (".png", (".png", "")),
        ("IM0001", ("IM0001", "")),
    ],
)
def test_split_name(name: str, expected: tuple[str, str]) -> None:
    assert split_name(name) == expected


def test_equal_stems_get_the_parent_in_front() -> None:
    assert stems("/d/one/a.png", "/d/two/a.png", "/d/two/b.png") == ["one_a", "two_a", "b"]


def test_equal_parents_get_their_parent_too() -> None:
    assert stems("/p/x/a.png", "/q/x/a.png") == ["p_x_a", "q_x_a"]


def test_files_that_differ_in_their_extension_keep_it() -> None:
    assert stems("/d/a.png", "/d/a.jpg") == ["d_a_png", "d_a_jpg"]


def test_letter_case_does_not_tell_folders_apart() -> None:
    assert stems("/d/one/A.png", "/d/two/a.png") == ["one_A", "two_a"]


def test_a_name_that_arises_is_not_used_twice() -> None:
    found = stems("/d/one/a.png", "/d/two/a.png", "/e/one_a.png")
    assert len(set(found)) == 3


FOLDERS = st.sampled_from("ab")
NAMES = st.sampled_from(["x.png", "x.jpg", "X.png", "a_x.png"])


@given(st.lists(st.tuples(FOLDERS, FOLDERS, NAMES), unique=True))
def test_stems_always_differ(parts: list[tuple[str, str, str]]) -> None:
    found = stems(*(f"/{one}/{two}/{name}" for one, two, name in parts))
    assert len({stem.casefold() for stem in found}) == len(parts)


def test_expand_runs_what_it_can(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").mkdir()
    for name in ("a.png", "folder/b.png"):
        (tmp_path / name).touch()

    def of_folder(folder: Path) -> list[Case]:
        found = [Case(path, path.stem) for path in folder.iterdir()]
        if not found:
            raise BadInput("Nothing here.", "Look elsewhere.")
        return found

    inputs = [tmp_path / "a.png", tmp_path / "empty", tmp_path / "folder", tmp_path / "folder" / ".." / "a.png"]
    cases, refused = expand(inputs, of_folder)
    assert [case.stem for case in cases] == ["a", "b"]  # a.png was given twice
    assert [item.path for item in refused] == [tmp_path / "empty"]
