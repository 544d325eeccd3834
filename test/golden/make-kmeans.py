"""Golden values of KMeans on real and random data; run with `python3 test/golden/make-kmeans.py`.

Iris and the first 600 of the 8 x 8 digits are those that scikit-learn has with it; random points are
made with the generator of test/reference/random.ts. Every case is fitted by scikit-learn's Lloyd
from given rows, and ten times from k-means++ for the lowest cost.
"""

import json
import pathlib
import platform

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits, load_iris

from seeded import Random

FOLDER = pathlib.Path(__file__).parent
ROUNDS = 100


def random_points(rows, dim, clusters, seed):
    """Row by row, as in the test."""
    random = Random(seed)
    centers = [[random.unit() for _ in range(dim)] for _ in range(clusters)]
    return np.array(
        [
            [centers[i % clusters][t] + 0.4 * (random.unit() - random.unit()) for t in range(dim)]
            for i in range(rows)
        ]
    )


def case(name, points, k, start_seed, weights=None, **data):
    random = Random(start_seed)
    start = sorted({random.below(len(points)) for _ in range(4 * k)}, key=lambda i: (i * 7919) % 104729)[:k]
    fit = dict(n_clusters=k, max_iter=ROUNDS, tol=0, algorithm="lloyd")
    model = KMeans(init=points[start], n_init=1, **fit).fit(points, sample_weight=weights)
    # Rounds end when labels stay: a further one would change nothing.
    assert model.n_iter_ < ROUNDS, name
    tolerant = KMeans(init=points[start], n_init=1, **{**fit, "tol": 1e-3}).fit(points, sample_weight=weights)
    best = min(KMeans(n_init=1, random_state=s, **fit).fit(points, sample_weight=weights).inertia_ for s in range(10))
    worst = max(KMeans(n_init=1, random_state=s, **fit).fit(points, sample_weight=weights).inertia_ for s in range(10))
    return {
        "name": name,
        "k": k,
        "start": start,
        "weighted": weights is not None,
        "labels": "".join(np.base_repr(label, 36) for label in model.labels_),
        "centroids": model.cluster_centers_.ravel().tolist(),
        "cost": model.inertia_,
        "tolerantRounds": int(tolerant.n_iter_),
        "best": best,
        "worst": worst,
        **data,
    }


iris = load_iris().data
digits = load_digits().data[:600]
shape = {"rows": 1000, "dim": 5, "clusters": 9, "seed": 303}
drawn = random_points(**shape)
weights = np.arange(len(iris)) % 4
cases = [
    case("iris", iris, 3, 1, data=iris.tolist()),
    case("iris, weighted", iris, 3, 2, weights),
    case("digits", digits, 10, 3, pixels="".join(chr(65 + int(v)) for v in digits.ravel())),
    case("random", drawn, 9, 4, shape=shape),
]
versions = {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__}
text = json.dumps({"script": "test/golden/make-kmeans.py", "versions": versions, "cases": cases})
(FOLDER / "kmeans-lloyd.json").write_text(text + "\n")
for c in cases:
    print(c["name"], c["cost"], c["best"], c["worst"], c["tolerantRounds"])
