"""What a classical classifier reaches on the same patches: histograms of gradients and a support vector machine."""

from __future__ import annotations

import numpy as np

from Training.nodule_candidates.data import Patches


def hog_svm_scores(train: Patches, judged: Patches) -> np.ndarray:
    """(n,) decision values of the judged patches (scikit-learn and scikit-image, in training only)."""
    from skimage.feature import hog
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    def features(pictures: np.ndarray) -> np.ndarray:
        cells = {"orientations": 8, "pixels_per_cell": (6, 6), "cells_per_block": (2, 2)}
        shapes = [hog(picture, **cells) for picture in pictures]
        return np.concatenate([np.stack(shapes), pictures[:, 13:37:2, 13:37:2].reshape(len(pictures), -1) / 255.0], 1)

    machine = make_pipeline(StandardScaler(), PCA(200, random_state=0), SVC(C=3.0, class_weight="balanced"))
    machine.fit(features(train.pictures), train.label)
    return np.asarray(machine.decision_function(features(judged.pictures)))
