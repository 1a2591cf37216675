"""Writes missing.reference.json: maxima of the likelihood of the observed cells, found by BFGS over unconstrained parameters.

No EM is in it: the log-likelihood is the sum of log densities of scipy.stats' marginal normal distributions, the covariance of all
rows that the penalty needs is itself found by BFGS, and the information is the sum of products of numerical scores.

Run it beside the file, with Debian's python3-numpy and python3-scipy: python3 missing.reference.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

ROWS, MISSING = 160, 0.25
MEANS = {2: [[0, 0], [3, 2]], 3: [[0, 0, 0], [3, 2, -2]]}
FACTORS = {
    2: [[[1, 0], [0.5, 0.8]], [[0.7, 0], [-0.4, 1.1]]],
    3: [[[1, 0, 0], [0.5, 0.8, 0], [0.2, -0.3, 0.9]], [[0.7, 0, 0], [-0.4, 1.1, 0], [0.3, 0.2, 0.6]]],
}


def drawn(d, seed):
    """Rows of two components; a quarter of the cells missing at random, and of every row at least one is observed."""
    random = np.random.default_rng(seed)
    label = (random.random(ROWS) < 0.4).astype(int)
    x = np.array([np.array(MEANS[d][k]) + np.array(FACTORS[d][k]) @ random.standard_normal(d) for k in label]).round(3)
    gaps = random.random(x.shape) < MISSING
    gaps[gaps.all(axis=1), 0] = False
    x[gaps] = np.nan
    return x


def log_density(x, mean, covariance):
    out = np.zeros(len(x))
    for pattern in np.unique(np.isnan(x), axis=0):
        rows, seen = (np.isnan(x) == pattern).all(axis=1), ~pattern
        if seen.any():
            out[rows] = multivariate_normal.logpdf(x[rows][:, seen], mean[seen], covariance[np.ix_(seen, seen)]).reshape(-1)
    return out


class Structure:
    """Covariances of one kind, from unconstrained numbers."""

    def __init__(self, name, d):
        self.name, self.d = name, d
        self.size = {"full": d * (d + 1) // 2, "tied": d * (d + 1) // 2, "diagonal": d, "spherical": 1}[name]

    def covariance(self, v):
        if self.name == "diagonal":
            return np.diag(np.exp(2 * v))
        if self.name == "spherical":
            return np.exp(2 * v[0]) * np.eye(self.d)
        lower = np.zeros((self.d, self.d))
        lower[np.tril_indices(self.d)] = v
        lower[np.diag_indices(self.d)] = np.exp(np.diag(lower))
        return lower @ lower.T

    def numbers(self, covariance):
        if self.name == "diagonal":
            return np.log(np.diag(covariance)) / 2
        if self.name == "spherical":
            return [np.log(np.trace(covariance) / self.d) / 2]
        lower = np.linalg.cholesky(covariance)
        lower[np.diag_indices(self.d)] = np.log(np.diag(lower))
        return lower[np.tril_indices(self.d)]

    def mixture(self, v):
        d, size = self.d, self.size
        weight = 1 / (1 + np.exp(v[0]))
        means = v[1 : 1 + 2 * d].reshape(2, d)
        parts = [v[1 + 2 * d :][:size]] * 2 if self.name == "tied" else v[1 + 2 * d :].reshape(2, size)
        return np.array([weight, 1 - weight]), means, [self.covariance(part) for part in parts]


def log_likelihoods(x, weights, means, covariances):
    parts = [np.log(w) + log_density(x, m, c) for w, m, c in zip(weights, means, covariances)]
    return logsumexp(parts, axis=0)


def maximised(f, start):
    """The maximum, by BFGS and then by Newton's method, both with differences."""
    found = minimize(lambda v: -f(v), start, method="BFGS", jac="3-point", options={"gtol": 1e-7, "maxiter": 2000})
    v = found.x
    for _ in range(3):
        gradient, hessian = differences(f, v)
        v = v - np.linalg.solve(hessian, gradient)
    gradient, hessian = differences(f, v)
    assert np.max(np.abs(gradient)) < 1e-5 and np.all(np.linalg.eigvalsh(hessian) < 0)
    return v


def differences(f, v, h=1e-4):
    p = len(v)
    unit = np.eye(p) * h
    gradient = np.array([(8 * (f(v + e) - f(v - e)) - f(v + 2 * e) + f(v - 2 * e)) / (12 * h) for e in unit])
    hessian = np.empty((p, p))
    for i in range(p):
        for j in range(i + 1):
            a, b = unit[i], unit[j]
            value = (f(v + a + b) - f(v + a - b) - f(v - a + b) + f(v - a - b)) / (4 * h * h)
            hessian[i, j] = hessian[j, i] = value
    return gradient, hessian


