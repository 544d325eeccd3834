"""Online logistic regression by Vowpal Wabbit, one pass over its cache of hashed rows."""

import os

import numpy as np
import vowpalwabbit
from peer import serve, timed
from vowpalwabbit import Workspace

#: Steps that it may choose from, by its log-loss: its own, and FTRL as Gyre's.
SETTINGS = ["", "--ftrl --ftrl_alpha 3 --ftrl_beta 4", "--ftrl --ftrl_alpha 0.3 --ftrl_beta 1"]


class OnePass:
    def __init__(self, indices, labels, size, entries, folder):
        # Names of digits are their own hashes; neither a constant, as in Gyre's rows.
        bits = int(np.log2(size))
        indices = np.fromfile(indices, np.int32).reshape(-1, entries)
        labels = np.fromfile(labels)
        text = os.path.join(folder, "rows.vw")
        self.always = (
            f"-d {text} --cache_file {text}.cache --loss_function logistic --noconstant"
            f" -b {bits} --quiet"
        )
        with open(text, "w", encoding="ascii") as file:
            for row, label in zip(indices.tolist(), labels.tolist()):
                file.write(f"{1 if label > 0 else -1} | {' '.join(map(str, row))}\n")
        # The first pass writes the cache, which the others read.
        Workspace(self.always).finish()
        self.rows = len(labels)

    def learn(self):
        """Workspace learns what it is pointed at while it is made."""
        return Workspace(f"{self.always} {self.settings}")

    def run(self):
        seconds, learned = timed(self.learn)
        self.count = learned.get_weighted_examples()
        learned.finish()
        if self.count != self.rows:
            raise ValueError(f"{self.count} rows, expected {self.rows}")
        return {"fit": seconds}

    def facts(self):
        best = None
        for self.settings in SETTINGS:
            learned = self.learn()
            loss = learned.get_sum_loss() / learned.get_weighted_examples()
            learned.finish()
            if best is None or loss < best[0]:
                best = (loss, self.settings)
        self.settings = best[1]
        return {"logLoss": best[0], "settings": self.settings or "its defaults"}


serve({"onePass": OnePass}, [("Vowpal Wabbit", vowpalwabbit)])
