"""What the extension ships, read from its CMake files. Run as a script it prints what is missing from the lists; with
`--write` it first makes the lists follow the tree.

CMake copies only files that are listed; a forgotten one works from the source tree and fails for every user. Slicer's
macros are not needed here: the lists are read as text, so this runs on any machine.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
MACRO = "slicerMacroBuildScriptedModule"
KEYWORDS = ("NAME", "SCRIPTS", "RESOURCES", "WITH_GENERIC_TESTS", "WITH_SUBDIR", "VERBOSE")
NOT_PART_OF_A_MODULE = {"CMakeLists.txt", "__pycache__", "Testing"}
GENERATED_SUFFIXES = {".pyc", ".orig", ".rej"}

_COMMENT = re.compile(r"#[^\n]*")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"]+')


def without_comments(text: str) -> str:
    """CMake text without comments; a # inside a quoted string stays."""
    parts = _STRING.split(text)  # even: code, odd: contents of strings
    return "".join(f'"{part}"' if i % 2 else _COMMENT.sub("", part) for i, part in enumerate(parts))


def commands(text: str) -> list[tuple[str, list[str]]]:
    """The commands of a CMake file in order, as (name, arguments) with variables expanded that were `set` above."""
    variables: dict[str, str] = {}
    found = []
    for match in re.finditer(r'(\w+)\s*\(((?:"(?:[^"\\]|\\.)*"|[^()"]|\([^()]*\))*)\)', without_comments(text)):
        name = match.group(1)
        arguments = []
        for token in _TOKEN.findall(match.group(2)):
            value = re.sub(r"\$\{(\w+)\}", lambda m: variables.get(m.group(1), m.group(0)), token.strip('"'))
            arguments += [value] if token.startswith('"') else [part for part in value.split(";") if part]
        if name.lower() == "set" and arguments:
            variables[arguments[0]] = ";".join(arguments[1:])
        found.append((name, arguments))
    return found


def variables_of(path: Path) -> dict[str, str]:
    """The variables that a CMake file sets; lists are joined by ';'."""
    calls = commands(path.read_text(encoding="utf-8"))
    return {args[0]: ";".join(args[1:]) for name, args in calls if name.lower() == "set" and args}


@dataclass(frozen=True)
class Module:
    """One folder that Slicer installs.

    Attributes:
        folder: where its CMakeLists.txt is.
        name: target and module name.
        scripts: listed Python files, relative to `folder`.
        resources: other listed files, relative to `folder`.
        own_folder: True when it installs below its own folder's name (a package), False when flat beside all others.
    """

    folder: Path
    name: str
    scripts: tuple[str, ...]
    resources: tuple[str, ...]
    own_folder: bool

    @property
    def listed(self) -> tuple[str, ...]:
        """Every listed file, relative to the module's folder."""
        return self.scripts + self.resources

    def installed(self, listed: str) -> str:
        """Where a listed file ends up, relative to Slicer's folder of scripted modules."""
        return f"{self.folder.name}/{listed}" if self.own_folder else listed


def read_module(cmake: Path) -> Module | None:
    """The module that a CMakeLists.txt declares, or None when it declares none."""
    for name, arguments in commands(cmake.read_text(encoding="utf-8")):
        if name != MACRO:
            continue
        groups: dict[str, list[str]] = {}
        current = ""
        for argument in arguments:
            if argument in KEYWORDS:
                current = argument
                groups[current] = []
            else:
                groups.setdefault(current, []).append(argument)
        scripts = tuple(s if s.endswith(".py") else f"{s}.py" for s in groups.get("SCRIPTS", []))
        resources = tuple(groups.get("RESOURCES", []))
        return Module(cmake.parent, "".join(groups.get("NAME", [])), scripts, resources, "WITH_SUBDIR" in groups)
    return None


def modules(root: Path = ROOT) -> list[Module]:
    """All modules of the extension, by folder name."""
    found = [read_module(path) for path in sorted(root.glob("*/CMakeLists.txt"))]
    return [module for module in found if module is not None]


def present(module: Module) -> list[str]:
    """Every file of a module's folder that users need, relative to it."""
    files = []
    for path in sorted(module.folder.rglob("*")):
        relative = path.relative_to(module.folder)
        aside = NOT_PART_OF_A_MODULE | {f"{module.name}Headless"}  # the command line's, not Slicer's
        hidden = any(part.startswith(".") or part in aside for part in relative.parts)
        if path.is_file() and not hidden and path.suffix not in GENERATED_SUFFIXES:
            files.append(relative.as_posix())
    return files


