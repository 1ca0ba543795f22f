"""alphaCSC on a channel that is ready to be searched, until it explains a given share; in an environment of its own.

PYTHON peer_alphacsc.py READY.npy WAVEFORMS SAMPLES SHARE; the last line that it prints is JSON.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from alphacsc import learn_d_z  # type: ignore[import-not-found]
from alphacsc.utils import construct_X  # type: ignore[import-not-found]

REGULARIZATIONS = (8.0, 4.0, 2.0, 1.0, 0.5)


def main() -> None:
    """From sparse to dense, the first setting and number of iterations that reach the share."""
    path, atoms, length, share = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    values = np.load(path)[None]
    learn_d_z(values[:, :4000], atoms, length, reg=4.0, n_iter=1, random_state=0, verbose=0)  # compiles
    tried, best = [], None
    for reg in REGULARIZATIONS:
        for iterations in (2, 5, 10):
            started, used = time.perf_counter(), time.process_time()
            _cost, _times, d_hat, z_hat, _reg = learn_d_z(
                values, atoms, length, reg=reg, n_iter=iterations, random_state=0, n_jobs=1, verbose=0
            )
            seconds, cpu = time.perf_counter() - started, time.process_time() - used
            rest = values - construct_X(z_hat, d_hat)
            explained = 1 - float((rest**2).sum() / (values**2).sum())
            tried.append((reg, iterations, explained, seconds))
            print(tried[-1], flush=True)
            best = {"explained": explained, "iterations": iterations, "reg": reg, "seconds": seconds, "cpu": cpu}
            if explained >= share:
                print(json.dumps(best))
                return
    print(json.dumps(best))


if __name__ == "__main__":
    main()
