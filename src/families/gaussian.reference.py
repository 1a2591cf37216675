"""Recomputes gaussian.reference.json from the mixtures in it, to the tolerances of the tests, by other formulas than the library's:
KL by solving with the covariance, ground distances by SciPy's matrix square root, transport by linear programming.

Run it beside the file, with Debian's python3-numpy and python3-scipy: python3 gaussian.reference.py
"""

import base64
import json
from pathlib import Path

import numpy as np
from scipy.linalg import sqrtm
from scipy.optimize import linprog
from scipy.stats import multivariate_normal

HERE = Path(__file__)


def floats(text):
    return np.frombuffer(base64.b64decode(text), "<f8")


def symmetric(lower, d):
    full = np.zeros((d, d))
    full[np.tril_indices(d)] = lower
    return full + np.tril(full, -1).T


def mixture(values, order, d):
    """K weights, then each component's mean and lower triangle; only the first mixture of several."""
    parts = values[order : order + order * (d + d * (d + 1) // 2)].reshape(order, -1)
    return values[:order], [(part[:d], symmetric(part[d:], d)) for part in parts]


def kl(a, b):
    (mean, covariance), (to, other) = a, b
    inner = np.trace(np.linalg.solve(other, covariance)) + (to - mean) @ np.linalg.solve(other, to - mean)
    return 0.5 * (inner - len(mean) + np.linalg.slogdet(other)[1] - np.linalg.slogdet(covariance)[1])


def ground(a, b):
    return np.linalg.norm(a[0] - b[0]) + np.linalg.norm(sqrtm(a[1]).real - sqrtm(b[1]).real)


def table(cost, rows, columns):
    return np.array([[cost(a, b) for b in columns] for a in rows])


def transport(cost, supply, demand):
    rows, columns = cost.shape
    sums = np.vstack([np.kron(np.eye(rows), np.ones(columns)), np.kron(np.ones(rows), np.eye(columns))])
    return linprog(cost.ravel(), A_eq=sums[:-1], b_eq=np.append(supply, demand)[:-1], method="highs").fun


def l2(G, H):
    weights = np.append(G[0], -H[0])
    both = G[1] + H[1]
    inner = table(lambda a, b: multivariate_normal.pdf(a[0], b[0], a[1] + b[1]), both, both)
    return np.sqrt(weights @ inner @ weights)


def agrees(name, actual, expected, tolerance):
    actual, expected = np.asarray(actual), np.asarray(expected)
    worst = np.max(np.abs(actual - expected)) / np.max(np.abs(expected))
    assert worst <= tolerance, (name, worst)


reference = json.loads(HERE.with_suffix(".json").read_text())
for name in ("d1", "d2", "d50"):
    own = reference[name]
    d, order = own["dimension"], own["order"]
    G, H = (mixture(floats(own[which]), order, d) for which in ("first", "second"))
    agrees(name, table(kl, G[1], H[1]), own["kl"], 1e-12)
    agrees(name, table(ground, G[1], H[1]), own["groundDistance"], 1e-10)
    agrees(name, l2(G, H), own["l2"], 1e-10)
    agrees(name, transport(table(ground, G[1], H[1]), G[0], H[0]), own["wasserstein1"], 1e-9)
    agrees(name, transport(table(kl, G[1], H[1]), G[0], H[0]), own["transportDivergence"], 1e-9)
    centre = own["barycentre"]
    shares = np.array(centre["weights"]) / np.sum(centre["weights"])
    mean = sum(share * one for share, (one, _) in zip(shares, G[1]))
    second = sum(share * (covariance + np.outer(one, one)) for share, (one, covariance) in zip(shares, G[1]))
    agrees(name, mean, centre["mean"], 1e-12)
    agrees(name, second - np.outer(mean, mean), symmetric(floats(centre["lower"]), d), 1e-12)

case = json.loads((HERE.parent / "../distance/case1.reference.json").read_text())
truth, estimate = (mixture(floats(case[name]), case["order"], case["dimension"])[1] for name in ("truth", "estimates"))
pair = reference["truthAndEstimate0"]
np.testing.assert_allclose(table(kl, truth, truth), pair["truthToTruth"], rtol=1e-10, atol=1e-12)
agrees("estimate to truth", table(kl, estimate, truth), pair["estimateToTruth"], 1e-12)
agrees("truth to estimate", table(kl, truth, estimate), pair["truthToEstimate"], 1e-12)
print("KL, ground, L² and transport distances and barycentres agree")