def list_problems(root: Path) -> list[str]:
    """Files that are forgotten, missing, listed twice, or listed in the wrong kind of list."""
    problems = []
    for module in modules(root):
        where = module.folder.name
        here, listed = set(present(module)), set(module.listed)
        problems += [
            f"{where}/{name}: not shipped, list it in {where}/CMakeLists.txt" for name in sorted(here - listed)
        ]
        problems += [f"{where}/{name}: listed, but no such file" for name in sorted(listed - here)]
        problems += [f"{where}/{name}: listed twice" for name in sorted(listed) if module.listed.count(name) > 1]
        problems += [
            f"{where}/{name}: a Python file among the resources" for name in module.resources if name.endswith(".py")
        ]
    return problems


def clash_problems(root: Path) -> list[str]:
    """Paths that two modules install, letters' case aside: on Windows and macOS the second overwrites the first."""
    owners: dict[str, str] = {}
    problems = []
    for module in modules(root):
        for name in module.listed:
            path = module.installed(name)
            first = owners.setdefault(path.lower(), module.name)
            if first != module.name:
                problems.append(f"{path}: shipped by {first} and by {module.name}")
    return problems


def name_problems(root: Path, limit: int = 90) -> list[str]:
    """Paths too long for Windows, and names in the common folder that do not say whose they are."""
    problems = []
    for module in modules(root):
        for name in module.listed:
            path = module.installed(name)
            if len(path) > limit:
                problems.append(f"{path}: {len(path)} characters, at most {limit} fit Windows")
            if PurePosixPath(path).name.lower() == "requirements.txt":
                problems.append(f"{path}: name it {module.name}Requirements.txt, every module would ship this one")
            if not module.own_folder and not _says_whose(path, module.name):
                problems.append(
                    f"{path}: all modules install into one folder, so its name must begin with {module.name}"
                )
    return problems


def _says_whose(path: str, module: str) -> bool:
    """True when the first free part of a flat module's path begins with the module's name."""
    parts = PurePosixPath(path).parts
    free = [part for part in parts if part not in ("Resources", "UI", "Icons", "Translations")]
    return bool(free) and free[0].startswith(module)


def package_problems(root: Path) -> list[str]:
    """Folders of Python files without __init__.py, which another extension's folder of that name could shadow."""
    problems = []
    for module in modules(root):
        listed = set(module.scripts)
        folders = {PurePosixPath(name).parent for name in listed}
        for folder in sorted(folders):
            is_package = module.own_folder or folder != PurePosixPath(".")
            if is_package and (folder / "__init__.py").as_posix() not in listed:
                problems.append(f"{module.folder.name}/{folder.as_posix()}: Python files without __init__.py")
    return problems


def tree_problems(root: Path) -> list[str]:
    """Module folders that the top CMakeLists.txt does not add, or that have no CMakeLists.txt."""
    added = [
        args[0] for name, args in commands((root / "CMakeLists.txt").read_text("utf-8")) if name == "add_subdirectory"
    ]
    problems = [
        f"{m.folder.name}: not added by the top CMakeLists.txt" for m in modules(root) if m.folder.name not in added
    ]
    known = {module.folder.name for module in modules(root)}
    for folder in sorted(path.parent for path in root.glob("*/*.py") if path.stem == path.parent.name):
        if folder.name not in known:
            problems.append(f"{folder.name}: a module without a CMakeLists.txt that calls {MACRO}")
    return problems


def all_problems(root: Path = ROOT) -> list[str]:
    """Everything above, in one list."""
    checks = (tree_problems, list_problems, clash_problems, name_problems, package_problems)
    return [problem for check in checks for problem in check(root)]


def write_lists(root: Path = ROOT) -> list[Path]:
    """Make the lists of scripts and resources in every module's CMakeLists.txt follow the tree; the changed files."""
    changed = []
    for module in modules(root):
        path = module.folder / "CMakeLists.txt"
        text = before = path.read_text(encoding="utf-8")
        files = [name for name in present(module) if not name.startswith("Testing/")]
        for variable, wanted in (
            ("MODULE_PYTHON_SCRIPTS", [name for name in files if name.endswith(".py")]),
            ("MODULE_PYTHON_RESOURCES", [name for name in files if not name.endswith(".py")]),
        ):
            lines = "".join(f"  {name}\n" for name in sorted(wanted))
            text = re.sub(
                rf"set\({variable}\n.*?^  \)$",
                lambda _, v=variable, w=lines: f"set({v}\n{w}  )",
                text,
                flags=re.M | re.S,
            )
        if text != before:
            path.write_text(text, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def main() -> int:
    """Print what keeps the extension from shipping whole; exit code 1 when there is anything."""
    if "--write" in sys.argv[1:]:
        for path in write_lists():
            print(f"{path.relative_to(ROOT)}: written")
    problems = all_problems()
    for module in modules():
        print(f"{module.name}: {len(module.scripts)} scripts, {len(module.resources)} resources listed")
    print("\n".join(problems) or "Every file is shipped.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
