"""Golden file of encoders from scikit-learn; run with `python3 test/golden/make-encoders.py`.

Inputs are not stored: the tests make them with the generator of test/reference/random.ts
(mulberry32), and so does this script.
"""

import json
import pathlib
import platform

import numpy as np
import sklearn
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from seeded import Random

FOLDER = pathlib.Path(__file__).parent
LETTERS = "abzAZ09 éßЖ京"


def words(rows, letters, seed):
    """Words of up to `letters` letters. Word by word, letter by letter, as in the test."""
    random = Random(seed)
    return ["".join(LETTERS[random.below(len(LETTERS))] for _ in range(random.below(letters + 1))) for _ in range(rows)]


def make_ordinal():
    rows, letters, seed = 6000, 3, 301
    values = words(rows, letters, seed)
    half = np.array(values[: rows // 2], dtype=object).reshape(-1, 1)
    encoder = OrdinalEncoder().fit(half)
    categories = encoder.categories_[0].tolist()
    # What is not known has the next number, as with handleInvalid 'keep'.
    keeping = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=len(categories)).fit(half)
    codes = keeping.transform(np.array(values, dtype=object).reshape(-1, 1))[:, 0].astype(int)
    return {
        "rows": rows,
        "letters": letters,
        "seed": seed,
        "categories": categories,
        "unknown": int((codes == len(categories)).sum()),
        "codes": codes.tolist(),
    }


def make_one_hot():
    rows, categories, seed = 5000, [7, 30], 302
    random = Random(seed)
    values = np.array([[random.below(end) for end in categories] for _ in range(rows)])
    encoder = OneHotEncoder(categories=[np.arange(end) for end in categories])
    cases = {}
    for name, drop in [("all", None), ("dropLast", [end - 1 for end in categories])]:
        matrix = OneHotEncoder(categories=encoder.categories, drop=drop).fit_transform(values).tocsr()
        matrix.sort_indices()
        cases[name] = {
            "shape": list(matrix.shape),
            "offsets": matrix.indptr.tolist(),
            "indices": matrix.indices.tolist(),
        }
    return {"rows": rows, "categories": categories, "seed": seed, **cases}


versions = {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__}
data = {
    "script": "test/golden/make-encoders.py",
    "versions": versions,
    "letters": LETTERS,
    "ordinal": make_ordinal(),
    "oneHot": make_one_hot(),
}
(FOLDER / "encoders.json").write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")
