# Γ and its kin, the normal, χ², Poisson and beta distributions, by mpmath with 60 digits.
# Run as: /usr/bin/python3 special-functions.reference.py > special-functions.reference.json
import json
from mpmath import (mp, mpf, betainc, besseli, beta, erfc, exp, findroot, floor, gamma, gammainc, log, loggamma, psi, quad, sqrt)

mp.dps = 60
X = [1e-300, 1e-30, 1e-6, 0.01, 0.3, 0.5, 0.75, 0.999, 1 - 2**-50, 1.0, 1 + 2**-40, 1.2, 1.4616, 1.5, 1.8, 1.999999, 2.0, 2.0001, 2.3,
     2.5, 2.6, 3.0, 3.7, 5.0, 6.5, 8.0, 9.75, 9.9999, 10.0, 10.25, 12.5, 15.9, 16.1, 33.3, 100.0, 171.5, 1e3, 123456.5, 1e6, 1e9, 1e15,
     1e100, 1e300]
AB = [1e-10, 0.01, 0.5, 1.0, 1.5, 3.25, 9.5, 10.0, 12.5, 40.0, 1000.0, 123456.5, 1e9, 1e15]
rows = {}


def log1p_asymptotic(x):  # log x - psi(x) needs more digits where it is small
    mp.dps = 400 if x > 1e50 else 60
    value = float(log(mpf(x)) - psi(0, mpf(x)))
    mp.dps = 60
    return value


def asymptotic(x):  # of psi(1, x): mpmath takes long at 1e300
    return float(1 / mpf(x) + 1 / (2 * mpf(x) ** 2)) if x > 1e50 else float(psi(1, mpf(x)))


rows["lgam"] = [[x, float(loggamma(mpf(x)))] for x in X]
rows["psi"] = [[x, float(psi(0, mpf(x)))] for x in X]
rows["logMinusDigamma"] = [[x, log1p_asymptotic(x) if x < 1e50 else float(1 / (2 * mpf(x)))] for x in X]
rows["trigamma"] = [[x, asymptotic(x)] for x in X if x > 1e-150]
rows["lbeta"] = [[a, b, float(loggamma(mpf(a)) + loggamma(mpf(b)) - loggamma(mpf(a) + mpf(b)))] for a in AB for b in AB]


def i0e(x):
    if x < 20000:
        return float(exp(-mpf(x)) * besseli(0, mpf(x)))
    term = total = mpf(1)
    for k in range(1, 30):  # Hankel's expansion (DLMF 10.40.1)
        term *= mpf(2 * k - 1) ** 2 / (8 * k * mpf(x))
        total += term
    return float(total / sqrt(2 * mp.pi * mpf(x)))


rows["i0e"] = [[x, i0e(x)] for x in [0.0, 1e-300, 1e-6, 0.1, 0.7, 1.0, 3.0, 7.9, 8.1, 12.0, 19.5, 19.999, 20.0, 20.5, 25.0, 60.0, 333.0, 1e4, 1e9, 1e300]]
Z = [0.0, 1e-300, 1e-9, 0.01, 0.3, 0.5, 0.7, 0.707, 0.708, 0.9, 1.0, 1.3, 1.64, 1.96, 2.0, 2.5, 3.0, 4.0, 5.5, 7.0, 8.0, 8.8, 8.9, 9.0, 12.0, 17.7, 20.0, 26.5, 30.0, 35.0, 37.0, 37.4]
rows["normalCdf"] = [[s * z, float(erfc(-s * mpf(z) / sqrt(mpf(2))) / 2)] for z in Z for s in (-1, 1)]


def normal_quantile(p):
    start = -sqrt(-2 * log(mpf(p)))
    f = lambda z: log(erfc(-z / sqrt(mpf(2))) / 2) - log(mpf(p))
    return float(findroot(f, start, tol=1e-80))


P = [1e-300, 1e-100, 1e-30, 1e-16, 1e-10, 1e-6, 1e-3, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.45, 0.49, 0.499]
rows["normalQuantile"] = [[p, normal_quantile(p)] for p in P] + [[q, -normal_quantile(mpf(1) - mpf(q))] for q in (0.51, 0.6, 0.75, 0.9, 0.975, 0.999, 1 - 2**-30)]


