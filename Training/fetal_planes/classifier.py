"""The plane classifier: logistic regression on what the frozen network's deepest layer holds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from scipy.optimize import minimize_scalar

from FetalBiometryLib.inference.planes_network import CANVAS, describe
from FetalBiometryLib.planes.findings import PLANES
from FetalBiometryLib.planes.recognition import PlaneClassifier, guess_plane, probabilities_of

from .data import augment, to_canvas
from .folds import ALL
from .sources import Sample

CHANGED = 4  # random changes of each training picture
PENALTY = 0.006


@dataclass
class Described:
    """Training pictures: descriptors (n, changes, d), plane index (n,), fold (n,), source (n,)."""

    descriptors: np.ndarray
    plane: np.ndarray
    fold: np.ndarray
    source: np.ndarray


def describe_all(network: torch.nn.Module, samples: list[tuple[str, Sample]], seed: int = 5) -> Described:
    """Descriptors of (source, sample) under random changes."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _, sample in samples:
        x = torch.from_numpy(to_canvas(replace(sample, masks={}, extra={})).picture)[None, None].float() / 255
        x = x.expand(CHANGED, 1, *x.shape[2:]).contiguous()
        x, _ = augment(x, x, CANVAS, generator, 0.7)
        found.append(describe(network, x)[1].numpy())
    return Described(
        np.stack(found),
        np.array([PLANES.index(s.plane) for _, s in samples]),
        np.array([s.fold for _, s in samples]),
        np.array([source for source, _ in samples]),
    )


def fit(described: Described, kept: np.ndarray, penalty: float = PENALTY) -> PlaneClassifier:
    """Planes weighted alike; ``kept`` (n,) bool chooses the training pictures."""
    x = described.descriptors[kept].reshape(-1, described.descriptors.shape[2])
    y = np.repeat(described.plane[kept], described.descriptors.shape[1])
    mean, scale = x.mean(0), x.std(0) + 1e-3
    z = torch.from_numpy(np.clip((x - mean) / scale, -8, 8)).float()
    target = torch.from_numpy(y)
    weight = 1 / torch.bincount(target, minlength=len(PLANES)).float().clamp_min(1)
    w = torch.zeros(len(PLANES), z.shape[1], requires_grad=True)
    b = torch.zeros(len(PLANES), requires_grad=True)
    optimiser = torch.optim.LBFGS([w, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = F.cross_entropy(z @ w.T + b, target, weight) + penalty * (w**2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return PlaneClassifier(mean, scale, w.detach().double().numpy(), b.detach().double().numpy(), 1.0, 0.6, 0.6)


def may_train(described: Described, left_out: int | None) -> np.ndarray:
    """(n,) bool: everything but one fold of patients."""
    return np.asarray((described.fold == ALL) | (described.fold != left_out))


def with_confidence(
    classifiers: list[PlaneClassifier], looks: list[np.ndarray], plane: list[str], final: PlaneClassifier
) -> PlaneClassifier:
    """``final`` with temperature and threshold from held-out pictures, each with the classifier that left it out.

    The temperature maximises the likelihood, planes weighted alike. The threshold is the least from 0.5 on at which
    95 % of the certain guesses are right, planes weighted alike.
    """
    truth = np.array([PLANES.index(p) for p in plane])
    weight = np.array([1 / plane.count(p) for p in plane])

    def cost(log_t: float) -> float:
        t = float(np.exp(log_t))
        p = [probabilities_of(x, replace(c, temperature=t)).mean(0) for c, x in zip(classifiers, looks, strict=True)]
        return -float((weight * np.log(np.array(p)[np.arange(len(p)), truth] + 1e-9)).sum())

    t = float(np.exp(minimize_scalar(cost, bounds=(-2, 2), method="bounded").x))
    guesses = [guess_plane(x, replace(c, temperature=t)) for c, x in zip(classifiers, looks, strict=True)]
    top = np.array([g.probabilities[g.plane] for g in guesses])
    right = np.array([g.plane == p for g, p in zip(guesses, plane, strict=True)])
    threshold = 0.9
    for level in np.arange(0.50, 0.91, 0.01):
        kept = top >= level
        if kept.any() and (weight * right)[kept].sum() / weight[kept].sum() >= 0.95:
            threshold = float(round(level, 2))
            break
    return replace(final, temperature=t, min_probability=threshold, min_agreement=0.6)
