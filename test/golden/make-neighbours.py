"""Writes neighbours.json: scikit-learn's nearest neighbours, shares and means.

  python3 test/golden/make-neighbours.py    (numpy, scikit-learn)

Inputs are made from seeds as in seeded.py, or are scikit-learn's own data sets, which are written down as far as
they are used. Of rows whose k-th and next neighbour are equally far, neighbours are not compared: which one is
taken is a matter of the library.
"""

import json
import os

import numpy as np
import sklearn
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from seeded import Random

HERE = os.path.dirname(os.path.abspath(__file__))


def neighbours(model, queries, k):
    """Indices of the k nearest, distances, and whether the order of the first k is the only one."""
    more = min(k + 1, model.n_samples_fit_)
    distances, indices = model.kneighbors(queries, n_neighbors=more)
    gaps = np.diff(distances, axis=1)
    clear = np.all(gaps > 1e-9 * (1 + distances[:, 1:]), axis=1)
    return indices[:, :k].tolist(), np.round(distances[:, :k], 9).tolist(), clear.tolist()


def case(name, kind, train, labels, queries, k, weights, metric):
    make = KNeighborsClassifier if kind == "classes" else KNeighborsRegressor
    model = make(n_neighbors=k, weights=weights, metric=metric, algorithm="brute").fit(train, labels)
    indices, distances, clear = neighbours(model, queries, k)
    out = {"name": name, "kind": kind, "k": k, "weights": weights, "metric": metric,
           "indices": indices, "distances": distances, "clear": clear}
    if kind == "classes":
        out["shares"] = np.round(model.predict_proba(queries), 12).tolist()
    else:
        out["means"] = np.round(model.predict(queries), 10).tolist()
    return out


def seeded_cases():
    draw = Random(41).unit
    train = np.array([[draw() for _ in range(3)] for _ in range(120)])
    queries = np.array([[draw() for _ in range(3)] for _ in range(10)])
    labels = np.floor(np.array([draw() for _ in range(120)]) * 4)
    for kind in ("classes", "means"):
        for weights in ("uniform", "distance"):
            for metric in ("euclidean", "manhattan", "cosine"):
                yield case("seeded", kind, train, labels, queries, 5, weights, metric)


def accuracy(data, k, metric):
    """Trained on all rows but every fifth, which are classified: how many are right, and how many open to a tie."""
    x, y = data.data, data.target
    test = np.arange(len(y)) % 5 == 0
    model = KNeighborsClassifier(k, metric=metric, algorithm="brute").fit(x[~test], y[~test])
    shares = np.sort(model.predict_proba(x[test]), axis=1)
    distances, _ = model.kneighbors(x[test], n_neighbors=k + 1)
    unsure = (shares[:, -1] == shares[:, -2]) | (distances[:, k] - distances[:, k - 1] < 1e-9)
    return {"open": int(unsure.sum()), "right": int((model.predict(x[test]) == y[test]).sum()), "of": int(test.sum())}


if __name__ == "__main__":
    iris, digits, diabetes = load_iris(), load_digits(), load_diabetes()
    few = np.arange(0, 1797, 6)
    test = np.arange(len(diabetes.target)) % 5 == 0
    sets = {
        "iris": {"features": iris.data.tolist(), "labels": iris.target.tolist()},
        # Every sixth digit: pixels are integers from 0 to 16, one character each.
        "digits": {
            "features": ["".join("0123456789abcdefg"[int(v)] for v in row) for row in digits.data[few]],
            "labels": digits.target[few].tolist(),
        },
        "diabetes": {
            "features": np.round(diabetes.data * 1e4).astype(int).tolist(),
            "labels": diabetes.target.astype(int).tolist(),
        },
    }
    digits.data, digits.target = digits.data[few], digits.target[few]
    x, y = np.round(diabetes.data * 1e4), diabetes.target
    regressor = KNeighborsRegressor(10, weights="distance", algorithm="brute").fit(x[~test], y[~test])
    real = [
        {"set": name, "k": 5, "metric": metric, **accuracy(data, 5, metric)}
        for name, data in (("iris", iris), ("digits", digits))
        for metric in ("euclidean", "manhattan", "cosine")
    ]
    golden = {
        "made with": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
        "cases": list(seeded_cases()),
        "sets": sets,
        "real": real,
        "diabetes": {"k": 10, "means": np.round(regressor.predict(x[test]), 8).tolist()},
    }
    with open(os.path.join(HERE, "neighbours.json"), "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
