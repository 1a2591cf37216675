"""Recomputes fit-experts.reference.json: maxima of penalised likelihoods of mixtures of experts, by BFGS and then Newton's method.

Run it beside the file, with Debian's python3-numpy and python3-scipy: python3 fit-experts.reference.py

The objective is written from its definition, in the units of the data, and knows nothing of EM:
  sum_j w_j log sum_k pi_k(x_j) phi(y_j | x_j, k)
  - a/2 sum_k {tr(S V_k^-1) + log |S^-1 V_k|}          Gaussian; S the covariance of the residuals of the least squares of all rows
    or - a/2 sum_k mean_j (eta_jk - eta_j)^2            others; eta_j the predictor of one expert for all rows
  - rho/2 sum_k var_j (g_jk - mean_k g_jk)              g_jk the predictors of the gates
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, logsumexp


def problem(seed, law, K, d, q, n, gates, weighted, slope, penalty, ridge):
    random = np.random.default_rng(seed)
    x = np.round(random.normal(size=(n, d)) * np.arange(1, d + 1) + np.arange(d), 3)
    X = np.c_[np.ones(n), x]
    units = np.r_[1, np.arange(1, d + 1)]
    A = np.zeros((K, d + 1))
    A[:-1] = random.normal(size=(K - 1, d + 1)) * 0.8 / units
    if gates == "constant":
        A[:, 1:] = 0
    B = slope * random.normal(size=(K, q, d + 1)) / units
    g = X @ A.T
    p = np.exp(g - g.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    k = (p.cumsum(1) < random.random((n, 1))).sum(1)
    eta = np.einsum("ja,jca->jc", X, B[k])
    V = np.array([np.eye(q) * (0.5 + random.random()) + 0.3 for _ in range(K)])
    if law == "gaussian":
        L = np.linalg.cholesky(V)
        y = np.round(eta + np.einsum("jab,jb->ja", L[k], random.normal(size=(n, q))), 3)
    elif law == "poisson":
        y = random.poisson(np.exp(eta)).astype(float)
    else:
        y = (random.random((n, 1)) < 1 / (1 + np.exp(-eta))).astype(float)
    w = (np.arange(n) * 7 % 4).astype(float) if weighted else np.ones(n)
    return dict(law=law, K=K, d=d, q=q, gates=gates, penalty=penalty, ridge=ridge, x=x, y=y, w=w, A=A, B=B, V=V)


def log_density(law, y, eta):
    if law == "poisson":
        return y * eta - np.exp(eta) - gammaln(y + 1)
    return y * eta - np.logaddexp(0, eta)


def mean(law, eta):
    return np.exp(eta) if law == "poisson" else 1 / (1 + np.exp(-eta))


class Objective:
    def __init__(self, o):
        self.o = o
        self.X = np.c_[np.ones(len(o["x"])), o["x"]]
        self.N = o["w"].sum()
        K, q, P = o["K"], o["q"], o["d"] + 1
        self.tril = np.tril_indices(q)
        ofGates = (K - 1) * (P if o["gates"] == "softmax" else 1)
        self.sizes = [ofGates, K * q * P, K * len(self.tril[0]) if o["law"] == "gaussian" else 0]
        w = o["w"][:, None]
        if o["law"] == "gaussian":
            beta = np.linalg.lstsq(self.X * np.sqrt(w), o["y"] * np.sqrt(w), rcond=None)[0]
            e = o["y"] - self.X @ beta
            self.S = (w * e).T @ e / self.N
        else:
            beta = np.zeros(P)
            y = o["y"][:, 0]
            for _ in range(200):  # Newton's method, in short steps
                eta = self.X @ beta
                m = mean(o["law"], eta)
                v = m if o["law"] == "poisson" else m * (1 - m)
                step = np.linalg.solve(self.X.T @ (self.X * (o["w"] * v)[:, None]), self.X.T @ (o["w"] * (y - m)))
                beta += step * min(1, 1 / np.abs(step).max())
            self.all = self.X @ beta

    def parts(self, theta):
        o = self.o
        K, q, P = o["K"], o["q"], o["d"] + 1
        a, b, v = np.split(theta, np.cumsum(self.sizes)[:-1])
        A = np.zeros((K, P))
        if o["gates"] == "softmax":
            A[:-1] = a.reshape(K - 1, P)
        else:
            A[:-1, 0] = a
        L = np.zeros((K, q, q))
        if len(v):
            L[:, self.tril[0], self.tril[1]] = v.reshape(K, -1)
            for c in range(q):
                L[:, c, c] = np.exp(L[:, c, c])
        return A, b.reshape(K, q, P), L

    def theta(self, A, B, V):
        a = A[:-1].ravel() if self.o["gates"] == "softmax" else A[:-1, 0]
        v = []
        if self.o["law"] == "gaussian":
            for L in np.linalg.cholesky(V):
                L = L.copy()
                L[np.diag_indices(len(L))] = np.log(np.diag(L))
                v.append(L[self.tril])
        return np.concatenate([a, B.ravel(), *v])

    def __call__(self, theta):
        """The objective and its gradient."""
        o, X, N = self.o, self.X, self.N
        K, q = o["K"], o["q"]
        A, B, L = self.parts(theta)
        w, y = o["w"], o["y"]
        g = X @ A.T
        logPi = g - logsumexp(g, axis=1, keepdims=True)
        eta = np.einsum("ja,kca->kjc", X, B)
        logs = np.empty((len(X), K))
        W = np.linalg.inv(L) if o["law"] == "gaussian" else None
        for k in range(K):
            if W is None:
                logs[:, k] = log_density(o["law"], y[:, 0], eta[k, :, 0])
            else:
                z = (y - eta[k]) @ W[k].T
                logs[:, k] = -0.5 * (z**2).sum(1) - q / 2 * np.log(2 * np.pi) - np.log(np.diag(L[k])).sum()
        total = logsumexp(logPi + logs, axis=1)
        R = np.exp(logPi + logs - total[:, None]) * w[:, None]
        likelihood = (w * total).sum()
        value = likelihood
        dA = (R - w[:, None] * np.exp(logPi)).T @ X
        dB = np.zeros_like(B)
        dL = np.zeros_like(L)
        for k in range(K):
            if W is None:
                away = eta[k, :, 0] - self.all
                value -= o["penalty"] / 2 * (w * away**2).sum() / N
                dB[k, 0] = (R[:, k] * (y[:, 0] - mean(o["law"], eta[k, :, 0])) - o["penalty"] * w * away / N) @ X
                continue
            precision = W[k].T @ W[k]
            e = y - eta[k]
            dB[k] = precision @ (R[:, k : k + 1] * e).T @ X
            T = (R[:, k : k + 1] * e).T @ e
            dV = 0.5 * (precision @ T @ precision - R[:, k].sum() * precision)
            logRatio = 2 * np.log(np.diag(L[k])).sum() - np.linalg.slogdet(self.S)[1]
            value -= o["penalty"] / 2 * (np.trace(self.S @ precision) + logRatio)
            dV -= o["penalty"] / 2 * (precision - precision @ self.S @ precision)
            dL[k] = 2 * np.tril(dV @ L[k])
            dL[k][np.diag_indices(q)] *= np.diag(L[k])
        if o["gates"] == "softmax":
            c = g - g.mean(1, keepdims=True)
            c -= (w[:, None] * c).sum(0) / N
            value -= o["ridge"] / 2 * (w[:, None] * c**2).sum() / N
            dA -= o["ridge"] * (w[:, None] * c).T @ (X - w @ X / N) / N
        a = dA[:-1].ravel() if o["gates"] == "softmax" else dA[:-1, 0]
        v = dL[:, self.tril[0], self.tril[1]].ravel() if self.sizes[2] else []
        return value, np.concatenate([a, dB.ravel(), v]), likelihood


def maximise(o):
    f = Objective(o)
    theta = f.theta(o["A"], o["B"], o["V"])
    numeric = np.array([(f(theta + h)[0] - f(theta - h)[0]) / 2e-5 for h in np.eye(len(theta)) * 1e-5])
    assert np.allclose(numeric, f(theta)[1], rtol=1e-5, atol=1e-4), "the gradient is not that of the objective"
    theta = minimize(lambda t: tuple(-v for v in f(t)[:2]), theta, jac=True, method="BFGS", options=dict(gtol=1e-6, maxiter=5000)).x
    for _ in range(5):
        H = np.array([(f(theta + h)[1] - f(theta - h)[1]) / 2e-5 for h in np.eye(len(theta)) * 1e-5])
        theta = theta - np.linalg.solve((H + H.T) / 2, f(theta)[1])
    assert np.abs(f(theta)[1]).max() < 1e-6, np.abs(f(theta)[1]).max()
    assert np.linalg.eigvalsh((H + H.T) / 2).max() < 0, "not a maximum"
    A, B, L = f.parts(theta)
    value, _, likelihood = f(theta)
    return A, B, L @ L.transpose(0, 2, 1), value, likelihood


PROBLEMS = [
    dict(seed=1, law="gaussian", K=2, d=1, q=1, n=120, gates="softmax", weighted=False, slope=2, penalty=0.1, ridge=0.2),
    dict(seed=2, law="gaussian", K=3, d=2, q=1, n=200, gates="softmax", weighted=True, slope=2, penalty=0.5, ridge=0.05),
    dict(seed=3, law="gaussian", K=3, d=2, q=1, n=200, gates="constant", weighted=False, slope=2, penalty=0.05, ridge=0.1),
    dict(seed=4, law="gaussian", K=2, d=3, q=2, n=150, gates="softmax", weighted=False, slope=1, penalty=0.3, ridge=0.1),
    dict(seed=5, law="gaussian", K=2, d=2, q=2, n=150, gates="constant", weighted=True, slope=1, penalty=0, ridge=0),
    dict(seed=6, law="gaussian", K=4, d=2, q=1, n=300, gates="softmax", weighted=False, slope=3, penalty=0, ridge=0),
    dict(seed=7, law="poisson", K=2, d=2, q=1, n=200, gates="softmax", weighted=True, slope=0.7, penalty=0.2, ridge=0.2),
    dict(seed=8, law="logistic", K=2, d=1, q=1, n=400, gates="softmax", weighted=False, slope=3, penalty=0.5, ridge=0.5),
]

results = []
for given in PROBLEMS:
    o = problem(**given)
    A, B, V, value, likelihood = maximise(o)
    shaped = lambda M: M[:, 0].tolist() if o["q"] == 1 else M.tolist()
    variances = lambda M: M[:, 0, 0].tolist() if o["q"] == 1 else M.tolist()
    ofLaw = dict(variances=variances(V)) if o["law"] == "gaussian" else {}
    start = dict(variances=variances(o["V"])) if o["law"] == "gaussian" else {}
    results.append(
        dict(
            options={key: o[key] for key in ("law", "gates", "penalty", "ridge")},
            x=o["x"].tolist(),
            y=o["y"][:, 0].tolist() if o["q"] == 1 else o["y"].tolist(),
            **(dict(rowWeights=o["w"].astype(int).tolist()) if given["weighted"] else {}),
            start=dict(law=o["law"], gates=o["A"].tolist(), coefficients=shaped(o["B"]), **start),
            model=dict(law=o["law"], gates=A.tolist(), coefficients=shaped(B), **ofLaw),
            logLikelihood=likelihood,
            penalisedLogLikelihood=value,
        )
    )
    print(given["law"], given["K"], value, likelihood)
Path(__file__).with_suffix(".json").write_text("[\n" + ",\n".join(map(json.dumps, results)) + "\n]\n")
