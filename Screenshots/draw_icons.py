"""Draw the icons of the extension and of its modules: ``python Screenshots/draw_icons.py``.

A module's icon is what ``draw`` in its ``<Module>Headless/icon.py`` draws; the extension's stands here.
"""

from __future__ import annotations

from PIL import Image

from deepmed_headless.cli.run.modules import module_parts
from deepmed_headless.paths import repository_root
from deepmed_headless.pictures.drawing import DEEP, PAPER, SEA, WARM, Pen, canvas, save_icon


def draw_extension(picture: Image.Image) -> None:
    """A stack of three slices whose top one carries a small network: images in, learned answers out."""
    pen = Pen(picture)
    for y, color in ((86.0, (28, 96, 122)), (71.0, (52, 150, 160)), (56.0, PAPER)):
        pen.polygon([(64, y - 30), (110, y), (64, y + 30), (18, y)], color)
    nodes = {"in1": (39.0, 56.0), "mid1": (64.0, 40.5), "mid2": (64.0, 71.5), "out": (89.0, 56.0)}
    for a, b in (("in1", "mid1"), ("in1", "mid2"), ("mid1", "mid2"), ("mid1", "out"), ("mid2", "out")):
        pen.line([nodes[a], nodes[b]], SEA, 3)
    for name in ("in1", "mid1", "mid2"):
        pen.dot(nodes[name], 5.6, DEEP)
    pen.dot(nodes["out"], 7.4, WARM)


def main() -> None:
    """Write every icon below the repository's root."""
    root = repository_root()
    icons = {f"{module}/Resources/Icons/{module}.png": part.draw for module, part in module_parts("icon").items()}
    for name, draw in {"DeepMedExtension.png": draw_extension, **icons}.items():
        picture = canvas(SEA, DEEP)
        draw(picture)
        save_icon(picture, root / name)


if __name__ == "__main__":
    main()
