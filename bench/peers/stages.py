"""What bench/stages.ts measures Gyre against: scikit-learn, polars and numpy."""

import numpy as np
import polars as pl
import sklearn
from peer import read_json, serve, timed
from sklearn import preprocessing
from sklearn.feature_extraction import FeatureHasher as SklearnFeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer as SklearnHashingVectorizer
from sklearn.utils import murmurhash3_32


class Scaling:
    """Fits and transforms a matrix."""

    def __init__(self, file, rows, dim):
        self.x = np.fromfile(file).reshape(rows, dim)
        self.output = None

    def run(self):
        # Before the clock: the last output is not the work of this run.
        self.output = None
        scaler = self.scaler()
        fit, _ = timed(lambda: scaler.fit(self.x))
        transform, self.output = timed(lambda: scaler.transform(self.x))
        self.fitted = scaler
        return {"fit": fit, "transform": transform}


class StandardScaler(Scaling):
    scaler = preprocessing.StandardScaler

    def facts(self, sample):
        # Its variance is that of all rows (n), Gyre's that of a sample of more (n - 1).
        n = len(self.x)
        biased = np.sqrt((n - 1) / n)
        return {
            "mean": self.fitted.mean_.tolist(),
            "std": (self.fitted.scale_ / biased).tolist(),
            "output": (self.output[sample] * biased).ravel().tolist(),
        }


class MinMaxScaler(Scaling):
    scaler = preprocessing.MinMaxScaler

    def facts(self, sample):
        return {
            "minVector": self.fitted.data_min_.tolist(),
            "maxVector": self.fitted.data_max_.tolist(),
            "output": self.output[sample].ravel().tolist(),
        }


def is_mapping(left, right):
    """Whether codes stand for each other: one to one, in every row."""
    left, right = left.astype(np.int64), right.astype(np.int64)
    there = np.full(left.max() + 1, -1)
    there[left] = right
    back = np.full(right.max() + 1, -1)
    back[right] = left
    return bool((there[left] == right).all() and (back[right] == left).all())


class Categorical:
    """polars: strings to codes of categories."""

    def __init__(self, labels, codes, indices, rows):
        labels = pl.Series(read_json(labels), dtype=pl.String)
        self.strings = labels.gather(np.fromfile(codes, np.int32, rows)).rechunk()
        self.indices = np.fromfile(indices, np.float64, rows)
        self.output = None

    def run(self):
        self.output = None
        cast, self.output = timed(lambda: self.strings.cast(pl.Categorical))
        return {"cast": cast}

    def facts(self):
        return {"same": is_mapping(self.indices, self.output.to_physical().to_numpy())}


class OrdinalEncoder:
    """scikit-learn: strings to ordinals."""

    def __init__(self, labels, codes, indices, rows):
        labels = np.array(read_json(labels), dtype=object)
        self.strings = labels[np.fromfile(codes, np.int32, rows)].reshape(-1, 1)
        self.indices = np.fromfile(indices, np.float64, rows)
        self.output = None

    def run(self):
        self.output = None
        encoder = preprocessing.OrdinalEncoder()
        fit, _ = timed(lambda: encoder.fit(self.strings))
        transform, self.output = timed(lambda: encoder.transform(self.strings))
        return {"fit": fit, "transform": transform}

    def facts(self):
        return {"same": is_mapping(self.indices, self.output.ravel())}


class OneHotEncoder:
    """scikit-learn: categories to sparse vectors."""

    def __init__(self, file):
        self.x = np.fromfile(file).reshape(-1, 1)
        self.output = None

    def run(self):
        self.output = None
        encoder = preprocessing.OneHotEncoder()
        fit, _ = timed(lambda: encoder.fit(self.x))
        transform, self.output = timed(lambda: encoder.transform(self.x))
        return {"fit": fit, "transform": transform}

    def facts(self, indices):
        same = np.array_equal(self.output.indices, np.fromfile(indices, np.int32))
        return {"same": bool(same and (self.output.data == 1).all())}


