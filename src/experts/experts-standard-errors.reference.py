"""The reference numbers of experts-standard-errors.test.ts: maximum likelihood estimates by SciPy, their numerical Hessians, and expected
information by sums over a fine grid of numerical scores."""
import json
import os
import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, logsumexp

here = os.path.dirname(os.path.abspath(__file__))


def unpack(v, K, d, q, law, softmax):
    w = 1 + d
    at = 0
    gates = np.zeros((K, w))
    for k in range(K - 1):
        own = w if softmax else 1
        gates[k, :own] = v[at:at + own]
        at += own
    B = np.zeros((K, q, w))
    S = np.zeros((K, q, q))
    for k in range(K):
        for r in range(q):
            B[k, r] = v[at:at + w]
            at += w
        if law == "gaussian":
            for a in range(q):
                for b in range(a + 1):
                    S[k, a, b] = S[k, b, a] = v[at]
                    at += 1
    return gates, B, S, at


def pack(gates, B, S, law, softmax):
    K, w = gates.shape
    q = B.shape[1]
    v = []
    for k in range(K - 1):
        v += list(gates[k] if softmax else gates[k, :1])
    for k in range(K):
        v += list(B[k].ravel())
        if law == "gaussian":
            v += [S[k, a, b] for a in range(q) for b in range(a + 1)]
    return np.array(v)


def logf(v, X, Y, K, d, q, law, softmax):
    gates, B, S, _ = unpack(v, K, d, q, law, softmax)
    Z = np.column_stack([np.ones(len(X)), X])
    g = Z @ gates.T
    out = g - logsumexp(g, axis=1, keepdims=True)
    for k in range(K):
        eta = Z @ B[k].T
        if law == "gaussian":
            e = Y - eta
            P = np.linalg.inv(S[k])
            out[:, k] += -0.5 * (q * np.log(2 * np.pi) + np.linalg.slogdet(S[k])[1] + np.einsum("ni,ij,nj->n", e, P, e))
        elif law == "logistic":
            out[:, k] += (Y * eta - np.logaddexp(0, eta))[:, 0]
        else:
            out[:, k] += (Y * eta - np.exp(eta) - gammaln(Y + 1))[:, 0]
    return logsumexp(out, axis=1)


def hessian(f, v):
    n = len(v)

    def at(h):
        H = np.zeros((n, n))
        E = np.eye(n) * h
        for i in range(n):
            for j in range(i + 1):
                H[i, j] = H[j, i] = (f(v + E[i] + E[j]) - f(v + E[i] - E[j]) - f(v - E[i] + E[j]) + f(v - E[i] - E[j])) / (4 * h * h)
        return H
    return (4 * at(1e-3) - at(2e-3)) / 3


def scores(f, v):
    def at(h):
        return np.stack([(f(v + e) - f(v - e)) / (2 * h) for e in np.eye(len(v)) * h], axis=1)
    return (4 * at(1e-3) - at(2e-3)) / 3


def sample(rng, v, X, K, d, q, law, softmax):
    gates, B, S, _ = unpack(v, K, d, q, law, softmax)
    Z = np.column_stack([np.ones(len(X)), X])
    g = Z @ gates.T
    pi = np.exp(g - logsumexp(g, axis=1, keepdims=True))
    Y = np.zeros((len(X), q))
    for j in range(len(X)):
        k = rng.choice(K, p=pi[j])
        eta = B[k] @ Z[j]
        if law == "gaussian":
            Y[j] = rng.multivariate_normal(eta, S[k])
        elif law == "logistic":
            Y[j] = rng.uniform() < 1 / (1 + np.exp(-eta[0]))
        else:
            Y[j] = rng.poisson(np.exp(eta[0]))
    return Y


