"""The peers of bench.ts: reads one JSON task a line, prepares it, and times a run of it for every line "run"."""
import json
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
try:
    from threadpoolctl import threadpool_limits
except ImportError:  # one setting of threads only
    from contextlib import nullcontext as threadpool_limits


def read(path, *shape):
    return np.fromfile(path).reshape(shape)


def em(data, n, d, K, means, threads):
    """One iteration of scikit-learn's EM, from unit covariances."""
    from sklearn.mixture import GaussianMixture
    from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky

    X = read(data, n, d)
    model = GaussianMixture(K)
    model.weights_ = np.full(K, 1 / K)
    model.means_ = read(means, K, d)
    model.covariances_ = np.stack([np.cov(X.T)] * K)
    model.precisions_cholesky_ = _compute_precision_cholesky(model.covariances_, "full")

    def run():
        with threadpool_limits(threads):
            log_prob, log_resp = model._e_step(X)
            model._m_step(X, log_resp)
            model._compute_lower_bound(log_resp, log_prob)

    return run


def l2(weights, means, covariances, m, K, d):
    """All L2 distances, by one Cholesky factorisation of (S + S', delta) for every pair of components, batched."""
    M = m * K
    w, mu = read(weights, M), read(means, M, d)
    A = np.zeros((M, d + 1, d + 1))
    A[:, :d, :d] = read(covariances, M, d, d)
    A[:, d, :d] = mu
    A[:, d, d] = 5e149
    component = np.arange(M) // K
    constant = -0.5 * d * np.log(2 * np.pi)

    def run():
        with threadpool_limits(1):
            inner = np.zeros((m, m))
            for a in range(M):
                B = A[a:].copy()
                other = A[a].copy()
                other[d, :d] *= -1
                B += other
                L = np.linalg.cholesky(B)
                y = L[:, d, :d]
                diagonal = np.diagonal(L, axis1=1, axis2=2)[:, :d]
                t = w[a] * w[a:] * np.exp(constant - np.log(diagonal).sum(1) - 0.5 * (y * y).sum(1))
                t[1:][component[a + 1 :] == component[a]] *= 2
                inner[component[a]] += np.bincount(component[a:], t, minlength=m)
            inner = np.triu(inner)
            inner = inner + inner.T - np.diag(np.diag(inner))
            own = np.diag(inner)
            return np.sqrt(np.maximum(own[:, None] + own[None] - 2 * inner, 0))

    return run


def costs(mu, S, logdets, centres):
    """KL of all points to all centres, vectorised."""
    d = mu.shape[1]
    all_costs = np.empty((len(mu), len(centres)))
    for k, (mean, covariance) in enumerate(centres):
        P = np.linalg.inv(covariance)
        delta = mu - mean
        quadratic = np.einsum("gi,ij,gj->g", delta, P, delta, optimize=True)
        trace = S.reshape(len(mu), -1) @ P.reshape(-1)
        all_costs[:, k] = 0.5 * (np.linalg.slogdet(covariance)[1] - logdets + trace + quadratic - d)
    return all_costs


def barycentres(mu, S, kept, assigned, centres):
    moved = []
    for k, centre in enumerate(centres):
        mine = (assigned == k) & (kept > 0)
        if not mine.any():
            moved.append(centre)
            continue
        w = kept[mine] / kept[mine].sum()
        mean = w @ mu[mine]
        delta = mu[mine] - mean
        moved.append((mean, np.tensordot(w, S[mine], 1) + (w[:, None] * delta).T @ delta))
    return moved


def reduction(weights, means, covariances, m, K, d, trimming):
    """Mixture reduction from the first machine, or trimmed, until nothing moves."""
    M = m * K
    w, mu, S = read(weights, M) / m, read(means, M, d), read(covariances, M, d, d)

    def run():
        with threadpool_limits(1):
            logdets = np.linalg.slogdet(S)[1]
            centres = [(mu[k], S[k]) for k in range(K)]
            last = None
            for _ in range(1000):
                c = costs(mu, S, logdets, centres)
                assigned = c.argmin(1)
                least = c[np.arange(M), assigned]
                kept = w
                if trimming > 0:
                    order = np.argsort(least, kind="stable")
                    before = np.cumsum(w[order]) - w[order]
                    kept = np.zeros(M)
                    kept[order] = np.clip(1 - trimming - before, 0, w[order])
                state = (assigned.tobytes(), kept.tobytes())
                if state == last:
                    break
                last = state
                centres = barycentres(mu, S, kept, assigned, centres)

    return run


