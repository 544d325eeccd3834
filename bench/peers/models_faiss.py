"""KMeans and exact neighbours by faiss, in float32."""

import faiss
import numpy as np
from peer import serve, timed


def cost_of(x, centroids):
    """The sum of the squared distances to the closest centroid, in float64, block by block."""
    total = 0.0
    norms = (centroids**2).sum(axis=1)
    for start in range(0, len(x), 8192):
        block = x[start : start + 8192]
        nearest = (norms - 2 * block @ centroids.T).min(axis=1)
        total += float((nearest + (block**2).sum(axis=1)).sum())
    return total


class KMeans:
    def __init__(self, file, rows, dim, k, rounds, start):
        self.exact = np.fromfile(file).reshape(rows, dim)
        self.x = self.exact.astype(np.float32)
        self.start = self.x[start]
        self.rounds = rounds

    def run(self):
        k, dim = self.start.shape
        # It samples rows unless as many as there are may belong to a centroid.
        limits = {"min_points_per_centroid": 1, "max_points_per_centroid": len(self.x)}
        kmeans = faiss.Kmeans(dim, k, niter=self.rounds, **limits)
        fit, _ = timed(lambda: kmeans.train(self.x, init_centroids=self.start))
        self.centroids = kmeans.centroids
        return {"fit": fit}

    def facts(self, centroids):
        """The costs of its centroids and of Gyre's."""
        ours = np.fromfile(centroids).reshape(self.centroids.shape)
        theirs = self.centroids.astype(np.float64)
        return {"theirs": cost_of(self.exact, theirs), "ours": cost_of(self.exact, ours)}


class Neighbours:
    def __init__(self, points, labels, queries, dim, k):
        self.x = np.fromfile(points).astype(np.float32).reshape(-1, dim)
        self.y = np.fromfile(labels).astype(np.int64)
        self.queries = np.fromfile(queries).astype(np.float32).reshape(-1, dim)
        self.k = k

    def run(self):
        index = faiss.IndexFlatL2(self.x.shape[1])
        fit, _ = timed(lambda: index.add(self.x))
        predict, _ = timed(lambda: self.predict(index))
        return {"fit": fit, "transform": predict}

    def predict(self, index):
        _, self.near = index.search(self.queries, self.k)
        votes = np.zeros((len(self.near), self.y.max() + 1), np.int8)
        np.add.at(votes, (np.arange(len(votes))[:, None], self.y[self.near]), 1)
        return votes.argmax(axis=1)

    def facts(self, few):
        return {"neighbours": self.near[:few].ravel().tolist()}


serve({"KMeans": KMeans, "neighbours": Neighbours}, [("faiss", faiss)])
