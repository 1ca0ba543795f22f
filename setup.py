"""Where the packages lie: each room keeps its own in its folder, and a module's folder names itself.

Everything else stands in pyproject.toml. A new module needs no line in either.
"""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent


def rooms() -> dict[str, str]:
    """Import name of each top package -> its folder, relative to this file."""
    modules = sorted(path.parent.name for path in ROOT.glob("*/*.py") if path.stem == path.parent.name)
    inner = {p.parent.name: f"{m}/{p.parent.name}" for m in modules for p in sorted(ROOT.glob(f"{m}/*/__init__.py"))}
    return {"DeepMedLib": "DeepMedLib", **inner, "deepmed_headless": "Headless/deepmed_headless"}


PACKAGES = [
    package
    for name, folder in rooms().items()
    for package in [name, *(f"{name}.{part}" for part in find_packages(ROOT / folder))]
]

setup(package_dir=rooms(), packages=PACKAGES)
