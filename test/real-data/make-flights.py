"""Writes flights.json: what FTRL-proximal and Swing, written down anew, make of the flights of vega-datasets.

  python3 test/real-data/make-flights.py    (numpy, scipy, scikit-learn, pyarrow)

FTRL is that of McMahan et al., Ad click prediction, 2013, algorithm 1, on the mean gradient of each batch; the
features are those of `gyre demo flights`. Beside it stands the loss of scikit-learn's LogisticRegression on the same
features when it has seen every flight, labels included, before it predicts the first: about the best there is.
"""

import itertools

import numpy as np
import pyarrow
import pyarrow.parquet
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.utils import murmurhash3_32

from answers import ROOT, VERSIONS, write

ROWS, BATCH, ALPHA, BETA, SLOTS = 120_000, 1024, 3.0, 4.0, 262_144
SWING = {"minUserBehavior": 10, "maxUserBehavior": 1000, "alpha1": 15, "alpha2": 0, "beta": 0.3}
SHOWN = 5
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def flights():
    file = pyarrow.parquet.ParquetFile(ROOT / "node_modules/vega-datasets/data/flights-3m.parquet")
    return next(file.iter_batches(ROWS)).to_pylist()


def slots_of(flight, known={}):
    hour, origin, destination = f"{flight['date'].hour:02}", flight["origin"], flight["destination"]
    features = {
        "hour": hour,
        "weekday": DAYS[flight["date"].weekday()],
        "origin": origin,
        "destination": destination,
        "originHour": f"{origin} {hour}",
        "route": f"{origin} {destination}",
        "distance": str(flight["distance"] // 250 * 250),
    }
    for name, value in features.items():
        text = f"{name}={value}"
        if text not in known:
            known[text] = abs(int(murmurhash3_32(text.encode("utf-16-le"), seed=0, positive=False))) % SLOTS
        yield known[text]


def design(rows):
    indices = [slot for flight in rows for slot in slots_of(flight)]
    x = csr_matrix((np.ones(len(indices)), indices, range(0, len(indices) + 1, 7)), shape=(len(rows), SLOTS))
    x.sum_duplicates()
    return x


def ftrl(x, y):
    """The probability of each row, before its batch is learned from."""
    z, n, w = np.zeros(SLOTS), np.zeros(SLOTS), np.zeros(SLOTS)
    probabilities = np.zeros(len(y))
    for start in range(0, len(y), BATCH):
        batch, labels = x[start : start + BATCH], y[start : start + BATCH]
        q = 1 / (1 + np.exp(-(batch @ w)))
        probabilities[start : start + len(labels)] = q
        if len(labels) < BATCH:
            break
        gradient = batch.T @ (q - labels)
        rows = np.asarray((batch != 0).sum(axis=0)).ravel()
        gradient = np.divide(gradient, rows, out=gradient, where=rows > 0)
        sigma = (np.sqrt(n + gradient**2) - np.sqrt(n)) / ALPHA
        z += gradient - sigma * w
        n += gradient**2
        w = -z / ((BETA + np.sqrt(n)) / ALPHA)
    return probabilities


def swing(rows):
    """Airports that are alike by where one flies to them from: users are origins, items destinations."""
    airports = sorted({flight[end] for flight in rows for end in ("origin", "destination")})
    bought = {}
    for flight in rows:
        bought.setdefault(airports.index(flight["origin"]), set()).add(airports.index(flight["destination"]))
    users = {u: items for u, items in bought.items() if 10 <= len(items) <= 1000}
    weight = {u: 1 / (15 + len(items)) ** 0.3 for u, items in users.items()}
    scores = {}
    for u, v in itertools.combinations(sorted(users), 2):
        common = users[u] & users[v]
        for i, j in itertools.permutations(common, 2):
            scores.setdefault(i, {}).setdefault(j, 0)
            scores[i][j] += weight[u] * weight[v] / len(common)
    ranked = lambda i: sorted(scores[i].items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    shown = [airports.index(name) for name in ("ANC", "ATL", "BOS", "HNL", "JFK", "LAX", "SEA")]
    similar = {airports[i]: [[airports[j], score] for j, score in ranked(i)] for i in shown}
    return {"params": SWING, "airports": len(airports), "items": len(scores), "k": SHOWN, "similar": similar}


def main():
    rows = flights()
    x, y = design(rows), np.array([float(flight["delay"] > 15) for flight in rows])
    probabilities = ftrl(x, y)
    best = LogisticRegression(C=1, fit_intercept=False, max_iter=1000).fit(x, y).predict_proba(x)[:, 1]
    half = len(y) // 2
    VERSIONS["pyarrow"] = pyarrow.__version__
    write("flights.json", "make-flights.py", {
        **{"rows": ROWS, "batchSize": BATCH, "alpha": ALPHA, "beta": BETA, "late": int(y.sum())},
        "ftrl": {
            "logLoss": float(log_loss(y, probabilities)),
            "auc": float(roc_auc_score(y, probabilities)),
            "first": [float(p) for p in probabilities[BATCH : BATCH + 3]],
            "last": [float(p) for p in probabilities[-3:]],
            "secondHalf": float(log_loss(y[half:], probabilities[half:])),
        },
        "hindsight": {"logLoss": float(log_loss(y, best)), "secondHalf": float(log_loss(y[half:], best[half:]))},
        "swing": swing(rows),
    })


if __name__ == "__main__":
    main()
