"""The peer of fit-peers.ts in Python: scikit-learn's EM for each problem of a list, with as many starts as ours.

Usage: fit-peers.py FOLDER STARTS RUNS: reads FOLDER/problems.json, and writes FOLDER/scikit-learn.json with the solution of
each problem, the CPU seconds of the fastest of RUNS runs, and null where there is none.
"""
import json
import os
import sys
import time
import warnings

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np
from sklearn.mixture import GaussianMixture

warnings.filterwarnings("ignore")
folder, starts, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def solve(problem):
    x = np.fromfile(f"{folder}/{problem['file']}").reshape(problem["n"], problem["d"])
    seconds = []
    for _ in range(runs):
        begin = time.process_time()
        try:
            model = GaussianMixture(problem["K"], n_init=starts, max_iter=1000, random_state=1).fit(x)
        except ValueError as error:
            return {"solution": None, "error": str(error), "seconds": time.process_time() - begin}
        seconds.append(time.process_time() - begin)
    solution = {"weights": model.weights_, "means": model.means_, "covariances": model.covariances_}
    return {"solution": {name: value.tolist() for name, value in solution.items()}, "seconds": min(seconds)}


with open(f"{folder}/problems.json") as file:
    problems = json.load(file)
GaussianMixture(2).fit(np.random.default_rng(1).normal(size=(50, 2)))  # once, to warm up
with open(f"{folder}/scikit-learn.json", "w") as file:
    json.dump([solve(problem) for problem in problems], file)
