"""Fit a Gaussian mixture by scikit-learn, and write the estimate that dfmr aggregate reads. No Node
is needed on this machine. Of a table with a head, 3 components:

python3 estimate_from_sklearn.py ward-7.csv 3 ward-7.json
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
estimate = {
    "format": "dfmr-estimate", "version": 2, "machine": Path(table).stem, "family": "gaussian",
    "order": fit.n_components, "dimension": rows.shape[1], "sampleSize": rows.shape[0],
    "names": names, "weights": fit.weights_.tolist(),
    "parameters": [
        {"mean": mean.tolist(), "covariance": ((covariance + covariance.T) / 2).tolist()}
        for mean, covariance in zip(fit.means_, fit.covariances_)
    ],
    "fitted": {"converged": bool(fit.converged_)},
}
part = Path(out + ".part")
part.write_text(json.dumps(estimate, allow_nan=False))  # numbers with up to 17 digits: exact
os.replace(part, out)  # whole or not there