class Hashing:
    """Tokens of rows to counts of hashed features; for the check, also to slots by Gyre's rule."""

    def __init__(self, labels, codes, tokens, features):
        self.features = features
        self.codes = np.fromfile(codes, np.int32).reshape(-1, tokens)
        self.names = self.names_of(read_json(labels), tokens)
        rows = np.empty(self.codes.shape, dtype=object)
        for t, names in enumerate(self.names):
            rows[:, t] = np.array(names, dtype=object)[self.codes[:, t]]
        self.rows = rows.tolist()
        self.output = None

    def run(self):
        self.output = None
        hasher = self.hasher()
        transform, self.output = timed(lambda: hasher.transform(self.rows))
        return {"transform": transform}

    def facts(self, totals):
        want = np.zeros(self.features)
        for t, names in enumerate(self.names):
            hashes = [murmurhash3_32(name.encode("utf-16-le"), seed=0) for name in names]
            slots = self.slots(np.array(hashes, np.int64))
            want += np.bincount(slots[self.codes[:, t]], minlength=self.features)
        same = np.array_equal(want, np.fromfile(totals))
        return {"sum": float(self.output.sum()), "same": bool(same)}


class HashingVectorizer(Hashing):
    def names_of(self, labels, tokens):
        return [labels] * tokens

    def hasher(self):
        return SklearnHashingVectorizer(
            analyzer=tokens_of, n_features=self.features, alternate_sign=False, norm=None
        )

    def slots(self, hashes):
        return hashes % self.features


def tokens_of(row):
    return row


class FeatureHasher(Hashing):
    def names_of(self, labels, tokens):
        return [[f"c{t}={label}" for label in labels] for t in range(tokens)]

    def hasher(self):
        return SklearnFeatureHasher(self.features, input_type="string", alternate_sign=False)

    def slots(self, hashes):
        return np.abs(hashes) % self.features


class Percentile:
    def __init__(self, file, percentiles):
        self.x = np.fromfile(file)
        self.percentiles = percentiles

    def run(self):
        fit, self.output = timed(lambda: np.percentile(self.x, self.percentiles))
        return {"fit": fit}

    def facts(self):
        return {"values": self.output.tolist()}


class File:
    """polars: a file to a table. It is written here, by polars with its defaults."""

    READ = {"csv": pl.read_csv, "parquet": pl.read_parquet}

    def __init__(self, columns, path, format, values=None, labels=None, codes=None):
        if values is not None:
            data = np.fromfile(values).reshape(columns, -1)
            frame = pl.DataFrame({f"c{c}": column for c, column in enumerate(data)})
        else:
            names = pl.Series(read_json(labels), dtype=pl.String)
            data = np.fromfile(codes, np.int32).reshape(columns, -1)
            frame = pl.DataFrame({f"c{c}": names.gather(column) for c, column in enumerate(data)})
        if format == "csv":
            frame.write_csv(path)
        else:
            frame.write_parquet(path)
        self.path = path
        self.read = self.READ[format]
        self.output = None

    def run(self):
        self.output = None
        read, self.output = timed(lambda: self.read(self.path))
        return {"read": read}

    def facts(self):
        frame = self.output
        is_text = frame.dtypes[0] == pl.String
        amounts = frame.select(pl.all().str.len_chars() if is_text else pl.all())
        rows = [int((i + 0.5) * frame.height / 10) for i in range(10)]
        return {
            "rows": frame.height,
            "sums": [float(amounts[name].cast(pl.Float64).sum()) for name in frame.columns],
            "sample": [[row, frame.row(row)] for row in rows],
        }


CASES = {
    "StandardScaler": StandardScaler,
    "MinMaxScaler": MinMaxScaler,
    "Categorical": Categorical,
    "OrdinalEncoder": OrdinalEncoder,
    "OneHotEncoder": OneHotEncoder,
    "HashingVectorizer": HashingVectorizer,
    "FeatureHasher": FeatureHasher,
    "percentile": Percentile,
    "file": File,
}

if __name__ == "__main__":
    serve(CASES, [("NumPy", np), ("scikit-learn", sklearn), ("polars", pl)])
