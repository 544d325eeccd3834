"""Golden files from scikit-learn and NumPy; run with `python3 test/golden/make.py`.

Inputs are not stored where they can be made again: the tests make them with the generator of
test/reference/random.ts (mulberry32), and so does this script, in float64 with the same operations.
"""

import json
import math
import pathlib
import platform

import numpy as np
import scipy.sparse
import sklearn
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

from seeded import Random

FOLDER = pathlib.Path(__file__).parent


class JavaRandom:
    """java.util.Random, from its specification."""

    def __init__(self, seed):
        self.seed = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def next(self, bits):
        self.seed = (self.seed * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        return self.seed >> (48 - bits)

    def next_int(self, bound):
        if bound & -bound == bound:
            return (bound * self.next(31)) >> 31
        while True:
            bits = self.next(31)
            value = bits % bound
            if bits - value + bound - 1 < 2**31:
                return value


def sample(n, k, seed):
    """The rows that KMeans takes as first centroids: a reservoir sample, as in Flink ML."""
    random = JavaRandom(seed)
    rows = list(range(min(n, k)))
    for seen in range(len(rows) + 1, n + 1):
        slot = random.next_int(seen)
        if slot < k:
            rows[slot] = seen - 1
    return rows


def write(name, data):
    versions = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }
    text = json.dumps({"script": "test/golden/make.py", "versions": versions, **data})
    (FOLDER / name).write_text(text + "\n")


def scaler_columns(rows, seed):
    """Columns of many scales: mean + spread * u, u in [0, 1). Row by row, as in the test."""
    shape = [(0, 1), (1e8, 1e-3), (-1e6, 1e-2), (1e-9, 1e-12), (1e12, 1e3), (3, 0)]
    random = Random(seed)
    values = [[mean + spread * random.unit() for mean, spread in shape] for _ in range(rows)]
    return np.array(values), shape


def sparse_columns(rows, size, seed):
    """A third of the entries is stored. Entry by entry, as in the test."""
    random = Random(seed)
    values = np.zeros((rows, size))
    for i in range(rows):
        for j in range(size):
            if random.unit() < 1 / 3:
                values[i, j] = (random.unit() - 0.3) * 10**j
    return values


def sample_std(scaler, rows):
    """scikit-learn divides by n, Flink ML by n - 1."""
    return np.sqrt(scaler.var_) * math.sqrt(rows / (rows - 1))


def exact(values):
    """Mean and sample variance in rational arithmetic: what scikit-learn itself is held against."""
    from fractions import Fraction

    means, stds = [], []
    for column in values.T:
        entries = [Fraction(float(v)) for v in column]
        mean = sum(entries) / len(entries)
        variance = sum((v - mean) ** 2 for v in entries) / (len(entries) - 1)
        means.append(float(mean))
        stds.append(math.sqrt(variance))
    return means, stds


def make_scaler():
    rows, seed = 10_000, 101
    values, shape = scaler_columns(rows, seed)
    scaler = StandardScaler().fit(values)
    std = sample_std(scaler, rows)
    mean_exact, std_exact = exact(values)
    head = (values[:5] - scaler.mean_) / np.where(std == 0, 1, std)
    sparse_rows, size, sparse_seed = 9_000, 5, 102
    sparse_values = sparse_columns(sparse_rows, size, sparse_seed)
    matrix = scipy.sparse.csr_matrix(sparse_values)
    sparse = StandardScaler(with_mean=False).fit(matrix)
    sparse_std = sample_std(sparse, sparse_rows)
    write(
        "standard-scaler.json",
        {
            "dense": {
                "rows": rows,
                "seed": seed,
                "shape": shape,
                "mean": scaler.mean_.tolist(),
                "std": std.tolist(),
                "exactMean": mean_exact,
                "exactStd": std_exact,
                "firstScaled": head.tolist(),
            },
            "sparse": {
                "rows": sparse_rows,
                "size": size,
                "seed": sparse_seed,
                "stored": matrix.nnz,
                "std": sparse_std.tolist(),
                "firstScaled": (sparse_values[:5] / sparse_std).tolist(),
            },
        },
    )


def blobs(rows, dim, clusters, seed):
    """Points about corners of a grid; row by row, as in the test."""
    random = Random(seed)
    values = []
    for i in range(rows):
        corner = i % clusters
        values.append([(corner >> t & 1) * 4 + random.unit() for t in range(dim)])
    return np.array(values)


def lloyd(points, centroids, rounds):
    """`rounds` rounds; the labels are those of the last centroids, as of a transform."""
    for _ in range(rounds):
        labels = closest(points, centroids)
        centroids = np.array(
            [
                [math.fsum(points[labels == j][:, t]) / (labels == j).sum() for t in range(points.shape[1])]
                if (labels == j).any()
                else centroids[j]
                for j in range(len(centroids))
            ]
        )
        counts = np.bincount(labels, minlength=len(centroids))
    return centroids, counts, closest(points, centroids)


def closest(points, centroids):
    return ((points[:, None, :] - centroids[None]) ** 2).sum(axis=2).argmin(axis=1)


def make_kmeans():
    cases = []
    for rows, dim, k, rounds, seed, java_seed in [
        (600, 3, 4, 3, 201, 7),
        (600, 3, 8, 20, 202, 8),
        (20_000, 5, 7, 4, 203, 9),
    ]:
        points = blobs(rows, dim, 8, seed)
        start = sample(rows, k, java_seed)
        centroids, counts, labels = lloyd(points, points[start], rounds)
        peer = KMeans(k, init=points[start], n_init=1, max_iter=rounds, tol=0, algorithm="lloyd").fit(points)
        distance = np.abs(np.sort(peer.cluster_centers_, axis=0) - np.sort(centroids, axis=0)).max()
        cases.append(
            {
                "rows": rows,
                "dim": dim,
                "k": k,
                "maxIter": rounds,
                "seed": seed,
                "javaSeed": java_seed,
                "start": start,
                "centroids": centroids.tolist(),
                "weights": counts.tolist(),
                "labelCounts": np.bincount(labels, minlength=k).tolist(),
                "firstLabels": labels[:40].tolist(),
                "scikitLearn": {
                    "rounds": int(peer.n_iter_),
                    "centroids": peer.cluster_centers_.tolist(),
                    "labelsEqual": bool((peer.labels_ == labels).all()),
                },
            }
        )
        print(rows, k, "sklearn rounds", peer.n_iter_, "largest distance", distance, "labels", (peer.labels_ == labels).all())
    write("kmeans.json", {"cases": cases})


make_scaler()
make_kmeans()
