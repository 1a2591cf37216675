"""Recomputes gamma.reference.json, to the tolerances of the tests or what quadrature and searches allow: inner products and KL by
quadrature, the barycentre and M-steps by one-dimensional searches, transport by linear programming, EM in NumPy.

Run it beside the file, with Debian's python3-numpy and python3-scipy: python3 gamma.reference.py
"""

import base64
import json
from pathlib import Path

import numpy as np
from scipy.optimize import brentq, linprog
from scipy.special import digamma, logsumexp
from scipy.stats import gamma

reference = json.loads(Path(__file__).with_suffix(".json").read_text())


def close(actual, expected, rtol):
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=1e-13)


def components(one):
    return list(zip(one["shapes"], one["scales"]))


# ∫ over x = exp(u), by the trapezoidal rule, which for smooth integrands that fall off converges faster than any power of the step
U, STEP = np.linspace(-700, 12, 356_001, retstep=True)


def integral(log_integrand):
    return STEP * np.sum(np.exp(log_integrand(np.exp(U)) + U))


def log_density(parameter, x):
    return gamma.logpdf(x, parameter[0], scale=parameter[1])


def inner(a, b):
    return integral(lambda x: log_density(a, x) + log_density(b, x))


def kl(a, b):
    """E log f / f′, with E X and E log X in closed form."""
    (r, s), (q, t) = a, b
    mean, mean_log = r * s, digamma(r) + np.log(s)
    own = lambda shape, scale: gamma.logpdf(1, shape, scale=scale) + 1 / scale  # without what depends on x
    return own(r, s) - own(q, t) + (r - q) * mean_log - mean * (1 / s - 1 / t)


parts = components(reference["components"])
near = [(i, j) for i in range(4) for j in range(4) if reference["innerProducts"][i][j] > 1e-20]
for i, j in near:
    close(inner(parts[i], parts[j]), reference["innerProducts"][i][j], 1e-8)
for i in range(4):
    for j in range(4):
        assert abs(kl(parts[i], parts[j]) - reference["kl"][i][j]) < 1e-11 * (1 + reference["kl"][i][j])

mixtures = [(np.array(one["weights"]), components(one)) for one in reference["mixtures"]]
known = {}
product = lambda a, b: known.setdefault((a, b), inner(a, b))
for i, (v, G) in enumerate(mixtures):
    for j, (w, H) in enumerate(mixtures[:i]):
        signed, both = np.append(v, -w), G + H
        squared = sum(x * y * product(a, b) for x, a in zip(signed, both) for y, b in zip(signed, both))
        close(np.sqrt(squared), reference["l2"][i][j], 1e-7)


def shape_of(difference):
    """r with log r − ψ(r) = D."""
    return brentq(lambda r: np.log(r) - digamma(r) - difference, 1e-8, 1e12, xtol=1e-300, rtol=1e-14)


centre = reference["barycentre"]
share = np.array(centre["lam"])
mean = sum(p * r * s for p, (r, s) in zip(share, parts))
mean_log = sum(p * (digamma(r) + np.log(s)) for p, (r, s) in zip(share, parts))
shape = shape_of(np.log(mean) - mean_log)
close([shape, mean / shape], [centre["shape"], centre["scale"]], 1e-10)
close(sum(p * kl(one, (shape, mean / shape)) for p, one in zip(share, parts)), centre["objective"], 1e-10)

for one in reference["wasserstein1"]:
    (v, G), (w, H) = mixtures[one["i"]], mixtures[one["j"]]
    cost = np.array([[abs(a[0] - b[0]) + abs(a[1] - b[1]) for b in H] for a in G])
    sums = np.vstack([np.kron(np.eye(len(v)), np.ones(len(w))), np.kron(np.ones(len(v)), np.eye(len(w)))])
    found = linprog(cost.ravel(), A_eq=sums[:-1], b_eq=np.append(v, w)[:-1], method="highs")
    close(found.fun, one["value"], 1e-9)


def m_step(mass, mean, mean_log, strength):
    """The shape in [½, 1e7] where n {log r − ψ(r) − D} − a (1 + log r) falls through 0, and its scale."""
    slope = lambda r: mass * (np.log(r) - digamma(r) - np.log(mean) + mean_log) - strength * (1 + np.log(r))
    shape = 0.5 if slope(0.5) <= 0 else brentq(slope, 0.5, 1e7, xtol=1e-300, rtol=1e-14)
    return shape, mean / shape


for one in reference["maximum"]:
    close(m_step(one["nk"], one["mean_x"], one["mean_logx"], one["a_n"]), one["result"], 1e-8)

em = reference["em"]
x = np.frombuffer(base64.b64decode(em["data"]), "<f8")
strength = em["penalty"]


def e_step(weights, shapes, scales):
    logs = np.log(weights) + gamma.logpdf(x[:, None], shapes, scale=scales)
    total = logsumexp(logs, axis=1)
    return total.sum() - strength * np.sum(shapes * np.log(shapes)), np.exp(logs - total[:, None])


def iterate(shares):
    mass = shares.sum(axis=0)
    found = [m_step(n, s @ x / n, s @ np.log(x) / n, strength) for n, s in zip(mass, shares.T)]
    return mass / len(x), *np.array(found).T


for name in ("truth", "perturbed"):
    run = em[name]
    take = lambda one: [np.array(one[part]) for part in ("weights", "shapes", "scales")]
    objective, shares = e_step(*take(run["init"]))
    close(objective, run["init_ploglik"], 1e-13)
    step = iterate(shares)
    close(np.array(step), np.array(take(run["one_step"])), 1e-9)
    for at in range(60):
        objective, shares = e_step(*step)
        if at < len(run["tol1e6"]["trace"]):
            close(objective, run["tol1e6"]["trace"][at]["ploglik"], 1e-11)
        step = iterate(shares)
    close(objective, em["maximum"]["ploglik"], 1e-13)  # which EM in 30 digits found
    close(np.array(step), np.array(take(em["maximum"])), 1e-10)
print("inner products, KL, barycentres, M-steps and EM agree")
