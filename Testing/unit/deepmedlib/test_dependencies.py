"""Which packages are there: present, missing, half removed, too old, and broken on import."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from DeepMedLib.dependencies import check_requirements, parse_requirements, require, smoke_import
from DeepMedLib.errors import BadInput, DependencyMissing


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for packages made by the test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(site: Path, name: str, version: str, code: str | None = "") -> None:
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if code is not None:
        (site / name).mkdir()
        (site / name / "__init__.py").write_text(code)


def test_requirements_are_read() -> None:
    text = "# ours\ntorch>=2.1\n\nmonai >=1.3, <2  # bundles\nscikit-image\nhuggingface[cli]==1.0.post1\n"
    requirements = parse_requirements(text)
    assert [str(item) for item in requirements] == [
        "torch>=2.1",
        "monai>=1.3,<2",
        "scikit-image",
        "huggingface==1.0.post1",
    ]
    assert requirements[2].module == "skimage"


@pytest.mark.parametrize("line", ["-r other.txt", "torch @ https://x.org/y.whl", "torch>=", "a; os_name=='nt'", "a b"])
def test_lines_of_another_kind_are_refused(line: str) -> None:
    with pytest.raises(BadInput, match="Line 2"):
        parse_requirements(f"numpy\n{line}\n")


def test_what_is_installed(site: Path) -> None:
    install(site, "deepmedtestgood", "1.10.2+cpu", "raise RuntimeError('must not be imported')")
    install(site, "deepmedtesthalf", "1.0", code=None)  # metadata without package
    (site / "deepmedtestrest").mkdir()  # folder without package
    lines = {
        "deepmedtestgood": "installed",
        "deepmedtestgood>=1.9": "installed",
        "deepmedtestgood>=1.10.2,<2": "installed",
        "deepmedtestgood==1.10.2": "installed",
        "deepmedtestgood>1.10.2": "wrong version",
        "deepmedtestgood!=1.10.2": "wrong version",
        "deepmedtestgood<=1.10": "wrong version",
        "deepmedtestgood>=1.11": "wrong version",
        "deepmedtesthalf": "broken",
        "deepmedtestrest": "broken",
        "deepmedtestnone": "missing",
    }
    states = check_requirements("\n".join(lines))
    assert {str(state.requirement): state.state for state in states} == lines
    assert states[0].version == "1.10.2+cpu" and states[0].is_ready


def test_require_names_what_is_wanting(site: Path) -> None:
    require("numpy>=1.26\nscipy\n")
    with pytest.raises(DependencyMissing, match=r"deepmedtestnone>=2 \(missing\)") as caught:
        require("numpy\ndeepmedtestnone>=2")
    assert "Install" in caught.value.remedy


def test_looking_does_not_import() -> None:
    before = set(sys.modules)
    check_requirements("torch\nmonai\nantigravity\n")
    assert "antigravity" not in set(sys.modules) - before


def test_smoke_import_in_a_child(site: Path) -> None:
    install(site, "deepmedtestgood", "1.0", "__version__ = '1.0'")
    settings = {"python": sys.executable, "search_paths": [site], "folder": site / "jobs"}
    versions = smoke_import(["numpy", "deepmedtestgood"], **settings)
    assert versions["deepmedtestgood"] == "1.0" and versions["numpy"]
    assert "deepmedtestgood" not in sys.modules


@pytest.mark.parametrize(
    ("code", "words"),
    [("raise OSError('wrong DLL')", "does not work: wrong DLL"), ("import os; os._exit(3)", "cannot be used")],
)
def test_a_package_that_does_not_work(site: Path, code: str, words: str) -> None:
    install(site, "deepmedtestbad", "1.0", code)
    settings = {"python": sys.executable, "search_paths": [site], "folder": site / "jobs"}
    with pytest.raises(DependencyMissing, match=words) as caught:
        smoke_import(["deepmedtestbad"], **settings)
    assert "Install packages" in caught.value.remedy
    with pytest.raises(DependencyMissing, match="'deepmedtestnone' is not installed"):
        smoke_import(["deepmedtestnone"], **settings)
