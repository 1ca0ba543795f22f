"""Which file imports what, read from the syntax trees; nothing is executed."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SHIPPED_WITH_SLICER = {"numpy", "scipy", "vtk", "vtkmodules", "slicer", "qt", "ctk", "SimpleITK"}
APPLICATION = {"vtk", "vtkmodules", "slicer", "qt", "ctk"}
SURFACE_LIBS = {"EPMappingLib"}
"""Their data are triangulated surfaces: they use VTK's readers, locators and filters, which know nothing of MRML."""
NEVER_IMPORTED = {"deepmed_headless", "Headless", "Training", "Testing"}
NETWORKS = {"torch", "monai"}
SHARED = "DeepMedLib"
SKIPPED_FOLDERS = {"__pycache__", "build", "demo", "node_modules"}


@dataclass(frozen=True)
class Import:
    """One imported name as it stands in a file.

    Attributes:
        name: absolute dotted name; of ``from a import b`` both "a" and "a.b" are candidates and this is "a.b".
        line: line number.
        lazy: True inside a function, so that it does not run when the file is imported.
    """

    name: str
    line: int
    lazy: bool

    @property
    def top(self) -> str:
        """First part of the dotted name."""
        return self.name.partition(".")[0]


class SourceTree:
    """The Python packages of the repository, or of a temporary tree laid out like it.

    Attributes:
        modules: module name -> module file, ``<name>/<name>.py``.
        packages: import name of each package of ours -> its folder.
        owners: package of a module -> that module's name, e.g. AlphaLib and AlphaMrml -> Alpha.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read: dict[Path, list[Import]] = {}
        self.modules = {f.name: f / f"{f.name}.py" for f in sorted(root.iterdir()) if (f / f"{f.name}.py").is_file()}
        inner = {p.parent: p.parent.parent.name for name in self.modules for p in root.glob(f"{name}/*/__init__.py")}
        self.owners = {folder.name: module for folder, module in sorted(inner.items())}
        self.packages = {folder.name: folder for folder in sorted(inner)}
        shared = {SHARED: root / SHARED, "deepmed_headless": root / "Headless" / "deepmed_headless"}
        shared |= {"Training": root / "Training"}
        self.packages |= {name: folder for name, folder in shared.items() if folder.is_dir()}

    def file_of(self, name: str) -> Path | None:
        """The file of a dotted name of ours, or None."""
        top, *rest = name.split(".")
        if not rest and top in self.modules:
            return self.modules[top]
        if top not in self.packages:
            return None
        place = self.packages[top].joinpath(*rest)
        for candidate in (place / "__init__.py", place.with_suffix(".py")):
            if candidate.is_file():
                return candidate
        return None

    def package_of(self, path: Path) -> tuple[str, ...]:
        """The dotted package that a file belongs to, as parts; empty for a module file."""
        for name, folder in self.packages.items():
            if path.is_relative_to(folder):
                return (name, *path.parent.relative_to(folder).parts)
        return ()

    def files_of(self, package: str) -> list[Path]:
        """All Python files below one of our packages."""
        files = sorted(self.packages[package].rglob("*.py")) if package in self.packages else []
        return [path for path in files if not SKIPPED_FOLDERS & set(path.parts)]

    def imports(self, path: Path) -> list[Import]:
        """Everything that a file imports, whether at file scope or inside functions."""
        if path not in self._read:
            syntax = ast.parse(path.read_text(encoding="utf-8"), str(path))
            self._read[path] = list(_imports(syntax, self.package_of(path), lazy=False))
        return self._read[path]

    def executed(self, name: str) -> list[Path]:
        """Files of ours that importing a dotted name runs: the packages on the way and the file itself."""
        parts = name.split(".")
        files = [self.file_of(".".join(parts[:n])) for n in range(1, len(parts) + 1)]
        return [path for path in files if path is not None]

    def reached(self, start: Path) -> dict[Path, Path | None]:
        """Files of ours that importing `start` runs, each with the file that imported it first."""
        via: dict[Path, Path | None] = {start: None}
        queue = [start]
        while queue:
            path = queue.pop(0)
            for item in self.imports(path):
                for target in [] if item.lazy else self.executed(item.name):
                    if target not in via:
                        via[target] = path
                        queue.append(target)
        return via

    def relative(self, path: Path) -> str:
        """Path for messages."""
        return path.relative_to(self.root).as_posix()


def _imports(node: ast.AST, package: tuple[str, ...], lazy: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and _is_type_checking(child.test):
            for other in child.orelse:
                yield from _imports(ast.Module(body=[other], type_ignores=[]), package, lazy)
            continue
        yield from _names(child, package, lazy)
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*child.decorator_list, child.args):  # these run when the file is imported
                yield from _imports(part, package, lazy)
            yield from _imports(ast.Module(body=child.body, type_ignores=[]), package, lazy=True)
        else:
            yield from _imports(child, package, lazy or isinstance(child, ast.Lambda))


def _names(node: ast.AST, package: tuple[str, ...], lazy: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, node.lineno, lazy) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = list(package[: len(package) - node.level + 1]) if node.level else []
        base = ".".join(above + ([node.module] if node.module else []))
        yield from (Import(f"{base}.{alias.name}", node.lineno, lazy) for alias in node.names)
    elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = ast.unparse(node.func)
        if called in ("importlib.import_module", "import_module", "__import__") and isinstance(node.args[0].value, str):
            yield Import(node.args[0].value, node.lineno, lazy)


def _is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def foreign_problems(root: Path) -> list[str]:
    """Packages that Slicer does not ship, reached from a module file by imports that run at once."""
    tree = SourceTree(root)
    allowed = SHIPPED_WITH_SLICER | set(sys.stdlib_module_names) | set(tree.packages) | set(tree.modules)
    problems = []
    for name, start in tree.modules.items():
        via = tree.reached(start)
        for path in via:
            for item in tree.imports(path):
                if not item.lazy and item.top not in allowed:
                    chain, step = [tree.relative(path)], via[path]
                    while step is not None:
                        chain.insert(0, tree.relative(step))
                        step = via[step]
                    problems.append(f"{name} reaches {item.top} at file scope: {' -> '.join(chain)} line {item.line}")
    return problems


def network_problems(root: Path) -> list[str]:
    """Networks that files which run inside Slicer load, also inside their functions: they belong to the worker."""
    tree = SourceTree(root)
    files = list(tree.modules.values())
    for package in tree.packages:
        rooms = [path for path in tree.files_of(package) if tree.package_of(path)[1:2] in (("mrml",), ("gui",))]
        files += rooms if package == SHARED else []
        files += tree.files_of(package) if package.endswith(("Mrml", "Gui")) else []
    problems = []
    found: dict[str, set[str]] = {}
    for path in files:
        for item in tree.imports(path):
            if item.name not in found:
                reached = {other for start in tree.executed(item.name) for other in tree.reached(start)}
                found[item.name] = {each.top for other in reached for each in tree.imports(other) if not each.lazy}
            loaded = {item.top} | found[item.name]
            problems += [f"{tree.relative(path)} line {item.line} loads {name}" for name in sorted(loaded & NETWORKS)]
    return problems


def arrow_problems(root: Path) -> list[str]:
    """Imports, lazy ones too, that run against the arrows of the house."""
    tree = SourceTree(root)
    places = [(package, path) for package in tree.packages for path in tree.files_of(package)]
    places += list(tree.modules.items())
    problems = []
    for package, path in places:
        room = (*tree.package_of(path), "", "")[1]
        for item in tree.imports(path):
            why = _objection(tree, package, room, item)
            if why:
                problems.append(f"{tree.relative(path)} line {item.line}: {why}")
    return problems


def _objection(tree: SourceTree, package: str, room: str, item: Import) -> str:
    """Why a file of `package` (in its subfolder `room`) may not import `item`; empty when it may."""
    module = tree.owners.get(package, package if package in tree.modules else "")
    science = package == f"{module}Lib"
    second = (*item.name.split("."), "")[1]
    to_slicer = item.top in APPLICATION or (item.top == SHARED and second in ("gui", "mrml"))
    core = science or (package == SHARED and room not in ("gui", "mrml"))
    if item.top == package:
        return f"the core of {package} may not import {package}.{second}" if core and to_slicer else ""
    if package == f"{module}Headless" or package == "deepmed_headless":
        # A module's headless part is one of Headless' rooms: it imports what ships, and no other module.
        if item.top in NEVER_IMPORTED - {"deepmed_headless"}:
            return f"nothing imports {item.top}"
        if module and tree.owners.get(item.top, module) != module:
            return f"{package} may not import {item.top}, a package of another module"
        return ""
    if item.top in NEVER_IMPORTED or item.top == f"{tree.owners.get(item.top)}Headless":
        return f"nothing imports {item.top}"
    if not module and package != SHARED:
        return ""  # Training may import every room that ships
    if item.top in tree.modules:
        return f"{package} may not import the module file {item.top}"
    if item.top in tree.owners and tree.owners[item.top] != module:
        return f"{package} may not import {item.top}, a package of another module"
    if science and item.top in tree.owners:
        return f"{package} knows nothing of Slicer, so it may not import {item.top}"
    if package in SURFACE_LIBS and item.top == "vtk":
        return ""
    if core and to_slicer:
        return f"{package} knows nothing of Slicer, so it may not import {item.name}"
    if (room == "mrml" or package == f"{module}Mrml") and item.top in ("qt", "ctk"):
        return f"MRML code knows nothing of widgets, so it may not import {item.name}"
    return ""


def import_circles(root: Path) -> list[list[str]]:
    """Files of ours that import one another in a circle, lazy imports and those for type checking included.

    What a package's ``__init__.py`` gathers does not count against the files that it gathers: only the file that an
    import names is an arrow.
    """
    tree = SourceTree(root)
    files = [path for package in tree.packages for path in tree.files_of(package)] + list(tree.modules.values())
    graph = {path: {t for t in _named_files(tree, path) if t != path} for path in files}
    return [[tree.relative(path) for path in sorted(group)] for group in _strong_groups(graph) if len(group) > 1]


def _named_files(tree: SourceTree, path: Path) -> Iterator[Path]:
    syntax = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for node in ast.walk(syntax):
        for item in _names(node, tree.package_of(path), lazy=False):
            found = tree.file_of(item.name) or tree.file_of(item.name.rpartition(".")[0])
            if found is not None:
                yield found


def _strong_groups(graph: dict[Path, set[Path]]) -> list[list[Path]]:
    """Groups in which everybody reaches everybody (Tarjan 1972), in the order of their first file."""
    index: dict[Path, int] = {}
    low: dict[Path, int] = {}
    stack: list[Path] = []
    groups: list[list[Path]] = []

    def visit(path: Path) -> None:
        index[path] = low[path] = len(index)
        stack.append(path)
        for other in sorted(graph.get(path, ())):
            if other not in index:
                visit(other)
                low[path] = min(low[path], low[other])
            elif other in stack:
                low[path] = min(low[path], index[other])
        if low[path] == index[path]:
            start = stack.index(path)
            groups.append(stack[start:])
            del stack[start:]

    for path in sorted(graph):
        if path not in index:
            visit(path)
    return groups
