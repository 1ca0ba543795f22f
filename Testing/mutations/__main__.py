"""Tries every mutation on a copy of the tree and names those that no test noticed."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from Testing.mutations.catalog import Mutation, areas, mutations

ROOT = Path(__file__).resolve().parents[2]
MOST_SURVIVORS = 0.05
_NOTICED = 1  # pytest: tests ran, some failed
_TIMEOUT_S = 900


def copy_tree(to: Path) -> None:
    """The tracked files, and those that git would track, without the pictures of the documentation."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in listed.split("\0"):
        source = ROOT / name
        if name and source.is_file() and not name.startswith("Screenshots/"):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, to / name)


def run_tests(tree: Path, tests: tuple[str, ...]) -> int:
    """The exit code of pytest in a tree; a mutation that never ends counts as noticed."""
    folders = [tree, tree / "Headless", *(path.parent for path in tree.glob("*/*Lib"))]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "PYTHONDONTWRITEBYTECODE": "1",  # bytecode of the unchanged file would be taken for the changed one's
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return _NOTICED
    return done.returncode


def survives(tree: Path, mutation: Mutation) -> bool:
    """Whether the tests pass although the file is changed.

    Raises:
        ValueError: the change does not fit the file any more, or its tests cannot be run.
    """
    path = tree / mutation.file
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(mutation.applied(text), encoding="utf-8")
        code = run_tests(tree, mutation.tests)
    finally:
        path.write_text(text, encoding="utf-8")
    if code not in (0, _NOTICED, 2):  # 2: the changed file cannot be imported
        raise ValueError(f"{mutation.file}: pytest ended with {code} on {', '.join(mutation.tests)}")
    return code == 0


def main() -> int:
    """Tries the mutations of the areas that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m Testing.mutations", description=__doc__)
    parser.add_argument("area", nargs="*", help=f"of {', '.join(areas())}; all by default")
    chosen = parser.parse_args().area
    if unknown := set(chosen) - set(areas()):
        parser.error(f"there is no area {', '.join(sorted(unknown))}")
    wanted = mutations(chosen)
    survivors, faults = [], []
    with tempfile.TemporaryDirectory(prefix="deepmed-mutations-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        every = tuple(dict.fromkeys(test for mutation in wanted for test in mutation.tests))
        if run_tests(tree, every) != 0:
            print("The tests do not pass without any change.", file=sys.stderr)
            return 2
        for number, mutation in enumerate(wanted, 1):
            start = time.monotonic()
            try:
                found = survives(tree, mutation)
            except ValueError as error:
                faults.append(str(error))
                continue
            if found:
                survivors.append(mutation)
            state = "SURVIVED" if found else "noticed"
            seconds = time.monotonic() - start
            print(
                f"{number:3}/{len(wanted)} {state:8} {seconds:5.0f} s  {mutation.file}: {mutation.before}", flush=True
            )
    for mutation in survivors:
        print(f"survived: {mutation.file}: {mutation.before!r} -> {mutation.after!r}")
    for fault in faults:
        print(f"fault: {fault}")
    print(f"{len(survivors)} of {len(wanted)} survived")
    return int(bool(faults) or len(survivors) > MOST_SURVIVORS * len(wanted))


if __name__ == "__main__":
    raise SystemExit(main())
