"""Merges and clusters of scipy.cluster.hierarchy; run with `python3 test/golden/make-agglomerative.py`.

Inputs are drawn here and in agglomerative.test.ts alike, or are scikit-learn's iris.
"""

import json
import pathlib
import platform

import numpy as np
import scipy
import sklearn
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import AgglomerativeClustering
from sklearn.datasets import load_iris

from seeded import Random

FOLDER = pathlib.Path(__file__).parent

LINKAGES = ["ward", "complete", "average", "single"]
METRICS = {"euclidean": "euclidean", "manhattan": "cityblock", "cosine": "cosine"}


def uniforms(seed, count):
    random = Random(seed)
    return [random.unit() for _ in range(count)]


def tables():
    yield "random", np.array(uniforms(11, 60 * 5)).reshape(60, 5) - 0.5
    yield "larger", np.array(uniforms(12, 120 * 3)).reshape(120, 3) - 0.5
    # Points of a grid, some of them twice: nearly every distance is there many times.
    yield "ties", np.floor(np.array(uniforms(13, 70 * 2)).reshape(70, 2) * 5) + 1
    yield "iris", load_iris().data


def first_seen(labels):
    numbers = {}
    return [numbers.setdefault(label, len(numbers)) for label in labels]


def cases():
    for name, points in tables():
        for method in LINKAGES:
            for measure, metric in METRICS.items():
                if method == "ward" and measure != "euclidean":
                    continue
                # Cosines of points on one ray differ from 1 by rounding alone.
                if name == "ties" and measure == "cosine":
                    continue
                if name == "iris" and measure == "manhattan":
                    continue
                merges = linkage(points, method, metric)
                case = {
                    "table": name,
                    "linkage": method,
                    "measure": measure,
                    "first": merges[:, 0].astype(int).tolist(),
                    "second": merges[:, 1].astype(int).tolist(),
                    "heights": merges[:, 2].tolist(),
                    "sizes": merges[:, 3].astype(int).tolist(),
                    "clusters": {},
                }
                for k in [2, 3, 7]:
                    # A cut between merges of one height is not defined by heights.
                    if merges[-k, 2] == merges[-k + 1, 2]:
                        continue
                    labels = fcluster(merges, (merges[-k, 2] + merges[-k + 1, 2]) / 2, "distance")
                    assert len(set(labels)) == k
                    case["clusters"][k] = first_seen(labels.tolist())
                if name == "random" and measure == "euclidean":
                    labels = AgglomerativeClustering(3, linkage=method).fit(points).labels_
                    assert first_seen(labels.tolist()) == case["clusters"][3]
                yield case


print(
    json.dumps(
        {
            "made with": f"scipy {scipy.__version__}, scikit-learn {sklearn.__version__}, "
            f"numpy {np.__version__}, Python {platform.python_version()}",
            "iris": load_iris().data.tolist(),
            "cases": list(cases()),
        }
    ),
    file=open(FOLDER / "agglomerative.json", "w"),
)