def tails(a, x):  # Q as a series in P's stead where P is near 1
    a, x = mpf(a), mpf(x)
    upper = gammainc(a, x, regularized=True)
    lower = gammainc(a, 0, x, regularized=True)
    return lower, upper


DOF = [1.0, 2.0, 3.0, 5.0, 11.0, 19.0, 20.0, 21.0, 50.0, 200.0, 1000.0]
cdf, cases = [], []
for v in DOF:
    for t in [1e-6, 0.05, 0.3, 0.8, 0.95, 1.0, 1.05, 1.2, 2.0, 4.0]:
        cdf.append([v, v * t, float(tails(v / 2, v * t / 2)[0])])
rows["chiSquareCdf"] = [row for row in cdf if row[2] > 1e-290]


def chi_square_upper(v, p):
    # P(χ² > x) = p, by bisection of the logarithm of the smaller tail, then the secant method
    p, a = mpf(p), mpf(v) / 2
    small = (lambda u: log(tails(a, exp(u) / 2)[0]) - log(1 - p)) if p > 0.5 else (lambda u: log(p) - log(tails(a, exp(u) / 2)[1]))
    low, high = mpf(-1000), log(mpf(v) + 3000)
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if small(middle) < 0 else (low, middle)
    return float(exp(findroot(small, (low, high), solver="anderson", tol=1e-60, maxsteps=100)))


for v in DOF:
    for p in [1e-200, 1e-12, 1e-6, 0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1 - 2**-30, 1 - 2**-53]:
        cases.append([v, p, chi_square_upper(v, p)])
rows["chiSquareUpper"] = cases


def poisson(k, mean):  # the sum of the smaller tail
    k, mean = mpf(k), mpf(mean)
    def mass(j):
        return exp(j * log(mean) - mean - loggamma(j + 1))
    if k < mean:
        total, term, j = mpf(0), mass(k), k
        while j >= 0 and term > total * mpf(10) ** -45:
            total += term
            term *= j / mean
            j -= 1
        return total, 1 - total
    total, j = mpf(0), k + 1
    term = mass(j)
    while term > total * mpf(10) ** -45:
        total += term
        j += 1
        term *= mean / j
    return 1 - total, total


KM = [(0, 1e-9), (0, 0.5), (0, 3.0), (3, 2.5), (3, 1e-3), (7, 20.0), (9, 9.0), (20, 5.0), (80, 5.0), (100, 120.0), (100, 80.0), (100, 101.0),
      (500, 1000.0), (1000, 1000.0), (1500, 1000.0), (99000, 100000.0), (100500, 100000.0), (1000000, 1001000.0), (10**9, 1e9), (10**9 - 10**5, 1e9)]
rows["poissonCdf"] = [[k, mean, float(poisson(k, mean)[0])] for k, mean in KM]
rows["poissonUpper"] = [[k, mean, float(poisson(k, mean)[1])] for k, mean in KM]


def beta_quantile(a, b, p):
    # of whole a and b: the binomial sum, by bisection
    a, b, p = int(a), int(b), mpf(p)
    n = a + b - 1
    coefficients = [exp(loggamma(n + 1) - loggamma(j + 1) - loggamma(n - j + 1)) for j in range(n + 1)]
    def below(x):
        y = 1 - x
        return sum(c * x**j * y ** (n - j) for j, c in zip(range(a, n + 1), coefficients[a:]))
    def above(x):
        y = 1 - x
        return sum(c * x**j * y ** (n - j) for j, c in zip(range(0, a), coefficients[:a]))
    f = (lambda x: below(x) - p) if p < 0.5 else (lambda x: (1 - p) - above(x))
    low, high = mpf(0), mpf(1)
    for _ in range(120):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) < 0 else (low, middle)
    return float(low)


rows["betaQuantile"] = [[a, b, p, beta_quantile(a, b, p)] for a, b in [(1, 1), (1, 5), (5, 1), (3, 4), (12, 2), (2, 12), (30, 30), (199, 2), (150, 51)]
                        for p in [1e-12, 0.001, 0.3, 0.5, 0.9, 0.999, 1 - 2**-30]]
print("{\n" + ",\n".join(f'"{name}": [\n' + ",\n".join(" " + json.dumps(row) for row in table) + "\n]" for name, table in rows.items()) + "\n}")
