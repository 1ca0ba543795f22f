"""How the shipped models were made: `python -m Training.<model>.<step>` in the repository's root."""

import sys
from pathlib import Path

# Python finds `Training` and `DeepMedLib` in the root; the modules' own packages lie in the modules' folders. They come
# before anything installed: a model is made with the code beside it.
for _lib in sorted(Path(__file__).resolve().parents[1].glob("*/*Lib")):
    if str(_lib.parent) not in sys.path:
        sys.path.insert(1, str(_lib.parent))
