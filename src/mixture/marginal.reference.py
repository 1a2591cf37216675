"""Makes marginal.reference.json: marginal densities by SciPy, and conditional Gaussians by the joint precision matrix, which the library
does not use.

Run it beside the file, with Debian's python3-numpy and python3-scipy: python3 marginal.reference.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

random = np.random.default_rng(1)
K, d = 3, 5
weights = random.dirichlet(np.ones(K))
means = random.normal(scale=2, size=(K, d))
factors = random.normal(size=(K, d, d))
covariances = factors @ factors.transpose(0, 2, 1) + 0.2 * np.eye(d)


def marginal(columns):
    points = random.normal(scale=2, size=(4, len(columns)))
    logs = [
        np.log(w) + multivariate_normal.logpdf(points, m[columns], c[np.ix_(columns, columns)])
        for w, m, c in zip(weights, means, covariances)
    ]
    return {"columns": columns, "points": points.tolist(), "logDensity": logsumexp(logs, axis=0).tolist()}


def conditional(columns, values):
    rest = [column for column in range(d) if column not in columns]
    logs, parts = [], []
    for w, m, c in zip(weights, means, covariances):
        precision = np.linalg.inv(c)
        own = np.linalg.inv(precision[np.ix_(rest, rest)])
        away = np.array(values) - m[columns]
        parts.append({"mean": (m[rest] - own @ precision[np.ix_(rest, columns)] @ away).tolist(), "covariance": own.tolist()})
        logs.append(np.log(w) + multivariate_normal.logpdf(values, m[columns], c[np.ix_(columns, columns)]))
    return {
        "given": dict(zip(map(str, columns), values)),
        "weights": np.exp(np.array(logs) - logsumexp(logs)).tolist(),
        "parameters": parts,
    }


reference = {
    "weights": weights.tolist(),
    "means": means.tolist(),
    "covariances": covariances.tolist(),
    "marginals": [marginal([0]), marginal([3, 1]), marginal([4, 0, 2])],
    # the last is so far out that every density underflows
    "conditionals": [
        conditional([2], [0.5]),
        conditional([0, 3], [1.5, -2.0]),
        conditional([1, 2, 3, 4], [0.0, 1.0, -1.0, 0.5]),
        conditional([1], [400.0]),
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(reference, indent=1) + "\n")
