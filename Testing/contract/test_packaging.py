"""The extension as Slicer's build machines, its catalog and Windows will see it."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import pytest

from Testing.contract.shipped_files import ROOT, all_problems, modules, present, variables_of

RAW = re.compile(r"https://raw\.githubusercontent\.com/([^/]+)/([^/]+)/([^/]+)/(.+)")
TEXT_SUFFIXES = {
    ".py",
    ".txt",
    ".md",
    ".json",
    ".ui",
    ".toml",
    ".lock",
    ".sh",
    ".cmake",
    ".html",
    ".css",
    ".csv",
    ".svg",
}
# The catalog's entry: version 1.0.2 of its schema knows these keys. Without scm_revision the index clones the default
# branch at depth 1, and counts every file of that clone.
SCHEMA = (
    "https://raw.githubusercontent.com/Slicer/Slicer/main/Schemas/slicer-extension-catalog-entry-schema-v1.0.2.json#"
)
SCHEMA_KEYS = {
    "$schema": str,
    "build_dependencies": list,
    "build_subdirectory": str,
    "category": str,
    "dicom_support_rule": str,
    "enabled": bool,
    "scm_type": str,
    "scm_url": str,
    "tier": int,
}
BRANCH = "main"
#: What the suite reads; Slicer offers the extension when such data are loaded. A rule-engine expression.
MODALITIES = ("CT", "US", "DX", "CR")

SOUND = {
    "CMakeLists.txt": "project(X)\nadd_subdirectory(SharedLib) # shared\nadd_subdirectory(Alpha)\n",
    "SharedLib/CMakeLists.txt": (
        "set(MODULE_NAME SharedLib)\nset(S\n  __init__.py\n  inner/__init__\n  inner/tool.py # one\n  )\n"
        "slicerMacroBuildScriptedModule(NAME ${MODULE_NAME} SCRIPTS ${S} RESOURCES Resources/page.html WITH_SUBDIR)\n"
    ),
    "SharedLib/__init__.py": "",
    "SharedLib/inner/__init__.py": "",
    "SharedLib/inner/tool.py": "",
    "SharedLib/Resources/page.html": "",
    "SharedLib/__pycache__/x.pyc": "",
    "Alpha/CMakeLists.txt": (
        "set(MODULE_NAME Alpha)\nset(S ${MODULE_NAME}.py AlphaLib/__init__.py)\n"
        "set(R Resources/UI/${MODULE_NAME}.ui Resources/AlphaModels/m.pt)\n"
        "slicerMacroBuildScriptedModule(\n  NAME ${MODULE_NAME}\n  SCRIPTS ${S}\n"
        "  RESOURCES ${R}\n  WITH_GENERIC_TESTS\n  )\n"
    ),
    "Alpha/Alpha.py": "",
    "Alpha/AlphaLib/__init__.py": "",
    "Alpha/Resources/UI/Alpha.ui": "",
    "Alpha/Resources/AlphaModels/m.pt": "",
}


def plant(folder: Path, changes: dict[str, str] | None = None) -> Path:
    """Lay a small sound extension, with some files replaced or added."""
    for name, text in (SOUND | (changes or {})).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def cmake_with(name: str, old: str, new: str) -> dict[str, str]:
    """The change that edits one planted CMakeLists.txt."""
    assert old in SOUND[f"{name}/CMakeLists.txt"]
    return {f"{name}/CMakeLists.txt": SOUND[f"{name}/CMakeLists.txt"].replace(old, new)}


# ---- the lists of files ----------------------------------------------------------------------------------------------


def test_every_file_is_shipped_once_under_a_name_of_its_own() -> None:
    assert {module.name for module in modules()} >= {"DeepMedLib", "FetalBiometry"}
    assert all_problems() == []


def test_a_sound_extension_passes(tmp_path: Path) -> None:
    root = plant(tmp_path)
    assert all_problems(root) == []
    shared = next(module for module in modules(root) if module.name == "SharedLib")
    assert shared.installed("inner/tool.py") == "SharedLib/inner/tool.py"
    assert shared.scripts == ("__init__.py", "inner/__init__.py", "inner/tool.py")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Alpha/AlphaLib/new.py": ""}, "Alpha/AlphaLib/new.py: not shipped"),
        ({"SharedLib/Resources/new.css": ""}, "SharedLib/Resources/new.css: not shipped"),
        (cmake_with("SharedLib", "inner/tool.py #", "#"), "SharedLib/inner/tool.py: not shipped"),
        (cmake_with("SharedLib", "inner/tool.py", "inner/tool.py inner/gone.py"), "gone.py: listed, but no such file"),
        (cmake_with("SharedLib", "inner/tool.py", "inner/tool.py inner/tool.py"), "inner/tool.py: listed twice"),
        ({"CMakeLists.txt": "project(X)\nadd_subdirectory(SharedLib)\n#add_subdirectory(Alpha)\n"}, "Alpha: not added"),
        ({"Gamma/Gamma.py": ""}, "Gamma: a module without a CMakeLists.txt"),
    ],
)
def test_a_fault_in_the_lists_is_found(tmp_path: Path, changes: dict[str, str], expected: str) -> None:
    problems = all_problems(plant(tmp_path, changes))
    assert [problem for problem in problems if expected in problem], problems


def test_the_same_path_from_two_modules_is_found(tmp_path: Path) -> None:
    beta = {
        "CMakeLists.txt": SOUND["CMakeLists.txt"] + "add_subdirectory(Beta)\n",
        "Beta/CMakeLists.txt": (
            "slicerMacroBuildScriptedModule(NAME Beta SCRIPTS Beta.py RESOURCES Resources/alphamodels/m.pt)\n"
        ),
        "Beta/Beta.py": "",
        "Beta/Resources/alphamodels/m.pt": "",
    }
    problems = all_problems(plant(tmp_path, beta))
    assert "Resources/alphamodels/m.pt: shipped by Alpha and by Beta" in problems
    assert any("must begin with Beta" in problem for problem in problems)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Resources/requirements.txt", "name it AlphaRequirements.txt"),
        ("Resources/Models/m.pt", "must begin with Alpha"),
        ("utils/__init__.py", "must begin with Alpha"),
        ("AlphaLib/" + "n" * 85 + ".py", "at most 90"),
        ("AlphaLib/deep/tool.py", "Python files without __init__.py"),
    ],
)
def test_a_bad_name_is_found(tmp_path: Path, name: str, expected: str) -> None:
    kind = "AlphaLib/__init__.py" if name.endswith(".py") else "Resources/AlphaModels/m.pt"
    problems = all_problems(plant(tmp_path, cmake_with("Alpha", kind, f"{kind} {name}") | {f"Alpha/{name}": ""}))
    assert any(expected in problem for problem in problems)
    assert all("Alpha" in problem or name in problem for problem in problems)


# ---- the catalog -----------------------------------------------------------------------------------------------------


def catalog_problems(root: Path) -> list[str]:
    """Where DeepMedExtension.json, CMakeLists.txt and the files they point to disagree."""
    top = variables_of(root / "CMakeLists.txt")
    text = (root / "CMakeLists.txt").read_text(encoding="utf-8")
    name = "".join(re.findall(r"^project\((\w+)\)", text, re.MULTILINE))
    entry = json.loads((root / f"{name}.json").read_text(encoding="utf-8"))
    problems = [f"{key}: not for the catalog" for key in entry if key not in SCHEMA_KEYS]
    problems += [f"{k}: wrong type" for k, kind in SCHEMA_KEYS.items() if k in entry and not isinstance(entry[k], kind)]
    if entry.get("$schema") != SCHEMA:
        problems.append("$schema is not version 1.0.2")
    if entry.get("dicom_support_rule") != " or ".join(f"Modality == '{name}'" for name in MODALITIES):
        problems.append(f"dicom_support_rule must name {', '.join(MODALITIES)}")
    if entry.get("tier") not in range(1, 6):
        problems.append("tier must be 1 to 5")
    depends = [] if top["EXTENSION_DEPENDS"] == "NA" else top["EXTENSION_DEPENDS"].split()
    if entry["build_dependencies"] != depends:
        problems.append("build_dependencies differ from EXTENSION_DEPENDS")
    if entry["category"] != top["EXTENSION_CATEGORY"]:
        problems.append("category differs from EXTENSION_CATEGORY")
    home = entry["scm_url"].removesuffix(".git")
    if top["EXTENSION_HOMEPAGE"] != f"{home}#readme" or not home.endswith(f"/Slicer{name}"):
        problems.append("EXTENSION_HOMEPAGE must be scm_url with #readme, a repository called Slicer<name>")
    screenshots = "".join(re.findall(r'set\s*\(EXTENSION_SCREENSHOTURLS\s*"([^"]+)"\)', text)).split()
    for url in [top["EXTENSION_ICONURL"], *screenshots]:
        match = RAW.fullmatch(url)
        if not match or f"https://github.com/{match[1]}/{match[2]}" != home or match[3] != BRANCH:
            problems.append(f"{url}: not a raw address in {home}, branch {BRANCH}")
        elif not (root / match[4]).is_file():
            problems.append(f"{match[4]}: no such file, but the catalog shows it")
    if not screenshots:
        problems.append("EXTENSION_SCREENSHOTURLS must be one quoted string with at least one address")
    if name.startswith("Slicer") or not 40 <= len(top["EXTENSION_DESCRIPTION"]) <= 400:
        problems.append("the name must not begin with Slicer, and the description takes one to three sentences")
    return problems


def test_catalog_entry_agrees_with_cmake() -> None:
    assert catalog_problems(ROOT) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("CMakeLists.txt", '"PyTorch"', '"NA"', "build_dependencies differ"),
        ("CMakeLists.txt", "#readme", "", "EXTENSION_HOMEPAGE must be"),
        ("CMakeLists.txt", "main/DeepMedExtension.png", "main/Gone.png", "Gone.png: no such file"),
        ("CMakeLists.txt", "main/DeepMedExtension.png", "master/DeepMedExtension.png", "not a raw address"),
        ("CMakeLists.txt", 'SCREENSHOTURLS "https', "SCREENSHOTURLS https", "one quoted string"),
        ("DeepMedExtension.json", '"category": "', '"category": "Old ', "category differs"),
        ("DeepMedExtension.json", '"tier": 1', '"tier": "1"', "tier: wrong type"),
        ("DeepMedExtension.json", '"tier": 1', '"tier": 1, "contributors": "x"', "contributors: not for the catalog"),
        ("DeepMedExtension.json", '"tier": 1', '"tier": 6', "tier must be 1 to 5"),
        (
            "DeepMedExtension.json",
            '"tier": 1',
            '"tier": 1, "scm_revision": "main"',
            "scm_revision: not for",
        ),
        ("DeepMedExtension.json", "v1.0.2", "v1.0.1", "$schema is not version 1.0.2"),
        ("DeepMedExtension.json", " or Modality == 'CR'", "", "dicom_support_rule must name CT, US, DX, CR"),
    ],
)
def test_a_disagreement_is_found(tmp_path: Path, file: str, old: str, new: str, expected: str) -> None:
    for name in ("CMakeLists.txt", "DeepMedExtension.json"):
        text = (ROOT / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(old, new, 1) if name == file else text, encoding="utf-8")
    assert (tmp_path / file).read_text(encoding="utf-8") != (ROOT / file).read_text(encoding="utf-8")
    assert any(expected in problem for problem in catalog_problems(tmp_path))


def test_top_cmake_keeps_the_order_that_slicer_needs() -> None:
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    steps = (
        "project(",
        "set(EXTENSION_DEPENDS",
        "find_package(Slicer",
        "include(${Slicer_USE_FILE})",
        "add_subdirectory(",
    )
    steps += ("include(${Slicer_EXTENSION_GENERATE_CONFIG})", "include(${Slicer_EXTENSION_CPACK})")
    places = [text.index(step) for step in steps]
    assert places == sorted(places)


def test_licence_and_readme_are_there() -> None:
    assert "Apache License" in (ROOT / "LICENSE.txt").read_text(encoding="utf-8")
    assert "Apache" in (ROOT / "README.md").read_text(encoding="utf-8")


# ---- pictures, line ends --------------------------------------------------------------------------------------


def png_size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG file from its header."""
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n", f"{path} is no PNG"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def icon_problems(root: Path) -> list[str]:
    """Icons that are missing or not 128 x 128."""
    icons = list(root.glob("*Extension.png")) or [root / "Extension.png"]
    icons += [m.folder / "Resources" / "Icons" / f"{m.name}.png" for m in modules(root) if not m.own_folder]
    problems = [f"{icon.name}: missing" for icon in icons if not icon.is_file()]
    return problems + [f"{i.name}: {png_size(i)}" for i in icons if i.is_file() and png_size(i) != (128, 128)]


