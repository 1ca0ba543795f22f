"""A Gaussian process on a shell: values between measured points, and how far they can be trusted.

Prior: the Matern covariance along the surface, as a sum over the shell's modes weighted by its spectral density
(Borovitskiy et al., NeurIPS 2020; on shells of the heart Coveney et al., Phil. Trans. R. Soc. A 378:20190345, 2020).
What lies beyond the last mode is kept as variance that no point explains. Length, spread and noise are those of the
greatest marginal likelihood; left-out points then say by how much the standard uncertainties must be widened or
narrowed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize

from EPMappingLib.maps.eigenbasis import Eigenbasis

SMOOTHNESS = (1.5, 2.5)
"""Of the Matern covariance that are tried: activation has corners at its sources and where waves meet."""
_FLAT_PRIOR = 1e4  # variance of the mean, in units of the points' variance: nothing is assumed of it
_WIDTHS = (0.8, 4.0)
_LEAST_CALIBRATED = 12  # points, fewer of which say too little about the width of intervals


@dataclass(frozen=True)
class Prior:
    """What is assumed of the values before any point.

    Attributes:
        smoothness: of the Matern covariance.
        length: mm along the surface at which the correlation has fallen to about 0.1 (sqrt(8 smoothness) / kappa).
        spread: standard deviation about the mean.
        noise: standard deviation of one measured point about the true value.
    """

    smoothness: float
    length: float
    spread: float
    noise: float

    @property
    def kappa(self) -> float:
        """Inverse length of the covariance, 1/mm."""
        return float(np.sqrt(8 * self.smoothness)) / self.length

    def weights(self, basis: Eigenbasis) -> np.ndarray:
        """(K,) variance of each mode; that of the mean is not assumed and not here: 0."""
        nu, kappa2 = self.smoothness, self.kappa**2
        density = 4 * np.pi * nu * kappa2**nu * (kappa2 + basis.frequencies) ** -(nu + 1)
        found = self.spread**2 * density / basis.area
        found[0] = 0.0
        return np.asarray(found)

    def beyond(self, basis: Eigenbasis) -> float:
        """Variance of all that the modes cannot show: of modes above the last one, by Weyl's law."""
        return self.spread**2 * (1 + basis.frequencies[-1] / self.kappa**2) ** -self.smoothness


@dataclass(frozen=True)
class Fit:
    """The process after the points.

    Attributes:
        prior: as fitted.
        basis: of the shell.
        mean: (K,) of the modes.
        root: (K, K): the modes' covariance is root @ root.T.
        width: by which standard uncertainties were widened; of the left-out points.
        left_out: (n,) error of each point from all others, in its own standard uncertainties before widening.
    """

    prior: Prior
    basis: Eigenbasis
    mean: np.ndarray
    root: np.ndarray
    width: float
    left_out: np.ndarray

    def values(self) -> np.ndarray:
        """(V,) most likely values at the vertices."""
        return np.asarray(self.basis.modes @ self.mean)

    def sd(self) -> np.ndarray:
        """(V,) standard uncertainty of the values, without the noise of points."""
        spread = ((self.basis.modes @ self.root) ** 2).sum(1) + self.prior.beyond(self.basis)
        return np.asarray(self.width * np.sqrt(spread))

    def draws(self, count: int, seed: int) -> np.ndarray:
        """(V, count) values that the points allow, drawn at random."""
        steps = np.random.default_rng(seed).standard_normal((len(self.mean), count))
        return np.asarray(self.basis.modes @ (self.mean[:, None] + self.width * self.root @ steps))

    @property
    def covered(self) -> float:
        """Share of the left-out points within their 95 % interval after widening."""
        return float((np.abs(self.left_out) <= 1.96 * self.width).mean())


def fit(basis: Eigenbasis, at: np.ndarray, values: np.ndarray) -> Fit:
    """Fit the process to points.

    Args:
        at: (n, K) modes at the points.
        values: (n,) measured, finite; n >= 4.
    """
    order = np.lexsort((at[:, 1], values))  # the same points in another order shall give the same map
    best: tuple[float, Prior] | None = None
    for nu in SMOOTHNESS:
        cost, prior = _likeliest(basis, at[order], values[order], nu)
        if best is None or cost < best[0]:
            best = cost, prior
    assert best is not None
    return conditioned(basis, at, values, best[1])


def conditioned(basis: Eigenbasis, at: np.ndarray, values: np.ndarray, prior: Prior) -> Fit:
    """The process after points, with a known prior."""
    weights = _all_weights(prior, basis, values)
    noise = prior.noise**2 + prior.beyond(basis)
    covariance = (at * weights) @ at.T + noise * np.eye(len(values))
    factor = cho_factor(covariance, lower=True)
    center = values.mean()
    scaled = cho_solve(factor, values - center)
    mean = weights * (at.T @ scaled)
    mean[0] += center
    inverse = cho_solve(factor, np.eye(len(values)))
    left_out = scaled / np.sqrt(np.diag(inverse))
    kept = np.sqrt(weights)
    explained = solve_triangular(factor[0], at * kept, lower=True)
    root = kept[:, None] * cholesky(
        np.eye(len(weights)) - explained.T @ explained + 1e-9 * np.eye(len(weights)), lower=True
    )
    width = 1.0
    if len(values) >= _LEAST_CALIBRATED:
        width = float(np.clip(np.quantile(np.abs(left_out), 0.95) / 1.96, *_WIDTHS))
    return Fit(prior, basis, mean, root, width, left_out)


def _all_weights(prior: Prior, basis: Eigenbasis, values: np.ndarray) -> np.ndarray:
    weights = prior.weights(basis)
    weights[0] = _FLAT_PRIOR * max(float(np.var(values)), 1e-12)
    return weights


def _likeliest(basis: Eigenbasis, at: np.ndarray, values: np.ndarray, nu: float) -> tuple[float, Prior]:
    """Length, spread and noise of the greatest marginal likelihood, and its negative logarithm."""
    scale = max(float(values.std()), 1e-9)
    reach = float(np.sqrt(basis.area))
    shortest = 2 * np.pi / np.sqrt(basis.frequencies[-1])  # a wave of the last mode
    bounds = [(np.log(0.5 * shortest), np.log(10 * reach)), (np.log(0.05), np.log(50.0)), (np.log(1e-3), np.log(2.0))]

    def prior_of(x: np.ndarray) -> Prior:
        length, spread, noise = np.exp(x)
        return Prior(nu, float(length), float(scale * spread), float(scale * noise))

    # In the modes, of which there are fewer than points: the matrix inversion lemma, and that of determinants.
    centered = values - values.mean()
    squares, crossed, energy = at.T @ at, at.T @ centered, float(centered @ centered)

    def cost(x: np.ndarray) -> float:
        prior = prior_of(x)
        noise = prior.noise**2 + prior.beyond(basis)
        root = np.sqrt(_all_weights(prior, basis, values))
        inner = root[:, None] * squares * root / noise
        inner[np.diag_indices(len(root))] += 1.0
        try:
            lower = np.linalg.cholesky(inner)
        except np.linalg.LinAlgError:
            return 1e12
        explained = solve_triangular(lower, root * crossed / noise, lower=True)
        fit_cost = 0.5 * (energy / noise - float(explained @ explained))
        return fit_cost + 0.5 * len(values) * float(np.log(noise)) + float(np.log(np.diag(lower)).sum())

    start = np.clip(np.log([0.7 * reach, 1.5, 0.1]), *np.transpose(bounds))
    best = minimize(cost, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60})
    return float(best.fun), prior_of(best.x)
