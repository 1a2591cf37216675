"""Recomputes em.reference.json by EM in NumPy, from the data and the starts in it, to the tolerances of the tests.

Run it beside the file, with Debian's python3-numpy and python3-scipy: python3 em.reference.py
"""

import base64
import json
from pathlib import Path

import numpy as np
from scipy.linalg import eigh
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

reference = json.loads(Path(__file__).with_suffix(".json").read_text())


class Problem:
    def __init__(self, given, strength):
        self.x = np.frombuffer(base64.b64decode(given["data"]), "<f8").reshape(given["rows"], given["columns"])
        self.strength = strength
        self.sample = np.cov(self.x.T, ddof=1)

    def e_step(self, weights, means, covariances):
        """The log-likelihood, pℓ, the responsibilities and the log densities."""
        parts = [multivariate_normal.logpdf(self.x, m, c) for m, c in zip(means, covariances)]
        logs = np.log(weights) + np.array(parts).T
        rows = logsumexp(logs, axis=1)
        penalty = sum(np.trace(np.linalg.solve(c, self.sample)) + np.linalg.slogdet(c)[1] for c in covariances)
        return rows.sum(), rows.sum() - self.strength * penalty, np.exp(logs - rows[:, None]), rows

    def m_step(self, shares):
        mass = shares.sum(axis=0)
        means = (shares.T @ self.x) / mass[:, None]
        scatters = [(s[:, None] * (self.x - m)).T @ (self.x - m) for s, m in zip(shares.T, means)]
        a = self.strength
        return mass / len(self.x), means, [(2 * a * self.sample + c) / (2 * a + n) for n, c in zip(mass, scatters)]

    def run(self, start, tolerance):
        """Until pℓ / n changes by no more than the tolerance: the mixture and pℓ after each iteration."""
        current, trace = start, []
        _, value, shares, _ = self.e_step(*current)
        while True:
            current = self.m_step(shares)
            _, next_value, shares, _ = self.e_step(*current)
            trace.append(next_value)
            if next_value - value <= tolerance * len(self.x):
                return current, trace
            value = next_value


def parts(one):
    return [np.array(one[name]) for name in ("weights", "means", "covariances")]


def difference(found, one):
    return max(np.max(np.abs(np.array(a) - b)) for a, b in zip(found, parts(one)))


regular = reference["regular"]
problem = Problem(regular, regular["penalty"])
start = parts(regular["start"])
np.testing.assert_allclose(problem.sample, regular["sampleCovariance"], rtol=1e-13)
likelihood, objective, shares, logs = problem.e_step(*start)
assert abs(likelihood - regular["startLogLikelihood"]) < 1e-8
assert abs(objective - regular["startPenalised"]) < 1e-8
np.testing.assert_allclose(shares[:10], regular["responsibilities"], atol=1e-12)
np.testing.assert_allclose(shares.sum(axis=0), regular["masses"], rtol=1e-12)
np.testing.assert_allclose(logs[:10], regular["logDensities"], rtol=1e-12)
assert difference(problem.m_step(shares), regular["oneStep"]) < 1e-12

found, trace = problem.run(start, 1e-6)
assert len(trace) == regular["tolerance1e-6"]["iterations"]
assert difference(found, regular["tolerance1e-6"]) < 1e-9
assert np.max(np.abs(np.array(trace) - regular["tolerance1e-6"]["trace"])) < 1e-8

for name, strength in (("tolerance1e-12", regular["penalty"]), ("mle", 0)):
    problem = Problem(regular, strength)
    found, trace = problem.run(start, 1e-12)
    assert abs(len(trace) - regular[name]["iterations"]) <= 1  # the last changes are rounding
    assert difference(found, regular[name]) < 1e-6
    assert abs(problem.e_step(*found)[0] - regular[name]["logLikelihood"]) < 1e-6

degenerate = reference["degenerate"]
problem = Problem(degenerate, degenerate["penalty"])
found, trace = problem.run(parts(degenerate["start"]), degenerate["tolerance"])
assert abs(len(trace) - degenerate["end"]["iterations"]) <= 1
assert difference(found, degenerate["end"]) < 1e-6
common = min(len(trace), len(degenerate["trace"]))
assert np.max(np.abs(np.array(trace[:common]) - degenerate["trace"][:common])) < 1e-8
smallest = min(eigh(c, problem.sample, eigvals_only=True)[0] for c in found[2])
assert abs(smallest - degenerate["smallestGeneralisedEigenvalue"]) < 1e-6
n = degenerate["rows"]
assert abs(2 * degenerate["penalty"] / (n + 2 * degenerate["penalty"]) - degenerate["bound"]) < 1e-15
print("EM agrees, step by step and at its maxima")
