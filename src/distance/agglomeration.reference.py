"""Makes agglomeration.reference.json: average linkage by SciPy of random points with copies and an outlier, and merges of the components
of a Gaussian mixture by the closed form of Runnalls (2007), ½ {(w + w') log det Σ̄ − w log det Σ − w' log det Σ'}, of moments.

Run it beside the file, with Debian's python3-numpy and python3-scipy: python3 agglomeration.reference.py
"""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist, squareform

random = np.random.default_rng(3)
points = random.normal(size=(24, 3))
points[7], points[20] = points[2], points[2]  # copies
points[11] = 500.0

K, d = 7, 2
weights = random.dirichlet(np.ones(K))
means = random.normal(scale=4, size=(K, d))
factors = random.normal(size=(K, d, d))
covariances = factors @ factors.transpose(0, 2, 1) + 0.3 * np.eye(d)
means[5], covariances[5] = means[1], covariances[1]  # one component in two parts


def together(a, b):
    (w, m, c), (v, n, e) = a, b
    total = w + v
    mean = (w * m + v * n) / total
    return total, mean, (w * (c + np.outer(m - mean, m - mean)) + v * (e + np.outer(n - mean, n - mean))) / total


def size(part):
    return 0.5 * part[0] * np.linalg.slogdet(part[2])[1]


def merges():
    groups = {k: part for k, part in enumerate(zip(weights, means, covariances))}
    found, height = [], 0.0
    while len(groups) > 1:
        cost = lambda ij: size(together(groups[ij[0]], groups[ij[1]])) - size(groups[ij[0]]) - size(groups[ij[1]])
        i, j = min(combinations(sorted(groups), 2), key=cost)
        height += max(0.0, cost((i, j)))
        found.append([i, j, height])
        groups[K + len(found) - 1] = together(groups.pop(i), groups.pop(j))
    return found


reference = {
    "distances": squareform(pdist(points)).tolist(),
    "average": [[int(i), int(j), height] for i, j, height, _ in linkage(pdist(points), "average")],
    "mixture": {"weights": weights.tolist(), "means": means.tolist(), "covariances": covariances.tolist()},
    "components": merges(),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(reference, indent=1) + "\n")
