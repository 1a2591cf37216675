"""The reference numbers of weighted-coefficients.test.ts: SciPy's BFGS on the same penalised likelihoods."""
import json
import os
import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(5)
n = 60
x = np.round(rng.normal(size=(n, 2)), 3)
design = np.column_stack([np.ones(n), x])
weights = np.round(rng.uniform(0, 2, n), 3)
cases = {}
for law in ("gaussian", "logistic", "poisson"):
    eta = design @ [0.3, 1.0, -0.7]
    if law == "gaussian":
        y = np.round(eta + rng.normal(size=n), 3)
    elif law == "logistic":
        y = (rng.uniform(size=n) < 1 / (1 + np.exp(-eta))).astype(float)
    else:
        y = rng.poisson(np.exp(eta)).astype(float)
    y[:5] += 0.25 if law == "poisson" else 0.0  # means, between whole numbers
    if law == "logistic":
        y[:5] = 0.4
    for ridge in (0.0, 0.5):
        def loss(b):
            e = design @ b
            if law == "gaussian":
                ll = -0.5 * (np.log(2 * np.pi) + (y - e) ** 2)
            elif law == "logistic":
                ll = y * e - np.logaddexp(0, e)
            else:
                ll = y * e - np.exp(e) - gammaln(y + 1)
            return -(weights * ll).sum() + 0.5 * ridge * (b ** 2).sum()
        best = minimize(loss, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-11, "fatol": 1e-13, "maxiter": 20000, "maxfev": 20000})
        best = minimize(loss, best.x, method="BFGS", options={"gtol": 1e-9})
        cases[f"{law} {ridge}"] = {"law": law, "ridge": ridge, "y": y.tolist(), "beta": best.x.tolist(), "objective": -best.fun}
with open(os.path.join(here, "weighted-coefficients.reference.json"), "w") as file:
    json.dump({"x": x.tolist(), "weights": weights.tolist(), "cases": cases}, file)
    file.write("\n")
