"""Golden file of scalers, bins, imputation and variances; run with
`python3 test/golden/make-feature-statistics.py`.

Inputs are not stored: the test makes them with the generator of test/reference/random.ts (mulberry32),
and so does this script, in float64 with the same operations. With 4k + 1 rows the quantiles that
scikit-learn interpolates fall on elements, which are the ones that Flink ML's rank rule names.
"""

import json
import math
import pathlib
import platform

import numpy as np
import sklearn
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import KBinsDiscretizer, MaxAbsScaler, MinMaxScaler, RobustScaler

from seeded import Random

FOLDER = pathlib.Path(__file__).parent
ROWS, SEED = 5001, 301
# Columns: mean + spread * u, or whole numbers below `whole` where that is not 0.
SHAPE = [(0, 1, 0), (1e6, 10, 0), (-3, 1e-3, 0), (-0.5, 1e200, 0), (0, 0, 20)]
PROBABILITIES = [0.001, 0.1, 0.333, 0.5, 0.75, 0.9, 0.999]


def table(rows, seed):
    """Row by row, as in the test."""
    random = Random(seed)
    values = np.empty((rows, len(SHAPE)))
    for i in range(rows):
        for t, (mean, spread, whole) in enumerate(SHAPE):
            u = random.unit()
            values[i, t] = math.floor(u * whole) if whole else mean + spread * u
    return values


def with_missing(values, seed):
    """A fifth of the entries is NaN, but for the last row."""
    random = Random(seed)
    missing = values.copy()
    for i in range(len(values)):
        for t in range(values.shape[1]):
            if random.unit() < 0.2 and i < len(values) - 1:
                missing[i, t] = np.nan
    return missing


def lloyd_bins(values, bins):
    """Edges by k-means in one dimension, as Flink ML does it, without running sums."""
    ordered = np.sort(values)
    centroids = ordered[[math.floor(k * len(values) / bins) for k in range(bins)]]
    before = np.finfo(float).max
    for _ in range(300):
        labels = np.abs(values[:, None] - centroids[None]).argmin(axis=1)
        loss = math.fsum(np.abs(values - centroids[labels])) / len(values)
        centroids = np.array([math.fsum(values[labels == k]) / (labels == k).sum() for k in range(bins)])
        if abs(loss - before) <= 1e-4:
            break
        before = loss
    centroids = np.sort(centroids)
    return [ordered[0], *((centroids[1:] + centroids[:-1]) / 2), ordered[-1]]


def bins_of(values, strategy, bins):
    method = {"quantile_method": "linear"} if strategy == "quantile" else {}
    peer = KBinsDiscretizer(bins, encode="ordinal", strategy=strategy, subsample=None, **method).fit(values)
    binned = peer.transform(values)
    return {
        "numBins": bins,
        "edges": [edges.tolist() for edges in peer.bin_edges_],
        "counts": [np.bincount(column.astype(int), minlength=bins).tolist() for column in binned.T],
    }


def odd_median(column):
    """The lower median: an element, also of an even number of values."""
    return np.nanpercentile(column, 50, method="inverted_cdf")


values = table(ROWS, SEED)
finite = values[:, [0, 1, 2, 4]]
missing = with_missing(finite, SEED + 1)
min_max = MinMaxScaler((-1, 3)).fit(values)
max_abs = MaxAbsScaler().fit(values)
robust = RobustScaler().fit(values)
data = {
    "rows": ROWS,
    "seed": SEED,
    "shape": SHAPE,
    "minMax": {
        "min": min_max.data_min_.tolist(),
        "max": min_max.data_max_.tolist(),
        "firstScaled": min_max.transform(values[:5]).tolist(),
    },
    "maxAbs": {"max": max_abs.max_abs_.tolist(), "firstScaled": max_abs.transform(values[:5]).tolist()},
    "robust": {
        "medians": robust.center_.tolist(),
        "ranges": robust.scale_.tolist(),
        "firstScaled": robust.transform(values[:5]).tolist(),
    },
    "quantiles": {
        "probabilities": PROBABILITIES,
        "values": [
            np.percentile(column, [100 * p for p in PROBABILITIES], method="inverted_cdf").tolist()
            for column in values.T
        ],
    },
    "uniform": bins_of(finite[:, :3], "uniform", 7),
    "quantile": bins_of(finite[:, :3], "quantile", 5),
    "kmeans": {"numBins": 4, "edges": [lloyd_bins(column, 4) for column in finite.T]},
    "imputer": {
        "mean": SimpleImputer(strategy="mean").fit(missing).statistics_.tolist(),
        "median": [odd_median(column) for column in missing.T],
        "mostFrequent": SimpleImputer(strategy="most_frequent").fit(missing).statistics_.tolist(),
    },
    # With a threshold of 0 scikit-learn has the range for the variance where that is smaller.
    "variances": VarianceThreshold(1e-300).fit(finite).variances_.tolist(),
}
versions = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scikit-learn": sklearn.__version__,
}
text = json.dumps({"script": "test/golden/make-feature-statistics.py", "versions": versions, **data})
(FOLDER / "feature-statistics.json").write_text(text + "\n")