def test_icons_are_128_by_128() -> None:
    assert icon_problems(ROOT) == []


def test_a_wrong_icon_is_found(tmp_path: Path) -> None:
    from PIL import Image

    root = plant(tmp_path)
    Image.new("RGB", (128, 128)).save(root / "XExtension.png")
    assert icon_problems(root) == ["Alpha.png: missing"]
    (root / "Alpha/Resources/Icons").mkdir()
    Image.new("RGB", (144, 128)).save(root / "Alpha/Resources/Icons/Alpha.png")
    assert icon_problems(root) == ["Alpha.png: (144, 128)"]


def line_end_problems(root: Path) -> list[str]:
    """Text files of the extension with Windows line ends or a byte order mark; the catalog refuses them."""
    paths = [path for path in root.glob("*") if path.is_file()]
    paths += [module.folder / name for module in modules(root) for name in (*present(module), "CMakeLists.txt")]
    texts = [path for path in paths if path.suffix in TEXT_SUFFIXES or path.name == "Makefile"]
    bad = [path for path in texts if b"\r" in path.read_bytes() or path.read_bytes().startswith(b"\xef\xbb\xbf")]
    return [path.relative_to(root).as_posix() for path in sorted(bad)]


def test_line_ends_are_lf() -> None:
    assert line_end_problems(ROOT) == []


def test_windows_line_ends_are_found(tmp_path: Path) -> None:
    root = plant(tmp_path)
    assert line_end_problems(root) == []
    (root / "Alpha/Alpha.py").write_bytes(b"import slicer\r\n")
    (root / "pyproject.toml").write_bytes(b"\xef\xbb\xbf[project]\n")
    assert line_end_problems(root) == ["Alpha/Alpha.py", "pyproject.toml"]
