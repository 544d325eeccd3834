"""Golden values of tests and evaluators from SciPy and scikit-learn: python3 test/golden/make-statistics.py.

Inputs are made from seeds with the generator of test/reference/random.ts (mulberry32), here and in
test/golden/statistics.test.ts, in float64 with the same operations.
"""

import json
import pathlib
import platform
import warnings

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import feature_selection, metrics

from seeded import Random

FOLDER = pathlib.Path(__file__).parent
warnings.filterwarnings("ignore", category=UserWarning)


def features(rows, seed):
    """Class labels, a continuous label and six features, ever less related to the label."""
    random = Random(seed)
    classes, values, targets = [], [], []
    for _ in range(rows):
        label = random.below(3)
        target = label + random.unit()
        row = []
        for t in range(6):
            strength = 1 / (1 + t * t * t)
            row.append(1e6 * (t % 2) + label * strength + target * strength + random.unit() * 4)
        classes.append(label)
        targets.append(target)
        values.append(row)
    return np.array(classes, float), np.array(targets), np.array(values)


def categories(rows, seed):
    """Class labels and five features of 2 to 6 categories."""
    random = Random(seed)
    classes, values = [], []
    for _ in range(rows):
        label = random.below(4)
        row = []
        for t in range(5):
            category = random.below(t + 2)
            row.append(label % (t + 2) if random.unit() < 0.5 / (1 + t * t) else category)
        classes.append(label)
        values.append(row)
    return np.array(classes), np.array(values)


def selected(score, values, labels):
    """What scikit-learn selects; its fpr is p < alpha and fdr p <= alpha / m * k, as no p is on the edge."""
    chosen = {}
    for mode, selector in {
        "numTopFeatures": feature_selection.SelectKBest(score, k=2),
        "fpr": feature_selection.SelectFpr(score, alpha=0.05),
        "fdr": feature_selection.SelectFdr(score, alpha=0.05),
        "fwe": feature_selection.SelectFwe(score, alpha=0.05),
    }.items():
        chosen[mode] = np.flatnonzero(selector.fit(values, labels).get_support()).tolist()
    return chosen


def make_tests():
    cases = []
    for rows, seed in [(60, 301), (5_000, 302)]:
        classes, targets, values = features(rows, seed)
        groups = [values[classes == c] for c in np.unique(classes)]
        anova = stats.f_oneway(*groups)
        # f_regression itself loses eight digits to means of 1e6; taking them off is exact.
        near_zero = values - 1e6 * (np.arange(6) % 2)
        f_values, p_values = feature_selection.f_regression(near_zero, targets)
        cases.append(
            {
                "rows": rows,
                "seed": seed,
                "anova": {"f": anova.statistic.tolist(), "p": anova.pvalue.tolist()},
                "anovaSelected": selected(feature_selection.f_classif, values, classes),
                "regression": {"f": f_values.tolist(), "p": p_values.tolist()},
                "regressionSelected": selected(feature_selection.f_regression, near_zero, targets),
            }
        )
    chi = []
    for rows, seed in [(50, 303), (6_000, 304)]:
        labels, values = categories(rows, seed)
        results = []
        for column in values.T:
            table = np.array([[np.sum((column == v) & (labels == y)) for y in range(4)] for v in np.unique(column)])
            result = stats.chi2_contingency(table, correction=False)
            results.append({"statistic": result.statistic, "p": result.pvalue, "dof": int(result.dof)})
        chi.append({"rows": rows, "seed": seed, "results": results})
    return {"cases": cases, "chiSquare": chi}


def make_tails():
    """The tails themselves, far out too."""
    chi = [(x, k) for x in [1e-3, 1, 20, 200, 1300] for k in [1, 2, 7, 1000]]
    f = [(x, a, b) for x in [1e-3, 0.5, 1, 3, 50, 1e4] for a in [1, 2, 9] for b in [1, 5, 100, 1_000_000]]
    return {
        "chiSquare": [[x, k, float(stats.chi2.sf(x, k))] for x, k in chi],
        "f": [[x, a, b, float(stats.f.sf(x, a, b))] for x, a, b in f],
    }


def scores(rows, seed):
    """Labels, scores with many ties, weights."""
    random = Random(seed)
    labels, values, weights = [], [], []
    for _ in range(rows):
        label = 1 if random.unit() < 0.4 else 0
        labels.append(label)
        values.append((random.below(40) + 10 * label) / 50)
        weights.append(random.below(5) / 2)
    return np.array(labels), np.array(values), np.array(weights)


def binary_case(rows, seed, weighted):
    labels, values, weights = scores(rows, seed)
    weights = weights if weighted else np.ones(rows)
    precision, recall, _ = metrics.precision_recall_curve(labels, values, sample_weight=weights, drop_intermediate=False)
    fpr, tpr, _ = metrics.roc_curve(labels, values, sample_weight=weights, drop_intermediate=False)
    order = np.unique(values)[::-1]
    share = [0] + [weights[values >= s].sum() / weights.sum() for s in order]
    positive = weights * labels
    found = [0] + [positive[values >= s].sum() / positive.sum() for s in order]
    return {
        "rows": rows,
        "seed": seed,
        "weighted": weighted,
        "areaUnderROC": float(metrics.roc_auc_score(labels, values, sample_weight=weights)),
        "areaUnderPR": float(metrics.auc(recall, precision)),
        "ks": float(np.abs(fpr - tpr).max()),
        "areaUnderLorenz": float(metrics.auc(share, found)),
    }