rng = np.random.default_rng(18)
one = dict(K=2, d=2, q=1, law="gaussian", softmax=True)
problems = {
    "gaussian, softmax gates": (one, np.array([[0.3, 1.0, -0.5], [0, 0, 0]]), np.array([[[1, 2, 0.5]], [[-2, -1, 1]]]), np.array([[[0.5]], [[1.5]]]), 200, False),
    "gaussian, constant gates, weighted rows": (dict(K=3, d=1, q=1, law="gaussian", softmax=False), np.array([[0.3, 0], [-0.4, 0], [0, 0]]), np.array([[[1, 3]], [[-3, -1]], [[6, 0]]]), np.array([[[0.5]], [[1.0]], [[0.3]]]), 300, True),
    "gaussian, two responses": (dict(K=2, d=1, q=2, law="gaussian", softmax=True), np.array([[0.3, 1.0], [0, 0]]), np.array([[[1, 2], [0, 1]], [[-2, -1], [3, 0.5]]]), np.array([[[1, 0.6], [0.6, 2]], [[0.5, -0.2], [-0.2, 1]]]), 200, False),
    "logistic": (dict(K=1, d=2, q=1, law="logistic", softmax=True), np.zeros((1, 3)), np.array([[[0.5, 1, -1]]]), np.zeros((1, 1, 1)), 150, False),
    "poisson": (dict(K=2, d=1, q=1, law="poisson", softmax=True), np.array([[0.2, 0.8], [0, 0]]), np.array([[[3, 0.5]], [[0.5, -0.5]]]), np.zeros((2, 1, 1)), 250, False),
}
cases = {}
for name, (shape, gates, B, S, n, weighted) in problems.items():
    law, softmax = shape["law"], shape["softmax"]
    truth = pack(gates, B, S, law, softmax)
    X = np.round(rng.normal(size=(n, shape["d"])), 3)
    Y = np.round(sample(rng, truth, X, **shape), 3)
    w = np.round(rng.uniform(0, 2, n), 2) if weighted else np.ones(n)
    f = lambda v: float((w * logf(v, X, Y, **shape)).sum())
    mle = minimize(lambda v: -f(v), truth, method="BFGS", options={"gtol": 1e-8, "maxiter": 5000}).x
    errors = np.sqrt(np.diag(np.linalg.inv(-hessian(f, mle))))
    few = X[:8]
    info = np.zeros((len(mle), len(mle)))
    for row in few:
        if law == "gaussian" and shape["q"] == 1:
            grid = np.arange(-25, 25, 0.01)[:, None]
            dy = 0.01
        elif law == "gaussian":
            line = np.arange(-14, 14, 0.1)
            grid = np.array([[a, b] for a in line for b in line])
            dy = 0.01
        else:
            grid = np.arange(0, 2 if law == "logistic" else 400)[:, None].astype(float)
            dy = 1
        rows = np.repeat(row[None, :], len(grid), axis=0)
        of = lambda v: logf(v, rows, grid, **shape)
        s = scores(of, mle)
        info += (s * (np.exp(of(mle)) * dy)[:, None]).T @ s
    expected = np.sqrt(np.diag(np.linalg.inv(info / len(few))))
    g, b, c, _ = unpack(mle, **shape)
    ge, be, ce, _ = unpack(errors, **shape)
    gx, bx, cx, _ = unpack(expected, **shape)
    flat = lambda B, S: {"coefficients": B[:, 0].tolist(), "variances": S[:, 0, 0].tolist()} if shape["q"] == 1 else {"coefficients": B.tolist(), "variances": S.tolist()}
    cases[name] = {
        "law": law, "x": X.tolist(), "y": Y.tolist(), **({"weights": w.tolist()} if weighted else {}),
        "model": {"gates": g.tolist(), **flat(b, c)},
        "errors": {"gates": ge.tolist(), **flat(be, ce)},
        "rows": len(few), "expected": {"gates": gx.tolist(), **flat(bx, cx)},
    }
with open(os.path.join(here, "experts-standard-errors.reference.json"), "w") as file:
    json.dump(cases, file)
    file.write("\n")
