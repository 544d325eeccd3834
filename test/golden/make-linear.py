"""Golden values of linear models from scikit-learn; run with `python3 test/golden/make-linear.py`.

Data sets are scikit-learn's, cut where they are large, and stand in the file. Models with a penalty
on standardized coefficients are fitted to features divided by their standard deviations, and what
is stored are the coefficients of the features as they are. Mini-batches are replayed here, step by
step, from what Flink ML's SGD does on one subtask.
"""

import json
import math
import pathlib
import platform
import warnings

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge
from sklearn.svm import LinearSVC

from seeded import Random

FOLDER = pathlib.Path(__file__).parent
warnings.simplefilter("error", sklearn.exceptions.ConvergenceWarning)


def random_set(rows, dim, seed, label):
    """As test/golden/linear.test.ts makes it."""
    random = Random(seed)
    x = np.array([[2 * random.unit() - 1 for _ in range(dim)] for _ in range(rows)])
    score = [sum(v * (t % 5 - 2) for t, v in enumerate(row)) for row in x.tolist()]
    noise = [2 * random.unit() - 1 for _ in range(rows)]
    weight = np.array([random.below(4) for _ in range(rows)], dtype=float)
    y = np.array([label(s, e) for s, e in zip(score, noise)])
    return x, y, weight


SETS = {
    "iris": datasets.load_iris(return_X_y=True),
    "wine": datasets.load_wine(return_X_y=True),
    "diabetes": datasets.load_diabetes(return_X_y=True, scaled=False),
}
X, Y = datasets.load_breast_cancer(return_X_y=True)
SETS["breastCancer"] = (X[:, :10], Y)
X, Y = datasets.load_digits(return_X_y=True)
SETS["digits"] = (X[:300], Y[:300])
RANDOM = random_set(400, 6, 11, lambda score, noise: float(score + noise > 0))


def problem(name, scale, class_weight=None):
    """Features (as the penalty sees them), labels, weights, and what they were divided by."""
    x, y, weight = RANDOM if name == "random" else (*SETS[name], None)
    of_class = {c: len(y) / (len(set(y)) * (y == c).sum()) for c in set(y)}
    if class_weight != "balanced":
        of_class = {c: (class_weight or {}).get(str(int(c)), 1) for c in set(y)}
    whole = np.array([of_class[label] for label in y], dtype=float)
    if weight is not None:
        whole *= weight
    sigma = np.ones(x.shape[1])
    if scale:
        mean = np.average(x, axis=0, weights=whole)
        sigma = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=whole))
    sigma[sigma == 0] = 1
    return x / sigma, y, weight, sigma, of_class, whole.sum()


def answer(name, stage, params, model, x, y, weight, sigma, **fields):
    coefficient = np.atleast_2d(model.coef_) / sigma
    intercept = np.atleast_1d(model.intercept_) if params.get("fitIntercept") else []
    score = model.score(x, y)
    return {
        **{"set": name, "stage": stage, "params": params, **fields},
        **{"coefficient": coefficient.ravel().tolist(), "intercept": list(intercept)},
        "score": score,
    }


def logistic(name, solver, reg, elastic_net=0, scale=False, intercept=True, class_weight=None):
    x, y, weight, sigma, of_class, total = problem(name, scale, class_weight)
    model = LogisticRegression(
        C=1 / (total * reg),
        l1_ratio=elastic_net,
        solver=solver,
        tol=1e-10 if solver == "saga" else 1e-9,
        max_iter=1_000_000,
        fit_intercept=intercept,
        class_weight=None if class_weight is None else of_class,
    ).fit(x, y, sample_weight=weight)
    params = {"reg": reg, "elasticNet": elastic_net, "fitIntercept": intercept}
    params |= {"standardization": scale, "classWeight": class_weight}
    if weight is not None:
        params["weightCol"] = "weight"
    return answer(name, "LogisticRegression", params, model, x, y, weight, sigma)


def svc(name, reg, elastic_net=0, scale=True):
    x, y, weight, sigma, _, total = problem(name, scale)
    model = LinearSVC(
        # Of the squares liblinear takes half of |w|², and all of |w|.
        C=1 / (total * reg),
        penalty="l1" if elastic_net else "l2",
        dual=False,
        tol=1e-10,
        max_iter=1_000_000,
        fit_intercept=False,
    ).fit(x, y, sample_weight=weight)
    params = {"reg": reg, "elasticNet": elastic_net, "standardization": scale}
    params |= {"loss": "squaredHinge"}
    if weight is not None:
        params["weightCol"] = "weight"
    return answer(name, "LinearSVC", params, model, x, y, weight, sigma)


def regression(name, reg, elastic_net=0, scale=False, intercept=True):
    x, y, weight, sigma, _, total = problem(name, scale)
    if reg == 0:
        model = LinearRegression(fit_intercept=intercept)
    elif elastic_net == 0:
        model = Ridge(alpha=total * reg, fit_intercept=intercept, solver="cholesky")
    else:
        options = {"l1_ratio": elastic_net, "tol": 1e-14, "max_iter": 1_000_000}
        model = ElasticNet(alpha=reg, fit_intercept=intercept, **options)
    model.fit(x, y, sample_weight=weight)
    params = {"reg": reg, "elasticNet": elastic_net, "fitIntercept": intercept}
    params |= {"standardization": scale}
    if weight is not None:
        params["weightCol"] = "weight"
    return answer(name, "LinearRegression", params, model, x, y, weight, sigma)


