"""Recomputes starts.reference.json: small tables on which k-means++ starts all end at one poor maximum, and the greatest penalised
log-likelihood that 200 runs of EM in NumPy find: from random rows as centres with the covariance of all rows, from random
responsibilities, and from the partition that made the rows.

Run it beside the file, with Debian's python3-numpy: python3 starts.reference.py
"""

import json
from pathlib import Path

import numpy as np

RUNS, TOLERANCE = 200, 1e-9


def log_density(x, mean, covariance):
    lower = np.linalg.cholesky(covariance)
    z = np.linalg.solve(lower, (x - mean).T)
    return -0.5 * (z**2).sum(0) - np.log(np.diag(lower)).sum() - 0.5 * x.shape[1] * np.log(2 * np.pi)


def em(x, shares):
    """pℓ / n to the tolerance, with p(θ) = tr(Σ⁻¹ S) + log det Σ and a_n = n^(−1/2)."""
    n, a, S = len(x), len(x) ** -0.5, np.atleast_2d(np.cov(x.T))
    before = -np.inf
    for _ in range(5000):
        mass = shares.sum(0)
        means = [shares[:, k] @ x / max(mass[k], 1e-300) for k in range(len(mass))]
        scatters = [(shares[:, k, None] * (x - m)).T @ (x - m) for k, m in enumerate(means)]
        covariances = [(2 * a * S + c) / (2 * a + m) for c, m in zip(scatters, mass)]
        with np.errstate(divide="ignore"):
            logs = np.array([np.log(m / n) + log_density(x, mu, C) for m, mu, C in zip(mass, means, covariances)]).T
        most = logs.max(1, keepdims=True)
        shares = np.exp(logs - most)
        value = (most[:, 0] + np.log(shares.sum(1))).sum()
        shares /= shares.sum(1, keepdims=True)
        value -= a * sum(np.trace(np.linalg.solve(C, S)) + np.linalg.slogdet(C)[1] for C in covariances)
        if value - before <= TOLERANCE * n:
            return value
        before = value
    return before


def greatest(x, K, made, random):
    values = [em(x, np.eye(K)[made])]
    S = np.atleast_2d(np.cov(x.T))
    for run in range(RUNS):
        if run % 2:
            shares = random.dirichlet(np.ones(K) * random.choice([0.1, 1]), len(x))
        else:
            rows = random.choice(len(x), K, replace=False)
            logs = np.array([log_density(x, x[row], S) for row in rows]).T
            shares = np.exp(logs - logs.max(1, keepdims=True))
            shares /= shares.sum(1, keepdims=True)
        values.append(em(x, shares))
    return max(values)


def one_outlier(far, random):
    x = np.concatenate([random.normal((-3, 0), (1, 1), (80, 2)), random.normal((3, 0), (1, 0.5), (120, 2)), [[far, 0]]])
    return x, 3, np.repeat([0, 1, 2], [80, 120, 1])


def same_mean(sd, share, d, random):
    made = (random.random(300) > share).astype(int)
    return random.normal(size=(300, d)) * np.where(made, sd, 1)[:, None], 2, made


def ties(random):
    x = np.round(np.append(random.normal(1, 0.1, 28), random.normal(0.1, 0.4, 2)), 2)[:, None]
    return x, 2, np.repeat([0, 1], [28, 2])


def cases():
    for far in (15, 20, 30, 40, 50, 70, 1000):
        yield f"one outlier at {far}", one_outlier(far, np.random.default_rng(far))
    for d, sd, share, seed in ((1, 5, 0.5, 1), (1, 5, 0.5, 2), (1, 10, 0.5, 3), (1, 10, 0.5, 4), (1, 10, 0.9, 5), (2, 5, 0.5, 6), (2, 10, 0.9, 7)):
        name = f"deviations 1 and {sd} about one mean, weights {share} and {round(1 - share, 1)}, d = {d}, seed {seed}"
        yield name, same_mean(sd, share, d, np.random.default_rng(seed))
    for seed in (1, 2, 3):
        yield f"30 rows with ties, seed {seed}", ties(np.random.default_rng(seed))


found = []
for name, (x, K, made) in cases():
    x = np.round(x, 3)
    best = greatest(x, K, made, np.random.default_rng(1))
    print(f"{name}: {best:.6f}")
    found.append({"name": name, "order": K, "columns": x.shape[1], "data": x.ravel().tolist(), "penalised": round(best, 6)})
text = "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in found) + "\n]\n"
Path(__file__).with_suffix(".json").write_text(text)
