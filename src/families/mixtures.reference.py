# Mixtures of directions, of answers and of categories by EM for the maximum likelihood, written with scipy alone, from a start that
# is given, until an iteration changes nothing in float64; and squares of multinomial distributions as exact fractions.
# Run as: /usr/bin/python3 mixtures.reference.py > mixtures.reference.json
import itertools
import json
from fractions import Fraction
from math import factorial

import numpy as np
from scipy.optimize import brentq
from scipy.special import ive, logsumexp

rng = np.random.default_rng(16)


def em(rows, weights, parameters, log_density, maximise):
    for _ in range(5000):
        logs = np.log(weights) + np.stack([log_density(rows, p) for p in parameters], 1)
        total = logsumexp(logs, axis=1)
        shares = np.exp(logs - total[:, None])
        weights = shares.mean(0)
        parameters = [maximise(rows, shares[:, k]) for k in range(len(weights))]
    return weights, parameters, total.sum()


# directions in d dimensions: log f = k mu.x + v log k - (v + 1) log 2 pi - log I_v(k)
def vmf_log(rows, p):
    mu, kappa = p
    v = len(mu) / 2 - 1
    return kappa * rows @ mu + v * np.log(kappa) - (v + 1) * np.log(2 * np.pi) - np.log(ive(v, kappa)) - kappa


def vmf_maximise(rows, r):
    mean = r @ rows / r.sum()
    size = np.linalg.norm(mean)
    v = rows.shape[1] / 2 - 1
    kappa = brentq(lambda k: ive(v + 1, k) / ive(v, k) - size, 1e-9, 1e5, xtol=1e-13, rtol=1e-14)
    return mean / size, kappa


def directions(n, centre, spread):
    x = np.array(centre) + spread * rng.standard_normal((n, len(centre)))
    return x / np.linalg.norm(x, axis=1)[:, None]


def directions_case(centres, spreads, n):
    rows = np.vstack([directions(n, c, s) for c, s in zip(centres, spreads)])
    rows = rows.round(6)
    rows /= np.linalg.norm(rows, axis=1)[:, None]
    K = len(centres)
    start = [(np.array(c) / np.linalg.norm(c), 5.0) for c in centres]
    weights, parameters, log = em(rows, np.full(K, 1 / K), start, vmf_log, vmf_maximise)
    return {
        "rows": rows.tolist(),
        "start": [list(map(float, mu)) for mu, _ in start],
        "weights": weights.tolist(),
        "meanDirections": [mu.tolist() for mu, _ in parameters],
        "concentrations": [float(kappa) for _, kappa in parameters],
        "logLikelihood": float(log),
    }


sphere = directions_case([[1, 0, 0], [0, 1, 1], [-1, 0, 1]], [0.3, 0.5, 0.2], 20)
many = directions_case([[1] * 6 + [0] * 6, [0] * 6 + [1] * 6], [0.6, 0.9], 20)


# latent classes: one-hot rows, probabilities of all categories one after another
counts = [3, 2, 4, 2, 3]


def one_hot(codes):
    return np.hstack([np.eye(c)[codes[:, i]] for i, c in enumerate(counts)])


def class_log(rows, p):
    return one_hot(rows) @ np.log(p)


def class_maximise(rows, r):
    return r @ one_hot(rows) / r.sum()


truth = [[rng.dirichlet(np.full(c, 0.8)) * 0.94 + 0.06 / c for c in counts] for _ in range(2)]
codes = np.array([[rng.choice(c, p=truth[j % 2][i]) for i, c in enumerate(counts)] for j in range(150)])
start = [np.concatenate([0.5 * truth[k][i] + 0.5 / c for i, c in enumerate(counts)]) for k in range(2)]
weights, parameters, log = em(codes, np.full(2, 0.5), start, class_log, class_maximise)
split = lambda p: [q.tolist() for q in np.split(p, np.cumsum(counts)[:-1])]
classes = {
    "counts": counts,
    "rows": codes.tolist(),
    "start": [split(p) for p in start],
    "weights": weights.tolist(),
    "probabilities": [split(p) for p in parameters],
    "logLikelihood": float(log),
}


# sum_x (T! / prod x!)^2 prod q^x, with fractions q
def square(trials, q):
    coefficients = [Fraction(1)] + [Fraction(0)] * trials
    for one in q:
        terms = [one**k / factorial(k) ** 2 for k in range(trials + 1)]
        coefficients = [sum(coefficients[i] * terms[t - i] for i in range(t + 1)) for t in range(trials + 1)]
    return coefficients[trials] * factorial(trials) ** 2


def log_fraction(f):
    from mpmath import mp, mpf

    mp.dps = 40
    return float(mp.log(mpf(f.numerator) / mpf(f.denominator)))


squares = []
for trials, a, b in [
    (1, [1, 3], [2, 2]),
    (20, [1] * 40, [1] * 20 + [3] * 20),
    (200, [1, 2, 5], [4, 3, 1]),
    (150, [1, 1000], [500, 1]),
    (60, [1, 2, 3, 4, 50], [9, 1, 1, 1, 1]),
]:
    p = [Fraction(x, sum(a)) for x in a]
    r = [Fraction(x, sum(b)) for x in b]
    squares.append({
        "trials": trials,
        "first": [float(x) for x in p],
        "second": [float(x) for x in r],
        "logInnerProduct": log_fraction(square(trials, [x * y for x, y in zip(p, r)])),
    })

print(json.dumps({"sphere": sphere, "many": many, "classes": classes, "squares": squares}))
