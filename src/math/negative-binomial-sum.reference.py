# log 2F1(r, r; 1; z) by mpmath with 50 digits, z given by its logarithm.
# Run as: /usr/bin/python3 negative-binomial-sum.reference.py > negative-binomial-sum.reference.json
import json
from mpmath import mp, mpf, hyp2f1, exp, log, legenp, quad, pi, cos, sqrt

mp.dps = 50
rows = []
for r in ["0.05", "0.3", "0.5", "0.75", "1", "1.5", "2", "3.7", "10", "50.5", "300"]:
    for logz in ["-60", "-5", "-1", "-0.3", "-0.05", "-1e-3", "-1e-6", "-1e-10", "-1e-15"]:
        rr, z = mpf(float(r)), exp(mpf(float(logz)))
        if rr < 2:
            value = log(hyp2f1(rr, rr, 1, z))
        else:  # Euler's transformation, whose series hardly grows
            value = (1 - 2 * rr) * log(1 - z) + log(hyp2f1(1 - rr, 1 - rr, 1, z))
        rows.append([float(r), float(logz), float(value)])
for r, logz in [("1e4", "-9"), ("1e4", "-4"), ("1e6", "-20"), ("1e6", "-12")]:  # nearly Poisson's: the sum itself
    rr, z = mpf(float(r)), exp(mpf(float(logz)))
    term, total, x = mpf(1), mpf(1), 0
    while term > total * mpf(10) ** -45 or x < rr * sqrt(z):
        term *= ((x + rr) / (x + 1)) ** 2 * z
        total += term
        x += 1
    rows.append([float(r), float(logz), float(log(total))])
print(json.dumps(rows).replace("], ", "],\n "))
