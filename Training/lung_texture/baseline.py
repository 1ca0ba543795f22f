"""The local-histogram baseline on the same folds, with scikit-learn, which nothing that is shipped uses.

    PYTHONPATH=... python -m Training.lung_texture.baseline --data ../shared/data --work build/lung_texture

Histograms of 40 HU bins from -1040 to 200 HU, after Mendoza et al. (ISBI 2012), by random forest and by
nearest neighbors.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from LungTextureLib.patches import balanced_accuracy
from Training.lung_texture import data

BINS = np.arange(-1040, 240, 40)


def histograms(hu: np.ndarray) -> np.ndarray:
    """(n, bins) shares of the pixels."""
    return np.stack([np.histogram(np.clip(patch, BINS[0], BINS[-1]), BINS)[0] / patch.size for patch in hu])


def main() -> None:
    from sklearn.ensemble import RandomForestClassifier  # type: ignore[import-not-found]
    from sklearn.neighbors import KNeighborsClassifier  # type: ignore[import-not-found]

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/lung_texture"))
    arguments = parser.parse_args()
    patches = data.load(arguments.data)
    seen = histograms(patches.hu)
    made: dict[str, Any] = {
        "random forest": lambda: RandomForestClassifier(300, class_weight="balanced", random_state=0),
        "5 nearest neighbors": lambda: KNeighborsClassifier(5, metric="manhattan"),
    }
    found: dict[str, list[float]] = {name: [] for name in made}
    for fold in range(data.FOLDS):
        learn, aside = patches.fold != fold, patches.fold == fold
        for name, make in made.items():
            answer = make().fit(seen[learn], patches.label[learn]).predict(seen[aside])
            found[name].append(round(balanced_accuracy(patches.label[aside], answer), 4))
    (arguments.work / "baseline.json").write_text(json.dumps(found, indent=1))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
