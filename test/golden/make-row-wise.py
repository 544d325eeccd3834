"""Golden values for row-wise stages: scipy.fft, numpy and scikit-learn.

    python3 test/golden/make-row-wise.py

Inputs come from the generator of test/reference/random.ts (mulberry32), so that the test makes the same ones.
"""

import json
import pathlib
import platform

import numpy as np
import scipy
import scipy.fft
import sklearn
from sklearn.preprocessing import Binarizer, Normalizer, PolynomialFeatures

from seeded import Random

FOLDER = pathlib.Path(__file__).parent


def matrix(rows, dim, seed):
    """Entries in [-1, 1), row by row, as `seeded(seed).f64(rows * dim)`."""
    random = Random(seed)
    return np.array([[2 * random.unit() - 1 for _ in range(dim)] for _ in range(rows)])


def ends(row):
    """Enough of a row to tell it: its first and last entries."""
    return {"first": row[:8].tolist(), "last": row[-4:].tolist()}


def cosines():
    cases = []
    for seed, size in enumerate([1, 2, 3, 5, 12, 64, 100, 127, 128, 255, 257, 512, 1000, 1009, 1024, 2310], 300):
        x = matrix(1, size, seed)[0]
        cases.append(
            {
                "size": size,
                "seed": seed,
                "forward": ends(scipy.fft.dct(x, type=2, norm="ortho")),
                "inverse": ends(scipy.fft.idct(x, type=2, norm="ortho")),
            }
        )
    return cases


def norms():
    rows, dim, seed = 4, 9, 401
    x = matrix(rows, dim, seed)
    return {
        "rows": rows,
        "dim": dim,
        "seed": seed,
        "cases": [
            {"p": p, "values": Normalizer(norm=name).transform(x).tolist()}
            for p, name in [(1, "l1"), (2, "l2"), ("Infinity", "max")]
        ]
        + [
            {"p": p, "values": (x / np.linalg.norm(x, ord=p, axis=1, keepdims=True)).tolist()}
            for p in [1.5, 3, 10]
        ],
    }


def polynomials():
    """scikit-learn orders by degree first, Flink ML by the power of the last feature first."""
    cases = []
    for seed, (dim, degree) in enumerate([(1, 4), (2, 3), (3, 2), (4, 3), (6, 2)], 501):
        x = matrix(2, dim, seed)
        features = PolynomialFeatures(degree, include_bias=False)
        values = features.fit_transform(x)
        order = sorted(range(values.shape[1]), key=lambda i: tuple(reversed(features.powers_[i])))
        cases.append({"dim": dim, "degree": degree, "seed": seed, "values": values[:, order].tolist()})
    return cases


def buckets():
    rows, seed, splits = 60, 601, [-1, -0.6, -0.1, 0, 0.25, 1]
    x = matrix(rows, 1, seed)[:, 0]
    return {"rows": rows, "seed": seed, "splits": splits, "buckets": np.digitize(x, splits[1:-1]).tolist()}


def binaries():
    rows, dim, seed, threshold = 5, 6, 701, 0.2
    x = matrix(rows, dim, seed)
    values = Binarizer(threshold=threshold).transform(x)
    return {"rows": rows, "dim": dim, "seed": seed, "threshold": threshold, "values": values.tolist()}


versions = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
}
data = {
    "script": "test/golden/make-row-wise.py",
    "versions": versions,
    "cosines": cosines(),
    "norms": norms(),
    "polynomials": polynomials(),
    "buckets": buckets(),
    "binaries": binaries(),
}
(FOLDER / "row-wise.json").write_text(json.dumps(data) + "\n")
