"""Recomputes transport.reference.json: the least cost of each transport problem, by SciPy's linear programming (HiGHS), to 1e-9.

Run it beside the file, with Debian's python3-numpy and python3-scipy: python3 transport.reference.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import linprog

cases = json.loads(Path(__file__).with_suffix(".json").read_text())["cases"]
for at, case in enumerate(cases):
    cost, supply, demand = (np.array(case[name]) for name in ("cost", "supply", "demand"))
    rows, columns = cost.shape
    sums = np.vstack([np.kron(np.eye(rows), np.ones(columns)), np.kron(np.ones(rows), np.eye(columns))])
    # the last sum follows from the others
    found = linprog(cost.ravel(), A_eq=sums[:-1], b_eq=np.append(supply, demand)[:-1], method="highs")
    assert found.status == 0, found.message
    assert abs(found.fun - case["value"]) <= 1e-9 * max(1, case["value"]), (at, found.fun, case["value"])
print(f"{len(cases)} transport problems agree")