def multiclass_case(rows, seed, weighted):
    random = Random(seed)
    labels, predictions, weights, probabilities = [], [], [], []
    for _ in range(rows):
        label = random.below(4)
        labels.append(label)
        predictions.append(label if random.unit() < 0.6 else random.below(5))
        weights.append(random.below(5) / 2)
        row = [random.unit() + (1 if j == label else 0) for j in range(4)]
        total = row[0] + row[1] + row[2] + row[3]
        probabilities.append([x / total for x in row])
    weights = weights if weighted else [1] * rows
    average = lambda kind, beta=1: metrics.precision_recall_fscore_support(
        labels, predictions, beta=beta, average=kind, sample_weight=weights, zero_division=0
    )
    one = metrics.precision_recall_fscore_support(
        labels, predictions, beta=2, labels=[2], sample_weight=weights, zero_division=0
    )
    w_precision, w_recall, w_f1, _ = average("weighted")
    m_precision, m_recall, m_f1, _ = average("macro")
    matrix = metrics.confusion_matrix(labels, predictions, sample_weight=weights)
    actual, predicted, correct = matrix.sum(1), matrix.sum(0), np.diag(matrix)
    fpr = (predicted - correct) / (matrix.sum() - actual)
    accuracy = metrics.accuracy_score(labels, predictions, sample_weight=weights)
    values = {
        "f1": w_f1,
        "accuracy": accuracy,
        "weightedPrecision": w_precision,
        "weightedRecall": w_recall,
        "weightedTruePositiveRate": w_recall,
        "weightedFalsePositiveRate": (fpr * actual).sum() / actual.sum(),
        "weightedFMeasure": average("weighted", 2)[2],
        "truePositiveRateByLabel": one[1][0],
        "falsePositiveRateByLabel": fpr[2],
        "precisionByLabel": one[0][0],
        "recallByLabel": one[1][0],
        "fMeasureByLabel": one[2][0],
        "logLoss": metrics.log_loss(labels, np.array(probabilities), sample_weight=weights, labels=range(4)),
        "hammingLoss": metrics.hamming_loss(labels, predictions, sample_weight=weights),
        "macroPrecision": m_precision,
        "macroRecall": m_recall,
        "macroF1": m_f1,
    }
    return {"rows": rows, "seed": seed, "weighted": weighted, "metrics": {k: float(v) for k, v in values.items()}}


def regression_case(rows, seed, weighted):
    random = Random(seed)
    labels, predictions, weights = [], [], []
    for _ in range(rows):
        label = 1000 + random.unit()
        labels.append(label)
        predictions.append(label + (random.unit() - 0.4) / 2)
        weights.append(random.below(5) / 2)
    weights = np.array(weights if weighted else [1.0] * rows)
    labels, predictions = np.array(labels), np.array(predictions)
    squared = metrics.mean_squared_error(labels, predictions, sample_weight=weights)
    mean = np.average(labels, weights=weights)
    values = {
        "rmse": metrics.root_mean_squared_error(labels, predictions, sample_weight=weights),
        "mse": squared,
        "r2": metrics.r2_score(labels, predictions, sample_weight=weights),
        "mae": metrics.mean_absolute_error(labels, predictions, sample_weight=weights),
        "var": np.average((predictions - mean) ** 2, weights=weights),
    }
    return {"rows": rows, "seed": seed, "weighted": weighted, "metrics": {k: float(v) for k, v in values.items()}}


def clustering_case(rows, dim, clusters, seed):
    random = Random(seed)
    points, labels = [], []
    for i in range(rows):
        cluster = i % clusters if random.unit() < 0.9 else random.below(clusters)
        labels.append(cluster)
        points.append([100 + (cluster >> t & 1) * 2 + random.unit() for t in range(dim)])
    labels[0] = clusters
    points = np.array(points)
    return {
        "rows": rows,
        "dim": dim,
        "clusters": clusters,
        "seed": seed,
        "squaredEuclidean": float(metrics.silhouette_score(points, labels, metric="sqeuclidean")),
        "cosine": float(metrics.silhouette_score(points - 99, labels, metric="cosine")),
    }


def ranking_case(rows, items, k, seed):
    """Every item is ranked, by distinct scores; some are relevant."""
    random = Random(seed)
    relevant, ranks = [], []
    for _ in range(rows):
        order = list(range(items))
        for i in range(items - 1, 0, -1):
            j = random.below(i + 1)
            order[i], order[j] = order[j], order[i]
        ranks.append([-order.index(item) for item in range(items)])
        row = [1 if random.unit() < 0.3 else 0 for _ in range(items)]
        row[random.below(items)] = 1
        relevant.append(row)
    relevant, ranks = np.array(relevant), np.array(ranks)
    return {
        "rows": rows,
        "items": items,
        "k": k,
        "seed": seed,
        "meanAveragePrecision": float(metrics.label_ranking_average_precision_score(relevant, ranks)),
        "ndcgAtK": float(metrics.ndcg_score(relevant, ranks, k=k)),
    }


data = {
    "script": "test/golden/make-statistics.py",
    "versions": {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    },
    "tests": make_tests(),
    "tails": make_tails(),
    "binary": [binary_case(rows, seed, w) for rows, seed in [(40, 311), (9_000, 312)] for w in [False, True]],
    "multiclass": [multiclass_case(rows, seed, w) for rows, seed in [(60, 321), (9_000, 322)] for w in [False, True]],
    "regression": [regression_case(rows, seed, w) for rows, seed in [(60, 331), (9_000, 332)] for w in [False, True]],
    "clustering": [clustering_case(*case) for case in [(60, 2, 3, 341), (900, 3, 5, 342)]],
    "ranking": [ranking_case(*case) for case in [(20, 8, 3, 351), (300, 30, 10, 352)]],
}
(FOLDER / "statistics.json").write_text(json.dumps(data) + "\n")
