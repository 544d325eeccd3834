"""Writes sets.json and small.json: scikit-learn's data sets, and what its models make of them.

  python3 test/real-data/make-small.py    (numpy, scipy, scikit-learn)

Iris, wine and diabetes stand in test/golden/linear.json already; sets.json has the other two. A case says which
stages of Gyre are to give the same, as [class, params].
"""

import json

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn import datasets
from sklearn.cluster import KMeans
from sklearn.feature_selection import f_classif
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import KBinsDiscretizer, PolynomialFeatures
from sklearn.svm import LinearSVC

from answers import GOLDEN, by_neighbours, classified, held_out, purity, standardized, write

DIGITS = "0123456789abcdefg"


def stored_sets():
    cancer, digits = datasets.load_breast_cancer(), datasets.load_digits()
    few = slice(0, 1200)
    return {
        "breastCancer": {"dim": 30, "features": cancer.data.ravel().tolist(), "label": cancer.target.tolist()},
        # Pixels are integers from 0 to 16, one character each.
        "digits": {
            "dim": 64,
            "features": ["".join(DIGITS[int(v)] for v in row) for row in digits.data[few]],
            "label": digits.target[few].tolist(),
        },
    }


def load(stored):
    sets = {**stored, **{name: json.loads((GOLDEN / "linear.json").read_text())["sets"][name]
                         for name in ("iris", "wine", "diabetes")}}
    for name, data in sets.items():
        features = data["features"]
        if name == "digits":
            features = [[DIGITS.index(c) for c in row] for row in features]
        x = np.array(features, dtype=float).reshape(-1, data["dim"])
        y = np.array(data["label"], dtype=float)
        out = held_out(len(y))
        yield name, (x[~out], y[~out], x[out], y[out])


SCALER = ["StandardScaler", {"withMean": True, "inputCol": "features", "outputCol": "scaled"}]
EXACT = {"solver": "lbfgs", "maxIter": 1000, "tol": 1e-12, "featuresCol": "scaled"}


def logistic(x, y, x2, y2, reg):
    model = LogisticRegression(C=1 / (len(y) * reg), solver="newton-cholesky", tol=1e-10, max_iter=1000)
    return classified(model.fit(x, y), x2, y2)


def bayes(model, x, y, x2, y2):
    return classified(model.fit(x, y), x2, y2)


def classifiers(name, x, y, x2, y2):
    z, z2 = standardized(x, x2)
    case = lambda stages, answer: {"set": name, "stages": stages, **answer}
    yield case(
        [SCALER, ["LogisticRegression", {**EXACT, "reg": 0.01, "fitIntercept": True}]],
        logistic(z, y, z2, y2, 0.01),
    )
    yield case(
        [["NaiveBayes", {"modelType": "gaussian", "rawPredictionCol": "scores"}]],
        bayes(GaussianNB(), x, y, x2, y2),
    )
    neighbours = KNeighborsClassifier(5, algorithm="brute").fit(z, y)
    yield case([SCALER, ["Knn", {"k": 5, "featuresCol": "scaled", "rawPredictionCol": "shares"}]], by_neighbours(neighbours, z2, y2))
    if name in ("iris", "wine"):
        bins = KBinsDiscretizer(5, strategy="uniform", encode="ordinal").fit(x)
        b, b2 = bins.transform(x).astype(int), bins.transform(x2).astype(int)
        assert all(len(np.unique(column)) == 5 for column in b.T)
        yield case(
            [
                ["KBinsDiscretizer", {"strategy": "uniform", "numBins": 5, "inputCol": "features", "outputCol": "bins"}],
                ["NaiveBayes", {"modelType": "categorical", "featuresCol": "bins", "rawPredictionCol": "scores"}],
            ],
            bayes(CategoricalNB(), b, y, b2, y2),
        )
    if name == "digits":
        present, present2 = (x > 0).astype(float), (x2 > 0).astype(float)
        for kind, model, known, other in [
            ("multinomialCounts", MultinomialNB(), x, x2),
            ("bernoulli", BernoulliNB(), present, present2),
            ("complement", ComplementNB(), x, x2),
        ]:
            yield case(
                [["NaiveBayes", {"modelType": kind, "rawPredictionCol": "scores"}]],
                bayes(model, known, y, other, y2),
            )
    if name == "breastCancer":
        yield from two_classes(case, x, z, y, x2, z2, y2)


