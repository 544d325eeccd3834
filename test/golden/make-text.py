"""text.json from scikit-learn; run with `python3 test/golden/make-text.py`.

The documents are not stored: the test makes them with the generator of test/reference/random.ts
(mulberry32), and so does this script.
"""

import json
import math
import pathlib
import platform
import struct

import numpy as np
import sklearn
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.utils import murmurhash3_32

from seeded import Random



def documents(rows, seed):
    """Word k is the rarer the larger k is. Row by row, as in the test."""
    random = Random(seed)
    return [
        [f"w{random.below(1 + random.below(60))}" for _ in range(random.below(20))] for _ in range(rows)
    ]


def vectorizer(**params):
    return CountVectorizer(analyzer=lambda words: words, **params)


def make_counts(docs):
    cases = []
    for min_df, max_df in [(1, 1.0), (5, 1.0), (0.02, 0.3), (3, 60)]:
        counter = vectorizer(min_df=min_df, max_df=max_df)
        counts = counter.fit_transform(docs)
        frequencies = np.asarray((counts > 0).sum(axis=0)).ravel()
        terms = counter.get_feature_names_out()
        ranked = sorted(range(len(terms)), key=lambda i: (-frequencies[i], terms[i]))
        cases.append(
            {
                "minDF": min_df,
                # As a float, 1.0 is all documents in scikit-learn; as a number, one in Flink ML.
                "maxDF": None if max_df == 1.0 else max_df,
                "vocabulary": [terms[i] for i in ranked],
                "sums": [int(counts[:, i].sum()) for i in ranked],
                "first": [[int(n) for n in counts[row, ranked].toarray()[0]] for row in range(4)],
            }
        )
    return cases


def make_idf(docs):
    counts = vectorizer(vocabulary=[f"w{k}" for k in range(60)]).fit_transform(docs)
    transformer = TfidfTransformer(norm=None, smooth_idf=True).fit(counts)
    # scikit-learn adds 1 to what Flink ML calls idf.
    idf = transformer.idf_ - 1
    return {"idf": idf.tolist(), "sums": np.asarray(counts.multiply(idf).sum(axis=1)).ravel().tolist()}


def make_hashes():
    texts = ["", "a", "ab", "abc", "Łódź", "東京", "😀", "HashingTF", "to be or not"]
    ints = [0, 1, -1, 2**31 - 1, -(2**31)]
    doubles = [0.0, -0.0, 1.0, -1.5, math.pi, 1e300, float("inf")]
    hash_of = lambda data: int(murmurhash3_32(data, seed=0, positive=False))
    return {
        "string": [[text, hash_of(text.encode("utf-16-le")) if text else 0] for text in texts],
        "int32": [[n, hash_of(struct.pack("<i", n))] for n in ints],
        "int64": [[n, hash_of(struct.pack("<q", n))] for n in [*ints, 2**53 - 1, -(2**53 - 1)]],
        "float64": [[str(x), hash_of(struct.pack("<d", x))] for x in doubles],
        "float32": [[str(x), hash_of(struct.pack("<f", x))] for x in doubles if abs(x) < 1e38 or math.isinf(x)],
    }


def main():
    rows, seed = 300, 301
    docs = documents(rows, seed)
    versions = {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__}
    data = {
        "script": "test/golden/make-text.py",
        "versions": versions,
        "rows": rows,
        "seed": seed,
        "counts": make_counts(docs),
        "idf": make_idf(docs),
        "hashes": make_hashes(),
    }
    path = pathlib.Path(__file__).parent / "text.json"
    path.write_text(json.dumps(data) + "\n")


main()
