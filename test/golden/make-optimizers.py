"""Golden minima of linear models from SciPy: python3 test/golden/make-optimizers.py.

Inputs are made from seeds with the generator of test/reference/random.ts (mulberry32), here and in
test/golden/optimizers.test.ts, in float64 with the same operations. The minima are those of
L-BFGS-B on standardized features; |c|_1 is the sum of two non-negative halves of c.
"""

import json
import pathlib
import platform

import numpy as np
import scipy
from scipy.optimize import minimize
from scipy.special import expit, logsumexp, softmax

from seeded import Random

FOLDER = pathlib.Path(__file__).parent
DIM = 6
CLASSES = 3
FACTORS = [1, 0.0078125, 128, 1, 1, 16]


def rows_of(loss, rows, seed):
    """Features that all have a part of the first, in units of their own; labels; weights."""
    random = Random(seed)
    x, y, w = np.zeros((rows, DIM)), np.zeros(rows), np.zeros(rows)
    for r in range(rows):
        margin = 0.0
        first = 2 * random.unit() - 1
        for t in range(DIM):
            value = first + (2 * random.unit() - 1)
            margin += value if t % 2 == 0 else -value
            x[r, t] = value * FACTORS[t]
        noisy = margin + 2 * (2 * random.unit() - 1)
        if loss == "squared":
            y[r] = noisy + 5
        elif loss == "multinomial":
            y[r] = 2 if noisy > 1 else (1 if noisy > -0.5 else 0)
        else:
            y[r] = 1 if noisy > 0.3 else 0
        w[r] = 0.5 + random.below(3)
    return x, y, w


def smooth(loss, x, y, w, c, b):
    """Weighted mean of the loss, and its gradient by c (classes x dim) and b (classes)."""
    m = x @ c.T + b
    if loss == "multinomial":
        picked = y.astype(int)
        value = logsumexp(m, axis=1) - m[np.arange(len(y)), picked]
        r = softmax(m, axis=1)
        r[np.arange(len(y)), picked] -= 1
    else:
        m = m[:, 0]
        if loss == "logistic":
            value, r = np.logaddexp(0, m) - y * m, expit(m) - y
        elif loss == "squared":
            value, r = (m - y) ** 2 / 2, m - y
        else:
            s = 2 * y - 1
            short = np.maximum(0, 1 - s * m)
            value, r = short**2, -2 * s * short
        r = r[:, None]
    r = r * (w / w.sum())[:, None]
    return (w * value).sum() / w.sum(), r.T @ x, r.sum(axis=0)


def minimum(loss, x, y, w, reg, elastic_net, standardization):
    mean = np.average(x, axis=0, weights=w)
    std = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=w))
    z = (x - mean) / std
    penalty = np.ones(DIM) if standardization else 1 / std
    l1, l2 = reg * elastic_net * penalty, reg * (1 - elastic_net) * penalty**2
    k = CLASSES if loss == "multinomial" else 1
    size = k * DIM

    def objective(v):
        plus, minus, b = v[:size].reshape(k, DIM), v[size : 2 * size].reshape(k, DIM), v[2 * size :]
        c = plus - minus
        value, gc, gb = smooth(loss, z, y, w, c, b)
        value += (l1 * (plus + minus)).sum() + (l2 * c * c).sum() / 2
        gc = gc + l2 * c
        return value, np.concatenate([(gc + l1).ravel(), (l1 - gc).ravel(), gb])

    bounds = [(0, None)] * (2 * size) + [(None, None)] * k
    v = np.zeros(2 * size + k)
    for _ in range(20):
        options = {"maxiter": 100000, "maxfun": 1000000, "ftol": 1e-16, "gtol": 1e-13, "maxcor": 50}
        v = minimize(objective, v, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    c = (v[:size] - v[size : 2 * size]).reshape(k, DIM)
    b = v[2 * size :]
    b = b - c @ (mean / std)
    return objective(v)[0], c / std, b - (b.mean() if k > 1 else 0)


def cases():
    for loss in ["logistic", "squaredHinge", "squared", "multinomial"]:
        for seed, (reg, elastic_net, standardization) in enumerate(
            [(0, 0, False), (0.01, 0, False), (0.05, 0, True), (0.01, 1, True), (0.02, 0.5, False)]
        ):
            x, y, w = rows_of(loss, 200, seed + 1)
            value, c, b = minimum(loss, x, y, w, reg, elastic_net, standardization)
            yield {
                "loss": loss,
                "seed": seed + 1,
                "reg": reg,
                "elasticNet": elastic_net,
                "standardization": standardization,
                "objective": value,
                "coefficient": c.ravel().tolist(),
                "intercept": b.tolist(),
            }


golden = {
    "madeBy": "test/golden/make-optimizers.py",
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "rows": 200,
    "cases": list(cases()),
}
(FOLDER / "optimizers.json").write_text(json.dumps(golden, indent=1) + "\n")
