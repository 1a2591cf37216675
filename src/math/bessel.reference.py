# log{exp(-k) k^-v I_v(k)}, I_{v+1} / I_v and its complement, by mpmath with 60 digits or more.
# Run as: /usr/bin/python3 bessel.reference.py > bessel.reference.json
import json
from mpmath import mp, mpf, besseli, log, loggamma

rows = []
for v in ["0", "0.5", "1", "1.5", "3", "7.5", "19", "20.5", "39", "41.5", "63", "127", "255.5", "499"]:
    for k in ["0", "1e-30", "1e-6", "0.01", "0.5", "1", "3", "10", "25", "39.9", "60", "100", "300", "1000", "30000", "1e6", "1e9"]:
        v_, k_ = mpf(float(v)), mpf(float(k))
        mp.dps = 60
        if k_ == 0:
            rows.append([float(v), 0.0, float(-v_ * log(2) - loggamma(v_ + 1)), 0.0, 1.0])
            continue
        large = k_ > 20000
        if large:  # Hankel's expansion, to 60 digits (DLMF 10.40.1)
            def scaled(w):
                term, total = mpf(1), mpf(1)
                for i in range(1, 4000):
                    new = -term * (4 * w * w - (2 * i - 1) ** 2) / (i * 8 * k_)
                    if abs(new) < mpf(10) ** -58 or new == 0:
                        break
                    assert abs(new) < abs(term) or i < 2000
                    term = new
                    total += term
                return total / mp.sqrt(2 * mp.pi * k_)
            lo, hi = scaled(v_), scaled(v_ + 1)
            logi = log(lo)
        else:
            lo, hi = besseli(v_, k_), besseli(v_ + 1, k_)
            logi = log(lo) - k_
        r = hi / lo
        rows.append([float(v), float(k), float(logi - v_ * log(k_)), float(r), float(1 - r)])
print(json.dumps(rows).replace("], ", "],\n "))
