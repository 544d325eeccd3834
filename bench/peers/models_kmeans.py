"""KMeans of scikit-learn, from the same rows as Gyre: what bench/models/kmeans.ts asks for."""

import numpy as np
from peer import timed
from sklearn.cluster import KMeans as SklearnKMeans


class KMeans:
    """Lloyd's or Elkan's algorithm, with all rounds but those that would change nothing."""

    def __init__(self, file, rows, dim, k, rounds, start, algorithm):
        self.x = np.fromfile(file).reshape(rows, dim)
        self.settings = dict(
            n_clusters=k, init=self.x[start], n_init=1, max_iter=rounds, tol=0, algorithm=algorithm
        )
        self.fitted = None

    def run(self):
        self.fitted = None
        fit, self.fitted = timed(lambda: SklearnKMeans(**self.settings).fit(self.x))
        return {"fit": fit}

    def facts(self, labels, centroids):
        """How many rows have another label, and how far the centroids are from Gyre's at most."""
        other = int((self.fitted.labels_ != np.fromfile(labels, np.int32)).sum())
        theirs = self.fitted.cluster_centers_
        by = float(np.abs(theirs - np.fromfile(centroids).reshape(theirs.shape)).max())
        return {"other": other, "by": by, "rounds": int(self.fitted.n_iter_)}


CASES = {"KMeans": KMeans}
