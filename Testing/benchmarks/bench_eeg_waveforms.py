"""Measure the search of EEG Waveforms: planted waveforms, noise, a real ECG, sleep EEG, and seconds. Not a test.

.venv/bin/python Testing/benchmarks/bench_eeg_waveforms.py [planted noise ecg dreams speed] [--data ../shared/data]
    [--records 100] [--peer PYTHON]

``--peer`` is the Python of an environment with alphaCSC, which then searches the same 30 minutes in the same run.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from EEGWaveformsLib.dictionary.conditioning import Conditioned
from Testing.conftest import SHARED_DATA

RATE, BAND = 200.0, (0.5, 40.0)


def noise_with(
    names: tuple[str, ...], seed: int, seconds: float, slope: float
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Noise with waveforms at 0 dB, one in six seconds of each, and their onsets in s."""
    from EEGWaveformsLib.phantom.sample import background, waveforms

    rng, shapes, onsets = np.random.default_rng(seed), waveforms(), {}
    values, often = background(round(seconds * RATE), rng, slope), round(seconds / 6)
    slots = rng.permutation(int(seconds / 1.5) - 3)
    for part, name in enumerate(names):
        onsets[name] = np.sort(1 + 1.5 * slots[part * often : (part + 1) * often] + rng.uniform(0, 0.4, often))
        for onset in onsets[name]:
            start = round(onset * RATE)
            values[start : start + len(shapes[name])] += shapes[name]
    return values, onsets


def planted() -> None:
    """Correlation, timing, recall, precision and number of planted waveforms."""
    from EEGWaveformsLib.dictionary.conditioning import band_pass
    from EEGWaveformsLib.phantom.sample import waveforms
    from EEGWaveformsLib.search.channel import search

    for slope in (0.0, 1.0):
        for names in (("biphasic",), ("burst",), ("biphasic", "burst")):
            for seed in (11, 12):
                values, onsets = noise_with(names, seed, 300.0, slope)
                found = search(values, np.ones(len(values), bool), RATE, BAND, seed=seed)
                words = [f"planted {len(names)}, found {sum(each.beyond_noise for each in found.waveforms)}"]
                for name in names:
                    best, hits, error = max(
                        ((each, *_hits(each.time_s, onsets[name])) for each in found.waveforms),
                        key=lambda item: item[1],
                    )
                    shape = band_pass(np.pad(waveforms()[name], 400), RATE, BAND)[400:-400]
                    likest = _likest(best.shape.mean, shape)
                    recall, precision = hits / len(onsets[name]), hits / len(best.time_s)
                    words.append(
                        f"{name}: r {likest:.3f}, timing median {1000 * np.median(error):.1f} p95 "
                        f"{1000 * np.quantile(error, 0.95):.1f} ms, recall {recall:.3f}, precision {precision:.3f}"
                    )
                print(f"1/f**{slope:g} seed {seed}: " + "; ".join(words), flush=True)


def _hits(times: np.ndarray, onsets: np.ndarray) -> tuple[int, np.ndarray]:
    nearest = times[np.abs(times[:, None] - 0.25 - onsets).argmin(axis=0)] - onsets
    error = np.abs(nearest - np.median(nearest))
    return int((error < 0.05).sum()), error[error < 0.05]


