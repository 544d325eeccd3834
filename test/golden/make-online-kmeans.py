"""Writes online-kmeans.json: what scikit-learn's MiniBatchKMeans and a plain replay learn.

MiniBatchKMeans.partial_fit with reassignment_ratio=0 is the update with decayFactor 1. The other
factors are the formula in NumPy, as scikit-learn has none.

    python3 test/golden/make-online-kmeans.py
"""

import json
import platform
from pathlib import Path

import numpy as np
import sklearn
from seeded import Random
from sklearn.cluster import MiniBatchKMeans
from sklearn.datasets import load_iris

BATCH = 50
STEPS = 12
DIM = 3
K = 4
SEED = 9


def points():
    """Four clouds that move: every batch is shifted by 0.1."""
    random = Random(SEED)
    rows = np.empty((STEPS * BATCH, DIM))
    for i in range(len(rows)):
        corner = random.below(K)
        for t in range(DIM):
            rows[i, t] = random.unit() + (4 * ((corner >> t) & 1)) + 0.1 * (i // BATCH)
    return rows


def partial_fits(rows, start, batch):
    model = MiniBatchKMeans(
        n_clusters=len(start), init=start, n_init=1, batch_size=batch, reassignment_ratio=0
    )
    for i in range(0, len(rows) - batch + 1, batch):
        model.partial_fit(rows[i : i + batch])
    return {
        "centroids": model.cluster_centers_.tolist(),
        "weights": model._counts.tolist(),
        "labels": model.predict(rows).tolist(),
    }


def distances(measure, rows, centroids):
    if measure == "manhattan":
        return np.abs(rows[:, None] - centroids).sum(axis=2)
    if measure == "cosine":
        unit = lambda x: x / np.linalg.norm(x, axis=1, keepdims=True)
        return 1 - unit(rows) @ unit(centroids).T
    return ((rows[:, None] - centroids) ** 2).sum(axis=2)


def replay(rows, start, measure, decay):
    centroids, weights = start.copy(), np.zeros(len(start))
    losses = []
    for i in range(0, len(rows), BATCH):
        batch = rows[i : i + BATCH]
        found = distances(measure, batch, centroids)
        labels = found.argmin(axis=1)
        losses.append(float(found.min(axis=1).mean()))
        for j in range(len(start)):
            n = int((labels == j).sum())
            left = decay * weights[j]
            weights[j] = left + n
            if n > 0:
                total = batch[labels == j].sum(axis=0)
                centroids[j] = (left * centroids[j] + total) / weights[j]
    return {
        "distanceMeasure": measure,
        "decayFactor": decay,
        "centroids": centroids.tolist(),
        "weights": weights.tolist(),
        "losses": losses,
    }


def main():
    rows = points()
    start = rows[[0, 11, 23, 37]].copy()
    iris = load_iris().data
    # Every third flower, so that batches have all kinds.
    order = np.concatenate([np.arange(k, 150, 50) for k in range(50)])
    flowers = iris[order]
    golden = {
        "script": "test/golden/make-online-kmeans.py",
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
        "moving": {
            **{"seed": SEED, "batch": BATCH, "steps": STEPS, "dim": DIM, "k": K},
            "start": start.tolist(),
            "sklearn": partial_fits(rows, start, BATCH),
            "replays": [
                replay(rows, start, measure, decay)
                for measure in ["euclidean", "manhattan", "cosine"]
                for decay in [0, 0.5, 1]
            ],
        },
        "iris": {
            "batch": 30,
            "rows": flowers.tolist(),
            "start": flowers[:3].tolist(),
            "sklearn": partial_fits(flowers, flowers[:3].copy(), 30),
        },
    }
    path = Path(__file__).parent / "online-kmeans.json"
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
