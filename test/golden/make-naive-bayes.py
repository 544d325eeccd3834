"""Golden values of NaiveBayes from scikit-learn: python3 test/golden/make-naive-bayes.py.

Generated inputs are made from seeds with the generator of test/reference/random.ts (mulberry32), here and in
test/golden/naive-bayes.test.ts, with the same operations. Real data are scikit-learn's own, and stand in the file:
iris, wine, and every third of the digits.
"""

import json
import pathlib
import platform
import warnings

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.preprocessing import OrdinalEncoder

from seeded import Random

FOLDER = pathlib.Path(__file__).parent
SHOWN = 12
warnings.filterwarnings("ignore")


def counts(rows, dim, seed):
    """Labels 3, 5, 9 of unequal sizes; counts 0 to 5, more of them for some features of each label."""
    random = Random(seed)
    labels, values, weights = [], [], []
    for _ in range(rows):
        kind = 0 if random.unit() < 0.6 else 1 + random.below(2)
        labels.append([3, 5, 9][kind])
        values.append([random.below(6 if t % 3 == kind else 3) for t in range(dim)])
        weights.append(random.below(4) / 2)
    return np.array(values), np.array(labels), np.array(weights)


def continuous(rows, dim, seed):
    """The same labels; values far from zero whose mean and spread depend on the label."""
    random = Random(seed)
    labels, values, weights = [], [], []
    for _ in range(rows):
        kind = 0 if random.unit() < 0.6 else 1 + random.below(2)
        labels.append([3, 5, 9][kind])
        values.append([1000 * t + kind + (random.unit() + random.unit()) * (1 + (t + kind) % 3) for t in range(dim)])
        weights.append(random.below(4) / 2)
    return np.array(values), np.array(labels), np.array(weights)


def documents(rows, terms, seed):
    """Word counts of documents of three topics, one of them rare; the first terms are frequent."""
    random = Random(seed)
    labels, values = [], np.zeros((rows, terms))
    for i in range(rows):
        topic = 2 if i % 20 == 0 else i % 2
        labels.append(topic)
        for _ in range(20 + random.below(60)):
            term = int(random.unit() * random.unit() * random.unit() * terms)
            values[i, (term + (topic * 7 if random.unit() < 0.3 else 0)) % terms] += 1
    return values, np.array(labels)


MODELS = {
    "categorical": lambda s: CategoricalNB(alpha=s),
    "multinomialCounts": lambda s: MultinomialNB(alpha=s),
    "complement": lambda s: ComplementNB(alpha=s),
    "bernoulli": lambda s: BernoulliNB(alpha=s),
    "gaussian": lambda s: GaussianNB(),
}


def theta(model):
    if isinstance(model, GaussianNB):
        return {"theta": model.theta_.tolist(), "sigma": model.var_.tolist()}
    if isinstance(model, CategoricalNB):
        return {"theta": [[f[l].tolist() for f in model.feature_log_prob_] for l in range(len(model.classes_))]}
    return {"theta": model.feature_log_prob_.tolist()}


def case(kind, rows, dim, seed, smoothing, weighted):
    values, labels, weights = (continuous if kind == "gaussian" else counts)(rows, dim, seed)
    weights = weights if weighted else np.ones(rows)
    # Rows without weight are no rows, also where variances are taken over all of them.
    there = weights > 0
    model = MODELS[kind](smoothing).fit(values[there], labels[there], weights[there])
    # ComplementNB has a prior for a single class only.
    priors = np.zeros(3) if kind == "complement" else getattr(model, "class_log_prior_", None)
    priors = np.log(model.class_prior_) if priors is None else priors
    return {
        "modelType": kind,
        "rows": rows,
        "dim": dim,
        "seed": seed,
        "smoothing": smoothing,
        "weighted": weighted,
        "labels": model.classes_.tolist(),
        "piArray": priors.tolist(),
        **theta(model),
        "raw": model.predict_joint_log_proba(values[:SHOWN]).tolist(),
        "probability": model.predict_proba(values[:SHOWN]).tolist(),
        "correct": int(np.sum(model.predict(values) == labels)),
    }


def text_case(kind, rows, terms, seed):
    values, labels = documents(rows, terms, seed)
    train = rows * 3 // 4
    model = MODELS[kind](0.5).fit(values[:train], labels[:train])
    predictions = model.predict(values[train:])
    correct = int(np.sum(predictions == labels[train:]))
    return {"modelType": kind, "rows": rows, "terms": terms, "seed": seed, "predictions": predictions.tolist(), "correct": correct}


def real_case(kind, values, labels):
    """Trained on two rows of three, asked for the third; categories that were not seen are left out."""
    test = np.arange(len(labels)) % 3 == 2
    train_x, test_x, test_y = values[~test], values[test], labels[test]
    if kind == "categorical":
        encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(train_x)
        train_x, test_x = encoder.transform(train_x), encoder.transform(test_x)
        seen = (test_x >= 0).all(1)
        test_x, test_y = test_x[seen], test_y[seen]
    model = MODELS[kind](1.0).fit(train_x, labels[~test])
    predictions = model.predict(test_x)
    return {"modelType": kind, "predictions": predictions.tolist(), "correct": int(np.sum(predictions == test_y))}


def real(name, load, kinds, step=1):
    data = load()
    values, labels = data.data[::step], data.target[::step]
    whole = bool((values == values.astype(int)).all())
    return {
        "name": name,
        "dim": values.shape[1],
        # Integers of 0 to 35 as one digit each.
        "values": "".join(np.base_repr(v, 36) for v in values.astype(int).ravel()) if whole else values.ravel().tolist(),
        "labels": labels.tolist(),
        "cases": [real_case(kind, values, labels) for kind in kinds],
    }


data = {
    "script": "test/golden/make-naive-bayes.py",
    "versions": {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    },
    "cases": [
        case(kind, rows, dim, seed, smoothing, weighted)
        for kind in MODELS
        for rows, dim, seed, smoothing, weighted in [(300, 7, 401, 1, False), (9_000, 4, 402, 0.25, True)]
    ],
    "text": [text_case(kind, 800, 300, 411) for kind in ["multinomialCounts", "complement", "bernoulli"]],
    "real": [
        real("iris", datasets.load_iris, ["gaussian"]),
        real("wine", datasets.load_wine, ["gaussian"]),
        real("digits", datasets.load_digits, list(MODELS), 3),
    ],
}
text = json.dumps(data, separators=(",", ":"))
(FOLDER / "naive-bayes.json").write_text(text + "\n")