def two_classes(case, x, z, y, x2, z2, y2):
    model = LinearSVC(C=1 / (len(y) * 0.01), dual=False, fit_intercept=False, tol=1e-10, max_iter=100_000)
    svc = {**EXACT, "loss": "squaredHinge", "reg": 0.01}
    yield case([SCALER, ["LinearSVC", svc]], classified(model.fit(z, y), z2, y2))
    best = np.sort(np.argsort(-f_classif(x, y)[0])[:6])
    selector = {"featureType": "continuous", "labelType": "categorical", "selectionMode": "numTopFeatures"}
    selector |= {"selectionThreshold": 6, "featuresCol": "scaled", "outputCol": "selected"}
    stages = [SCALER, ["UnivariateFeatureSelector", selector]]
    stages.append(["LogisticRegression", {**EXACT, "featuresCol": "selected", "reg": 0.01, "fitIntercept": True}])
    yield case(stages, logistic(z[:, best], y, z2[:, best], y2, 0.01))


def regressors(name, x, y, x2, y2):
    z, z2 = standardized(x, x2)
    n = len(y)
    case = lambda stages, model, known, other: {
        **{"set": name, "stages": stages, "of": len(y2)},
        "r2": float(model.fit(known, y).score(other, y2)),
    }
    linear = lambda **params: ["LinearRegression", {**EXACT, "fitIntercept": True, **params}]
    yield case([SCALER, linear()], LinearRegression(), z, z2)
    yield case([SCALER, linear(reg=0.1)], Ridge(0.1 * n), z, z2)
    lasso = ElasticNet(alpha=1.0, l1_ratio=1, tol=1e-13, max_iter=1_000_000)
    yield case([SCALER, linear(reg=1.0, elasticNet=1)], lasso, z, z2)
    net = ElasticNet(alpha=0.5, l1_ratio=0.4, tol=1e-13, max_iter=1_000_000)
    yield case([SCALER, linear(reg=0.5, elasticNet=0.4)], net, z, z2)
    terms = PolynomialFeatures(2, include_bias=False)
    expansion = ["PolynomialExpansion", {"degree": 2, "inputCol": "scaled", "outputCol": "terms"}]
    p, p2 = terms.fit_transform(z), terms.transform(z2)
    yield case([SCALER, expansion, linear(featuresCol="terms", reg=2.0)], Ridge(2.0 * n), p, p2)
    for weighting in ("uniform", "distance"):
        model = KNeighborsRegressor(10, weights=weighting, algorithm="brute")
        stage = ["KnnRegression", {"k": 10, "weighting": weighting, "featuresCol": "scaled"}]
        yield case([SCALER, stage], model, z, z2)


def clusterings(name, x, y):
    z, _ = standardized(x, x)
    k = len(np.unique(y))
    model = KMeans(k, init=z[:k], n_init=1, max_iter=300, tol=0).fit(z)
    answer = {"cost": float(model.inertia_), "pure": purity(y, model.labels_)}
    yield {"set": name, "k": k, "start": "first", **answer}
    costs = [KMeans(k, n_init=1, max_iter=300, tol=0, random_state=s).fit(z).inertia_ for s in range(100)]
    yield {"set": name, "k": k, "start": "k-means++", "best": min(costs), "third": float(np.quantile(costs, 0.75))}
    for how in ("ward", "average", "complete", "single"):
        clusters = fcluster(linkage(z, how), k, "maxclust")
        sizes = sorted(np.bincount(clusters)[1:].tolist(), reverse=True)
        yield {"set": name, "k": k, "linkage": how, "sizes": sizes, "pure": purity(y, clusters)}


def main():
    stored = stored_sets()
    cases, clusters = [], []
    for name, (x, y, x2, y2) in load(stored):
        if name == "diabetes":
            cases += regressors(name, x, y, x2, y2)
            continue
        cases += classifiers(name, x, y, x2, y2)
        clusters += clusterings(name, x, y)
    write("sets.json", "make-small.py", {"sets": stored})
    write("small.json", "make-small.py", {"cases": cases, "clusterings": clusters})


if __name__ == "__main__":
    main()