def sign(value):
    return int(value > 0) - int(value < 0)


def factor(loss, margin, y):
    """Loss, and its derivative by the margin."""
    s = 2 * y - 1
    if loss == "squared":
        return 0.5 * (margin - y) ** 2, margin - y
    if loss == "hinge":
        return max(0, 1 - s * margin), -s if 1 - s * margin > 0 else 0
    return math.log(1 + math.exp(-margin * s)), -s / (math.exp(margin * s) + 1)


def mini_batches(stage, loss, rows, batch, max_iter, learning_rate, reg, elastic_net, tol=1e-6):
    """SGD of Flink ML, on one subtask."""
    x, y, weight = random_set(
        rows, 3, 5, lambda s, e: s if loss == "squared" else float(s + e > 0)
    )
    weight = weight + 1
    x = x.tolist()
    c = [0.0] * 3
    losses = []
    offset = 0
    for _ in range(max_iter):
        end = min(offset + batch, rows)
        gradient, total, mass = [0.0] * 3, 0.0, 0.0
        for i in range(offset, end):
            margin = sum(a * b for a, b in zip(x[i], c))
            value, by = factor(loss, margin, y[i])
            total += weight[i] * value
            mass += weight[i]
            gradient = [g + weight[i] * by * v for g, v in zip(gradient, x[i])]
        c = [a - learning_rate / mass * g for a, g in zip(c, gradient)]
        if reg > 0:
            l1, l2 = elastic_net * reg, (1 - elastic_net) * reg
            c = [a - learning_rate * (l1 * sign(a) + l2 * a) for a in c]
        losses.append(float(total / mass))
        offset = 0 if end >= rows else end
        if losses[-1] <= tol:
            break
    params = {"maxIter": max_iter, "globalBatchSize": batch, "learningRate": learning_rate}
    params |= {"reg": reg, "elasticNet": elastic_net, "tol": tol, "weightCol": "weight"}
    result = {"coefficient": [float(a) for a in c], "losses": losses}
    return {"stage": stage, "rows": rows, "params": params, **result}


MODELS = [
    logistic("random", "newton-cholesky", 0.01),
    logistic("random", "newton-cholesky", 0.1, intercept=False),
    logistic("random", "saga", 0.02, 1),
    logistic("random", "saga", 0.02, 0.5, class_weight={"0": 1, "1": 3}),
    logistic("breastCancer", "newton-cholesky", 0.001, scale=True),
    logistic("breastCancer", "newton-cholesky", 0.01, scale=True, class_weight="balanced"),
    logistic("breastCancer", "saga", 0.02, 1, scale=True, intercept=False),
    logistic("breastCancer", "saga", 0.02, 0.3, scale=True, intercept=False),
    logistic("iris", "newton-cholesky", 0.01),
    logistic("iris", "saga", 0.01, 0.5),
    logistic("wine", "newton-cholesky", 0.01, scale=True),
    logistic("digits", "newton-cholesky", 0.1),
    svc("random", 0.05),
    svc("breastCancer", 0.01),
    svc("breastCancer", 0.05, 1),
    regression("random", 0),
    regression("random", 0.05, 0.7),
    regression("diabetes", 0),
    regression("diabetes", 0.1, scale=True),
    regression("diabetes", 2.0, 1, scale=True),
    regression("diabetes", 1.0, 0.5, scale=True),
    regression("diabetes", 0, intercept=False),
]

STEPS = [
    mini_batches("LogisticRegression", "logistic", 37, 8, 12, 0.5, 0, 0.3),
    mini_batches("LogisticRegression", "logistic", 37, 8, 12, 0.5, 0.1, 1),
    mini_batches("LogisticRegression", "logistic", 5, 64, 9, 0.5, 0.1, 0),
    mini_batches("LinearSVC", "hinge", 37, 10, 15, 0.3, 0.05, 0.5),
    mini_batches("LinearSVC", "hinge", 40, 10, 30, 0.9, 0, 0, tol=0.2),
    mini_batches("LinearRegression", "squared", 37, 8, 30, 0.2, 0.1, 0.5),
    mini_batches("LinearRegression", "squared", 37, 8, 40, 0.5, 0, 0, tol=0.001),
]


def compact(values):
    return [int(v) if float(v).is_integer() else float(v) for v in np.ravel(values)]


def main():
    versions = {
        **{"python": platform.python_version(), "numpy": np.__version__},
        "scikit-learn": sklearn.__version__,
    }
    sets = {
        name: {"dim": x.shape[1], "features": compact(x), "label": compact(y)}
        for name, (x, y) in SETS.items()
    }
    data = {"script": "test/golden/make-linear.py", "versions": versions}
    data |= {"sets": sets, "models": MODELS, "steps": STEPS}
    (FOLDER / "linear.json").write_text(json.dumps(data, separators=(",", ":")) + "\n")


main()
