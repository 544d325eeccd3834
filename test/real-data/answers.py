"""What the make-*.py of this folder share: the split of rows, and how predictions are measured."""

import json
import pathlib
import platform
import sys

import numpy as np
import scipy
import sklearn

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE.parent / "golden"
ROOT = HERE.parent.parent
sys.path.insert(0, str(GOLDEN))

from seeded import Random  # noqa: E402

# As in test/real-data/sets.ts.
SPLIT_SEED = 97
HELD_OUT = 0.3

VERSIONS = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
}


def held_out(rows):
    """Which rows are kept back: as split() of test/real-data/sets.ts says."""
    random = Random(SPLIT_SEED)
    return np.array([random.unit() < HELD_OUT for _ in range(rows)])


def standardized(known, other):
    """By the means and deviations of the known rows, which divide by n - 1 in Flink ML; constants become 0."""
    mean, deviation = known.mean(axis=0), known.std(axis=0, ddof=1)
    scale = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    return (known - mean) * scale, (other - mean) * scale


def classified(model, x, y):
    """How many rows are right, and the log-loss where the model has probabilities of its own."""
    answer = {"right": int((model.predict(x) == y).sum()), "of": len(y)}
    if hasattr(model, "predict_log_proba"):
        # Not by log_loss, which clips.
        logs = model.predict_log_proba(x)
        answer["logLoss"] = float(-logs[np.arange(len(y)), np.searchsorted(model.classes_, y)].mean())
    return answer


def by_neighbours(model, x, y):
    """
    How many rows are right, of how many a tie of votes leaves the label open, and the Brier score of the shares: for
    rows of which no tie of distances leaves the neighbours open.
    """
    k = model.n_neighbors
    distances, _ = model.kneighbors(x, n_neighbors=k + 1)
    assert np.all(distances[:, k] - distances[:, k - 1] > 1e-9), "neighbours are no matter of the library"
    shares = model.predict_proba(x)
    ranked = np.sort(shares, axis=1)
    brier = np.square(shares - (y[:, None] == model.classes_)).sum(axis=1).mean()
    tie = ranked[:, -1] - ranked[:, -2] < 1e-9
    return {**classified(model, x, y), "open": int(tie.sum()), "brier": float(brier)}


def purity(labels, clusters):
    """How many rows have a label that is the most frequent one of their cluster."""
    most = [np.bincount(labels[clusters == c].astype(int)).max() for c in np.unique(clusters)]
    return int(sum(most))


def write(name, script, data):
    text = json.dumps({"script": f"test/real-data/{script}", "versions": VERSIONS, **data}, separators=(",", ":"))
    # A case a line, to be read and compared.
    text = text.replace('},{"', '},\n{"').replace("]],", "]],\n")
    (HERE / name).write_text(text + "\n")
    print(name, len(text))
