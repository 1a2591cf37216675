"""Fit a Gaussian mixture by scikit-learn, and write the estimate that dfmr aggregate reads. No Node is needed on this machine.

python3 estimate_from_sklearn.py ward-7.csv 3 ward-7.json      # a table with a head, 3 components
"""
import json, os, sys
from pathlib import Path
import numpy as np
from sklearn.mixture import GaussianMixture

table, order, out = sys.argv[1:]
with open(table) as lines:
    names = [name.strip('" ') for name in lines.readline().strip().split(",")]
rows = np.loadtxt(table, delimiter=",", skiprows=1, ndmin=2)
fit = GaussianMixture(int(order), n_init=10, random_state=1).fit(rows)
parameters = [{"mean": mean.tolist(), "covariance": ((c + c.T) / 2).tolist()} for mean, c in zip(fit.means_, fit.covariances_)]
estimate = {
    "format": "dfmr-estimate", "version": 2, "machine": Path(table).stem, "family": "gaussian",
    "order": fit.n_components, "dimension": rows.shape[1], "sampleSize": rows.shape[0], "names": names,
    "weights": fit.weights_.tolist(), "parameters": parameters,
    "fitted": {"logLikelihood": float(fit.score_samples(rows).sum()), "iterations": int(fit.n_iter_), "converged": bool(fit.converged_)},
}
Path(out + ".part").write_text(json.dumps(estimate, allow_nan=False))  # numbers as Python prints them: exact, with up to 17 digits
os.replace(out + ".part", out)  # whole or not there
