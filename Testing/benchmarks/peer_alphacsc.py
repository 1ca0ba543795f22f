"""alphaCSC on a channel that is ready to be searched, until it explains a given share; in an environment of its own.

PYTHON peer_alphacsc.py READY.npy WAVEFORMS SAMPLES SHARE; the last line that it prints is JSON.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from alphacsc import BatchCDL  # type: ignore[import-not-found]

REGULARIZATIONS = (0.3, 0.1, 0.03)
TRIALS = 30


def main() -> None:
    """From sparse to dense, the first setting and number of iterations that reach the share."""
    path, atoms, length, share = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    values = np.load(path)
    trials = values[: len(values) // TRIALS * TRIALS].reshape(TRIALS, 1, -1)
    learned(trials[:2, :, :2000], atoms, length, 0.3, 1)  # compiles
    answer = {}
    for reg in REGULARIZATIONS:
        for iterations in (1, 2, 3, 4, 5, 10):
            started, used = time.perf_counter(), time.process_time()
            explained = learned(trials, atoms, length, reg, iterations)
            seconds, cpu = time.perf_counter() - started, time.process_time() - used
            answer = {"explained": explained, "iterations": iterations, "reg": reg, "seconds": seconds, "cpu": cpu}
            print(answer, flush=True)
            if explained >= share:
                print(json.dumps(answer))
                return
    print(json.dumps(answer))


def learned(trials: np.ndarray, atoms: int, length: int, reg: float, iterations: int) -> float:
    """The share of the energy that the dictionary explains."""
    model = BatchCDL(
        atoms, length, n_iter=iterations, reg=reg, rank1=True, solver_z="lgcd", n_jobs=1, random_state=0, verbose=0
    )
    model.fit(trials)
    left = 0.0
    for trial, activations in zip(trials[:, 0], model.z_hat_, strict=True):
        rest = trial.copy()
        for atom, activation in zip(model.D_hat_[:, 0], activations, strict=True):
            rest -= np.convolve(activation, atom)
        left += float((rest**2).sum())
    return 1 - left / float((trials**2).sum())


if __name__ == "__main__":
    main()