def whole_covariance(x, name):
    """S_x, n / (n − 1) times the maximum for all rows: of the full model by BFGS, of independent features in closed form."""
    d = x.shape[1]
    if name in ("diagonal", "spherical"):
        return np.diag(np.nanvar(x, axis=0)) * len(x) / (len(x) - 1)
    one = Structure("full", d)
    start = np.concatenate([np.nanmean(x, axis=0), one.numbers(np.diag(np.nanvar(x, axis=0)))])
    v = maximised(lambda v: log_density(x, v[:d], one.covariance(v[d:])).sum(), start)
    return one.covariance(v[d:]) * len(x) / (len(x) - 1)


def vector(weights, means, covariances):
    """The coordinates of mixtureToVector: w_1, then the mean and vech of each component."""
    d = len(means[0])
    vech = [[c[i, j] for j in range(d) for i in range(j, d)] for c in covariances]
    return np.concatenate([[weights[0]], *[np.concatenate([m, v]) for m, v in zip(means, vech)]])


def from_vector(v, d):
    p = d + d * (d + 1) // 2
    means, covariances = [], []
    for part in v[1:].reshape(2, p):
        c = np.empty((d, d))
        entries = iter(part[d:])
        for j in range(d):
            for i in range(j, d):
                c[i, j] = c[j, i] = next(entries)
        means.append(part[:d])
        covariances.append(c)
    return np.array([v[0], 1 - v[0]]), means, covariances


def diagonal_vector(weights, means, covariances):
    return np.concatenate([[weights[0]], *[np.concatenate([m, np.diag(c)]) for m, c in zip(means, covariances)]])


def from_diagonal_vector(v, d):
    parts = v[1:].reshape(2, 2 * d)
    return np.array([v[0], 1 - v[0]]), parts[:, :d], [np.diag(part[d:]) for part in parts]


COORDINATES = {"full": (vector, from_vector), "diagonal": (diagonal_vector, from_diagonal_vector)}


def standard_errors(x, name, mixture):
    """Of the sum over the rows of s sᵀ, the scores s by differences."""
    to_vector, back = COORDINATES[name]
    v, d = to_vector(*mixture), x.shape[1]

    def score(i):
        h = 1e-4 * max(1, abs(v[i]))
        f = lambda t: log_likelihoods(x, *back(v + t * h * np.eye(len(v))[i], d))
        return (8 * (f(1) - f(-1)) - f(2) + f(-2)) / (12 * h)

    scores = np.array([score(i) for i in range(len(v))]).T
    return np.sqrt(np.diag(np.linalg.inv(scores.T @ scores)))


tables, fits = {}, []
for d, seed in ((2, 5), (3, 6)):
    x = drawn(d, seed)
    tables[str(d)] = [[None if np.isnan(value) else value for value in row] for row in x]
    for name in ("full", "tied", "diagonal", "spherical"):
        structure, whole = Structure(name, d), whole_covariance(x, name)
        for penalty in (0, ROWS**-0.5, 2):

            def objective(v):
                weights, means, covariances = structure.mixture(v)
                penalties = [np.trace(np.linalg.solve(c, whole)) + np.linalg.slogdet(c)[1] for c in covariances]
                return log_likelihoods(x, weights, means, covariances).sum() - penalty * sum(penalties)

            covariances = [np.array(f) @ np.array(f).T for f in FACTORS[d]]
            parts = [structure.numbers(c) for c in covariances[: 1 if name == "tied" else 2]]
            v = maximised(objective, np.concatenate([[np.log(0.4 / 0.6)], *MEANS[d], *parts]))
            weights, means, covariances = mixture = structure.mixture(v)
            fit = {
                "family": "gaussian" if name == "full" else f"{name}-gaussian",
                "dimension": d,
                "penalty": penalty,
                "wholeCovariance": whole.tolist(),
                "weights": weights.tolist(),
                "means": means.tolist(),
                "covariances": [c.tolist() for c in covariances],
                "logLikelihood": log_likelihoods(x, *mixture).sum(),
                "penalisedLogLikelihood": objective(v),
                "logDensities": log_likelihoods(x, *mixture)[:20].tolist(),
            }
            if name in COORDINATES and penalty == 0:
                fit["standardErrors"] = standard_errors(x, name, mixture).tolist()
            fits.append(fit)

text = json.dumps({"tables": tables, "fits": fits}, allow_nan=False)
Path(__file__).with_suffix(".json").write_text(text + "\n")
print(f"{len(fits)} maxima")
