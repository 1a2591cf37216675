"""Recomputes gamma-shape.reference.json: gamma and inverse gamma components whose spread is small beside their mean, by SciPy's fits
and by direct maximisation of the penalised likelihood.

The rows are normal quantiles, x_j = mean · (1 + cv · Φ⁻¹((j + ½) / n)) of each cluster, so that both programs have the same ones. The
penalty is written as what it stands for: −2 times the mean log-likelihood, with respect to dx / x, of the rows multiplied by what
gives them the component's own mean; nothing of log Γ is simplified.

Run it beside the file, with Debian's python3-numpy and python3-scipy: python3 gamma-shape.reference.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, ndtri
from scipy.stats import gamma, invgamma


def cluster(mean, cv, n):
    return mean * (1 + cv * ndtri((np.arange(n) + 0.5) / n))


def one_component(cv, n):
    x = cluster(100, cv, n)
    shape, _, scale = gamma.fit(x, floc=0)
    inverse, _, rate = gamma.fit(1 / x, floc=0)  # more digits than invgamma.fit, which searches
    return {
        "cv": cv,
        "n": n,
        "gamma": {"shape": shape, "scale": scale, "logLikelihood": gamma.logpdf(x, shape, scale=scale).sum()},
        "inverse-gamma": {"shape": inverse, "scale": 1 / rate, "logLikelihood": invgamma.logpdf(x, inverse, scale=1 / rate).sum()},
    }


def penalty(x, law, shape, scale):
    """2 a_n more rows about the component's own mean: of x itself for the gamma, of 1 / x for the inverse gamma."""
    about = shape * scale / np.mean(x) if law is gamma else np.mean(1 / x) * scale / shape
    rows = x * about
    return -2 * np.mean(law.logpdf(rows, shape, scale=scale) + np.log(rows))


def two_components(cv, n, apart, name, law):
    x = np.append(cluster(100, cv, n), cluster(100 * (1 + apart * cv), cv, n))
    strength = len(x) ** -0.5

    def parts(t):
        weight = 1 / (1 + np.exp(-t[0]))
        return [(w, np.exp(s), np.exp(m - s) if law is gamma else np.exp(m + s)) for w, s, m in ((weight, t[1], t[2]), (1 - weight, t[3], t[4]))]

    def log_likelihood(t):
        return logsumexp([np.log(w) + law.logpdf(x, s, scale=b) for w, s, b in parts(t)], axis=0).sum()

    def cost(t):
        return -log_likelihood(t) + strength * sum(penalty(x, law, s, b) for _, s, b in parts(t))

    start = np.array([0, -2 * np.log(cv), np.log(100), -2 * np.log(cv), np.log(100 * (1 + apart * cv))])
    for _ in range(4):
        best = minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-12, "fatol": 1e-11, "maxiter": 20000, "maxfev": 20000})
        start = best.x
    weights, shapes, scales = (list(values) for values in zip(*parts(start)))
    return {"family": name, "cv": cv, "n": n, "apart": apart, "weights": weights, "shapes": shapes, "scales": scales,
            "logLikelihood": log_likelihood(start), "penalisedLogLikelihood": -best.fun}


LAWS = {"gamma": gamma, "inverse-gamma": invgamma}
found = {
    "one": [one_component(cv, n) for n in (100, 1000) for cv in (0.05, 0.02, 0.01, 0.005)],
    "two": [two_components(cv, n, apart, name, law) for name, law in LAWS.items() for cv, n, apart in ((0.02, 100, 6), (0.05, 60, 3))],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
