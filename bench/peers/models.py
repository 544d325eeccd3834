"""What bench/models.ts measures Gyre against: scikit-learn's classifiers."""

import warnings

import numpy as np
import scipy.sparse as sp
import sklearn
from models_kmeans import CASES as KMEANS_CASES
from peer import serve, timed
from sklearn import linear_model, naive_bayes, neighbors
from sklearn.exceptions import ConvergenceWarning

warnings.filterwarnings("ignore", category=ConvergenceWarning)


class LogisticRegression:
    """L-BFGS, for as many iterations as it needs to come as near to the optimum as Gyre does."""

    def __init__(self, features, labels, rows, dim, reg):
        self.x = np.fromfile(features).reshape(rows, dim)
        self.y = np.fromfile(labels)
        self.reg = reg

    def fit(self, iterations, tol=1e-30):
        model = linear_model.LogisticRegression(
            C=1 / (len(self.x) * self.reg), solver="lbfgs", max_iter=iterations, tol=tol
        )
        return model.fit(self.x, self.y)

    def objective(self, model):
        if len(model.classes_) == 2:
            margins = self.x @ model.coef_[0] + model.intercept_[0]
            loss = np.logaddexp(0, np.where(self.y > 0, -margins, margins)).mean()
        else:
            margins = self.x @ model.coef_.T + model.intercept_
            top = margins.max(axis=1)
            sums = np.log(np.exp(margins - top[:, None]).sum(axis=1)) + top
            loss = (sums - margins[np.arange(len(self.y)), self.y.astype(int)]).mean()
        return float(loss + self.reg / 2 * (model.coef_**2).sum())

    def run(self):
        fit, self.fitted = timed(lambda: self.fit(self.iterations))
        return {"fit": fit}

    def facts(self, below=None, most=400):
        """Without `below` the optimum; else the fewest iterations that come below it."""
        if below is None:
            return {"objective": self.objective(self.fit(2000, 1e-12))}
        short, self.iterations = 0, 2
        while self.objective(self.fit(self.iterations)) > below and self.iterations < most:
            short, self.iterations = self.iterations, 2 * self.iterations
        while self.iterations - short > 1:
            middle = (short + self.iterations) // 2
            if self.objective(self.fit(middle)) > below:
                short = middle
            else:
                self.iterations = middle
        objective = self.objective(self.fit(self.iterations))
        return {"objective": objective, "iterations": self.iterations}


class Neighbours:
    def __init__(self, points, labels, queries, dim, k):
        self.x = np.fromfile(points).reshape(-1, dim)
        self.y = np.fromfile(labels)
        self.queries = np.fromfile(queries).reshape(-1, dim)
        self.make = lambda: neighbors.KNeighborsClassifier(n_neighbors=k, n_jobs=2)

    def run(self):
        fit, self.model = timed(lambda: self.make().fit(self.x, self.y))
        predict, _ = timed(lambda: self.model.predict(self.queries))
        return {"fit": fit, "transform": predict}

    def facts(self, few):
        near = self.model.kneighbors(self.queries[:few], return_distance=False)
        return {"neighbours": near.ravel().tolist()}


class PartialFit:
    """Learns batch after batch, as a program that reads a stream would."""

    def __init__(self, indices, labels, size, entries, batch, rates):
        indices = np.fromfile(indices, np.int32).reshape(-1, entries)
        self.y = np.fromfile(labels)
        self.batches = []
        for start in range(0, len(self.y) - batch + 1, batch):
            own = indices[start : start + batch].ravel()
            offsets = np.arange(0, len(own) + 1, entries, dtype=np.int32)
            rows = sp.csr_matrix((np.ones(len(own)), own, offsets), shape=(batch, size))
            self.batches.append((rows, self.y[start : start + batch]))
        self.rates = rates

    def make(self):
        return linear_model.SGDClassifier(
            loss="log_loss", alpha=1e-7, learning_rate="constant", eta0=self.rate
        )

    def run(self):
        model = self.make()

        def learn():
            for rows, labels in self.batches:
                model.partial_fit(rows, labels, classes=[0, 1])

        seconds, _ = timed(learn)
        return {"fit": seconds}

    def facts(self):
        """The log-loss of each batch's predictions before it is learned from, at the best rate."""
        best = None
        for rate in self.rates:
            self.rate = rate
            model, total, rows_seen = self.make(), 0.0, 0
            for at, (rows, labels) in enumerate(self.batches):
                if at > 0:
                    p = np.clip(model.predict_proba(rows)[:, 1], 1e-15, 1 - 1e-15)
                    total -= np.log(np.where(labels > 0, p, 1 - p)).sum()
                    rows_seen += len(labels)
                model.partial_fit(rows, labels, classes=[0, 1])
            loss = total / rows_seen
            if best is None or loss < best[0]:
                best = (loss, rate)
        self.rate = best[1]
        return {"logLoss": best[0], "rate": best[1]}


class Bayes:
    KINDS = {"gaussian": naive_bayes.GaussianNB, "multinomial": naive_bayes.MultinomialNB}

    def __init__(self, features, labels, dim, kind):
        self.x = np.fromfile(features).reshape(-1, dim)
        self.y = np.fromfile(labels)
        self.make = self.KINDS[kind]

    def run(self):
        fit, model = timed(lambda: self.make().fit(self.x, self.y))
        predict, self.output = timed(lambda: model.predict(self.x))
        return {"fit": fit, "transform": predict}

    def facts(self, predictions):
        return {"same": float((np.fromfile(predictions) == self.output).mean())}


CASES = {
    "LogisticRegression": LogisticRegression,
    "neighbours": Neighbours,
    "partial_fit": PartialFit,
    "gaussian": Bayes,
    "multinomial": Bayes,
    **KMEANS_CASES,
}

if __name__ == "__main__":
    serve(CASES, [("NumPy", np), ("scikit-learn", sklearn)])
