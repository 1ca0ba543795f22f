"""Bursts of 11 to 16 Hz in excerpts of sleep EEG, beside the marks of two experts (layout of the DREAMS spindles)."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row

if TYPE_CHECKING:
    import numpy as np

BAND_HZ = (11.0, 16.0)
EXCERPT_S = 1800.0
"""Every excerpt is half an hour long: its number of samples tells the rate."""
RATES_HZ = (50.0, 100.0, 200.0)
COLUMNS = ("excerpt", "events", "f1_scorer1", "f1_scorer2", "expected_from_noise", "seconds", "f1_experts", "reason")
_NAME = re.compile(r"(excerpt\w*?)\.txt(\.xz)?", re.IGNORECASE)


def evaluate(run: Evaluation) -> None:
    """Writes ``<excerpt>_events.csv`` (onset_s, duration_s, amplitude, waveform), per_case.csv and metrics.json.

    An event is a burst of the band in which one of its recurrent waveforms occurs. F1 by one-to-one matching at overlap
    over union of 0.2, against each scorer; the marks are never read for a prediction.

    Raises:
        BadInput: no excerpt in the folder.
    """
    from DeepMedLib.errors import BadInput

    found = sorted(path for path in run.folder.glob("*.txt*") if _NAME.fullmatch(path.name))
    if not found:
        raise BadInput(f"The folder {run.folder} holds no excerptN.txt or excerptN.txt.xz.", "Check INPUT_DIR.")
    unique = list({_stem(path): path for path in found}.values())[: run.limit]
    rows = run.rows(
        unique, lambda path: _row(run, path), lambda path, reason: {"excerpt": _stem(path), "reason": reason}
    )
    run.write(COLUMNS, rows, _metrics(rows))


def _stem(path: Path) -> str:
    found = _NAME.fullmatch(path.name)
    assert found is not None
    return found[1]


def _row(run: Evaluation, path: Path) -> Row:
    import numpy as np

    from deepmed_headless.cli.files.folder import replace_file
    from DeepMedLib.results.table import csv_text
    from EEGWaveformsLib.events.agreement import f1
    from EEGWaveformsLib.events.bursts import bursts
    from EEGWaveformsLib.records.quality import channel_of
    from EEGWaveformsLib.records.text_files import read_text
    from EEGWaveformsLib.search.channel import search

    started, name = time.perf_counter(), _stem(path)
    bare = read_text(path, 1.0)
    rate = min(RATES_HZ, key=lambda known: abs(known - bare.values.shape[1] / EXCERPT_S))
    channel = channel_of(read_text(path, rate))
    found = search(channel.values, channel.good, rate, BAND_HZ)
    events = bursts(found, channel.values, channel.good, rate)
    seconds = time.perf_counter() - started
    cells = [(burst.onset_s, burst.duration_s, burst.amplitude, f"W{burst.waveform + 1}") for burst in events]
    text = csv_text(("onset_s", "duration_s", "amplitude", "waveform"), cells)
    replace_file(run.out / f"{name}_events.csv", text)
    spans = np.array([(burst.onset_s, burst.onset_s + burst.duration_s) for burst in events]).reshape(-1, 2)
    marks = [_marks(run.folder / f"Visual_scoring{scorer}_{name}.txt") for scorer in (1, 2)]
    return {
        "excerpt": name,
        "events": len(events),
        "f1_scorer1": None if marks[0] is None else f1(spans, marks[0]),
        "f1_scorer2": None if marks[1] is None else f1(spans, marks[1]),
        "expected_from_noise": float(sum(waveform.expected for waveform in found.waveforms)),
        "seconds": seconds,
        "f1_experts": None if marks[0] is None or marks[1] is None else f1(marks[0], marks[1]),
        "reason": "",
    }


def _marks(path: Path) -> np.ndarray | None:
    """(e, 2) beginning and end of a scorer's marks, s; None where that scorer did not mark."""
    import numpy as np

    if not path.is_file():
        return None
    lines = path.read_text(encoding="latin-1").splitlines()[1:]
    pairs = [tuple(float(word) for word in line.split()[:2]) for line in lines if line.strip()]
    return np.array([(onset, onset + duration) for onset, duration in pairs]).reshape(-1, 2)


def _metrics(rows: list[Row]) -> dict[str, Any] | None:
    """Means over the excerpts that both scored; None without any marks."""
    import numpy as np

    scored = [
        [row[key] for key in ("f1_scorer1", "f1_scorer2") if row.get(key) is not None and row[key] == row[key]]
        for row in rows
    ]
    best = [max(values) for values in scored if values]
    if not best:
        return None
    experts = [row["f1_experts"] for row in rows if row.get("f1_experts") is not None]
    return {
        "dataset": "eeg_events",
        "excerpts": len(best),
        "mean_f1_better_scorer": float(np.mean(best)),
        "mean_f1_expert_against_expert": float(np.mean(experts)) if experts else None,
        "note": "Bursts of 11 to 16 Hz with a recurrent waveform; no label and no setting of an excerpt was used.",
    }