def _likest(mean: np.ndarray, shape: np.ndarray) -> float:
    stretches = np.lib.stride_tricks.sliding_window_view(np.pad(mean, len(shape) // 2), len(shape))
    centered = stretches - stretches.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centered, axis=1) * np.linalg.norm(shape - shape.mean())
    return float((centered @ (shape - shape.mean()) / np.maximum(norms, 1e-12)).max())


def noise(records: int) -> None:
    """Records of noise in which something is called a waveform."""
    from EEGWaveformsLib.phantom.sample import background
    from EEGWaveformsLib.search.channel import search

    wrong = 0
    for seed in range(records):
        values = background(round(120 * RATE), np.random.default_rng(5000 + seed), (0.0, 1.0, 2.0)[seed % 3])
        found = search(values, np.ones(len(values), bool), RATE, BAND if seed % 4 else (11.0, 16.0), seed=seed + 1)
        wrong += any(each.beyond_noise for each in found.waveforms)
    print(
        f"noise: something real in {wrong} of {records} records of 120 s (1/f**0, 1, 2; broad and 11 to 16 Hz)",
        flush=True,
    )


def ecg(data: Path) -> None:
    """F1 of the beats of MIT-BIH 100."""
    from EEGWaveformsLib.records.quality import channel_of
    from EEGWaveformsLib.records.reading import read_record
    from EEGWaveformsLib.search.channel import search
    from Testing.module.eegwaveforms.test_eeg_cli import _beats

    path = data / "electrophysiology" / "ecg-mitbih100" / "100.hea"
    record = read_record(path)
    channel, beats = channel_of(record), _beats(path.with_suffix(".atr"))
    started = time.perf_counter()
    found = search(channel.values, channel.good, record.rate_hz, BAND)
    seconds = time.perf_counter() - started
    for number, each in enumerate(found.waveforms, 1):
        offset = each.time_s[:, None] - beats
        delay = np.median(offset[np.arange(len(each.time_s)), np.abs(offset).argmin(axis=1)])
        hits = int((np.abs(offset - delay).min(axis=0) < 0.1).sum())
        score = 2 * hits / (len(beats) + len(each.time_s))
        print(f"MIT-BIH 100: W{number}, {len(each.time_s)} events, {len(beats)} beats, F1 {score:.4f}, {seconds:.1f} s")


def dreams(data: Path) -> None:
    """`deepmed evaluate eeg_events`."""
    from typer.testing import CliRunner

    from deepmed_headless.cli.app import app

    with tempfile.TemporaryDirectory() as out:
        folder = data / "electrophysiology" / "eeg-dreams-spindles"
        CliRunner().invoke(app, ["evaluate", "eeg_events", str(folder), "--out", out])
        print((Path(out) / "per_case.csv").read_text(), (Path(out) / "metrics.json").read_text(), flush=True)


def speed(peer: str | None) -> None:
    """Seconds for 30 minutes at 200 Hz, and of alphaCSC to explain as much."""
    from EEGWaveformsLib.search.channel import search

    values, _onsets = noise_with(("biphasic", "burst"), 21, 1800.0, 1.0)
    started, used = time.perf_counter(), time.process_time()
    found = search(values, np.ones(len(values), bool), RATE, BAND)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    ready = found.conditioned.values
    explained = 1 - float(((ready - found.explained_part) ** 2).sum() / (ready**2).sum())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"30 min at 200 Hz, noise search included: {seconds:.1f} s, {cpu:.1f} s of CPU, "
        f"{len(found.waveforms)} waveforms, {100 * explained:.2f} % explained, peak {peak:.0f} MB",
        flush=True,
    )
    alone, alone_cpu, share = _learned_alone(found.conditioned)
    print(
        f"dictionary and events alone: {alone:.2f} s, {alone_cpu:.2f} s of CPU, {100 * share:.2f} % explained",
        flush=True,
    )
    if peer is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ready.npy"
        np.save(path, ready)
        length = max(len(each.atom) for each in found.waveforms)
        script = Path(__file__).with_name("peer_alphacsc.py")
        command = [peer, str(script), str(path), str(len(found.waveforms)), str(length), f"{share:.6f}"]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    print(
        f"alphaCSC: {100 * answer['explained']:.2f} % explained after {answer['iterations']} iterations, "
        f"{answer['seconds']:.1f} s, {answer['cpu']:.1f} s of CPU, "
        f"{answer['cpu'] / alone_cpu:.1f} times the CPU of dictionary and events alone",
        flush=True,
    )


def _learned_alone(ready: Conditioned) -> tuple[float, float, float]:
    """Seconds, seconds of CPU and explained share of the search without noise, stability and verdict."""
    from EEGWaveformsLib.dictionary.judging import halves
    from EEGWaveformsLib.dictionary.pursuit import pursue
    from EEGWaveformsLib.noise.null import Null
    from EEGWaveformsLib.search.channel import SCALES_S, THRESHOLD
    from EEGWaveformsLib.search.growth import grow

    lengths = tuple(round(scale * ready.rate_hz) for scale in SCALES_S)
    silent = Null(lengths, np.zeros((3, len(lengths))), np.zeros((3, len(lengths))), THRESHOLD)
    started, used = time.perf_counter(), time.process_time()
    first, second = halves(ready, max(lengths))
    grown = grow(first, second, lengths, THRESHOLD, 6, lambda *_: silent, np.random.default_rng(1))
    _events, rest = pursue(ready.values, grown.atoms, THRESHOLD, ready.good)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    return seconds, cpu, 1 - float((rest**2).sum() / (ready.values**2).sum())


def main() -> None:
    """The parts that are named, or all."""
    parts = ("planted", "noise", "ecg", "dreams", "speed")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=(*parts, []), default=[])
    parser.add_argument("--data", type=Path, default=SHARED_DATA)
    parser.add_argument("--records", type=int, default=100)
    parser.add_argument("--peer")
    arguments = parser.parse_args()
    print(f"{platform.machine()}, numpy {np.__version__}", flush=True)
    run = {
        "planted": planted,
        "noise": lambda: noise(arguments.records),
        "ecg": lambda: ecg(arguments.data),
        "dreams": lambda: dreams(arguments.data),
        "speed": lambda: speed(arguments.peer),
    }
    for part in arguments.parts or parts:
        run[part]()


if __name__ == "__main__":
    main()
