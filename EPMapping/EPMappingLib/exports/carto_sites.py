"""CARTO's VisiTag ablation sites: `VisiTagExport/Sites.txt`, a table with a line of titles."""

from __future__ import annotations

import numpy as np

from DeepMedLib.errors import BadInput
from EPMappingLib.exports.study import AblationSites


def read_sites(content: bytes, name: str) -> AblationSites:
    """The sites in the file's own axes.

    Raises:
        BadInput: it has no columns of coordinates.
    """
    lines = [line.split() for line in content.decode("latin-1").splitlines() if line.strip()]
    titles = lines[0] if lines else []
    if not {"X", "Y", "Z"} <= set(titles):
        raise BadInput(f"{name} has no columns X, Y and Z.", "Export the study again.")
    rows = [words for words in lines[1:] if len(words) >= len(titles)]
    columns = [titles.index(axis) for axis in "XYZ"]
    try:
        positions = np.array([[float(words[at]) for at in columns] for words in rows]).reshape(-1, 3)
    except ValueError as error:
        raise BadInput(f"{name} has coordinates that are no numbers.", "Export the study again.") from error
    numbers = [words[titles.index("SiteIndex")] if "SiteIndex" in titles else str(n) for n, words in enumerate(rows, 1)]
    return AblationSites(positions, tuple(f"Ablation {number}" for number in numbers))
