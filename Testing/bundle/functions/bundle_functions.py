"""Task functions for the tests of confirmed bundles; the worker imports this file by its folder alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from DeepMedLib.errors import BundleRefused
from DeepMedLib.jobs.task import Progress, TaskResult
from DeepMedLib.models.user_bundles import UserBundles


def load(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Loads bundles of the list one after another and asks the last one.

    Args:
        arrays: ``image``.
        options: ``list`` folder; ``names`` of the bundles; ``swap`` {file: text} written after each was opened.

    Returns:
        arrays ``answer``; values ``module`` of the network's class, ``refused`` sentences by name, ``files`` of the
        folder that the code ran from.
    """
    bundles, refused = UserBundles(Path(options["list"])), {}
    network: Any = None
    for name in options["names"]:
        bundle = bundles.open(name)
        for path, text in options.get("swap", {}).items():
            Path(path).write_text(text, encoding="utf-8")
        try:
            network = bundle.load_network()
        except BundleRefused as error:
            refused[name] = str(error)
    if network is None:
        return TaskResult({}, {"refused": refused})
    with torch.inference_mode():
        answer = network(torch.from_numpy(arrays["image"])).numpy()
    module = type(network).__module__
    place = getattr(__import__(module, fromlist=["x"]), "__file__", "")
    return TaskResult({"answer": answer}, {"module": module, "place": str(place), "refused": refused})