def errors(data, means, covariances, n, d, K):
    """Standard errors of a mixture of equal weights, from the scores of draws: vectorised, and one product of all of them."""
    X, mu, S = read(data, n, d), read(means, K, d), read(covariances, K, d, d)
    rows, columns = np.tril_indices(d)
    half = np.where(rows == columns, 0.5, 1.0)
    p = d + len(rows)

    def run():
        with threadpool_limits(1):
            P = np.linalg.inv(S)
            log, U = np.empty((n, K)), []
            for k in range(K):
                y = X - mu[k]
                U.append(y @ P[k])
                log[:, k] = 0.5 * (np.linalg.slogdet(P[k])[1] - np.einsum("ij,ij->i", y, U[k]))
            R = np.exp(log - log.max(1, keepdims=True))
            R /= R.sum(1, keepdims=True)
            scores = np.empty((n, K - 1 + K * p))
            scores[:, : K - 1] = K * (R[:, :-1] - R[:, -1:])
            for k in range(K):
                at, u = K - 1 + k * p, U[k]
                scores[:, at : at + d] = R[:, k : k + 1] * u
                scores[:, at + d : at + p] = (R[:, k : k + 1] * half) * (u[:, rows] * u[:, columns] - P[k][rows, columns])
            return np.sqrt(np.diag(np.linalg.inv(scores.T @ scores / n)))

    return run


def classify(data, means, n, d, K):
    X, mu = read(data, n, d), read(means, K, d)
    W = np.stack([np.linalg.inv(np.linalg.cholesky(np.eye(d)))] * K)

    def run():
        with threadpool_limits(1):
            log = np.empty((n, K))
            for k in range(K):
                y = (X - mu[k]) @ W[k].T
                log[:, k] = -0.5 * (y * y).sum(1)
            return log.argmax(1)

    return run


def ari(labels, n):
    from sklearn.metrics import adjusted_rand_score

    both = np.fromfile(labels, dtype=np.int32).reshape(2, n)
    return lambda: adjusted_rand_score(both[0], both[1])


def experts(x, y, gates, coefficients, n, d, K, iterations):
    """EM for experts with softmax gates: weighted least squares by BLAS, and one step of Newton for the gates."""
    P = d + 1
    X = np.c_[np.ones(n), read(x, n, d)]
    y = read(y, n)
    start = read(gates, K, P), read(coefficients, K, P)

    def run():
        with threadpool_limits(1):
            A, B = (part.copy() for part in start)
            s2 = np.ones(K)
            for _ in range(iterations):
                eta = X @ A.T
                eta -= eta.max(1, keepdims=True)
                pi = np.exp(eta)
                pi /= pi.sum(1, keepdims=True)
                f = pi * np.exp(-0.5 * (y[:, None] - X @ B.T) ** 2 / s2) / np.sqrt(2 * np.pi * s2)
                total = f.sum(1)
                np.log(total).sum()
                R = f / total[:, None]
                H = np.empty(((K - 1) * P, (K - 1) * P))
                for k in range(K):
                    weighted = X * R[:, k : k + 1]
                    B[k] = np.linalg.solve(weighted.T @ X, weighted.T @ y)
                    s2[k] = R[:, k] @ (y - X @ B[k]) ** 2 / R[:, k].sum()
                    for l in range(min(k + 1, K - 1) if k < K - 1 else 0):
                        block = (X * (pi[:, k] * ((k == l) - pi[:, l]))[:, None]).T @ X
                        H[k * P : (k + 1) * P, l * P : (l + 1) * P] = block
                        H[l * P : (l + 1) * P, k * P : (k + 1) * P] = block.T
                step = np.linalg.solve(H, ((R - pi)[:, :-1].T @ X).ravel())
                A[:-1] += step.reshape(K - 1, P)

    return run


def gamma(data, n):
    """One EM iteration of a gamma mixture of three components."""
    from scipy.special import gammaln, polygamma, psi

    x = read(data, n)
    logx = np.log(x)
    w, r, theta = np.full(3, 1 / 3), np.array([1.0, 8, 30]), np.array([1.0, 6, 10])

    def run():
        with threadpool_limits(1):
            log = np.log(w) + (r - 1) * logx[:, None] - x[:, None] / theta - gammaln(r) - r * np.log(theta)
            most = log.max(1, keepdims=True)
            e = np.exp(log - most)
            total = e.sum(1, keepdims=True)
            R = e / total
            (np.log(total) + most).sum()
            nk = R.sum(0)
            S, L = (R.T @ x) / nk, (R.T @ logx) / nk
            shape = r.copy()
            for _ in range(8):
                shape -= (np.log(shape) - psi(shape) + L - np.log(S)) / (1 / shape - polygamma(1, shape))

    return run


TASKS = {f.__name__: f for f in (em, l2, reduction, errors, classify, ari, gamma, experts)}
runner = None
for line in sys.stdin:
    if line.strip() == "run":
        start = time.perf_counter()
        runner()
        print(1e3 * (time.perf_counter() - start), flush=True)
    else:
        try:
            task = json.loads(line)
            runner = TASKS[task.pop("task")](**task)
            runner()  # once, to warm up
            print("ready", flush=True)
        except ImportError as error:
            print(f"missing: {error}", flush=True)
