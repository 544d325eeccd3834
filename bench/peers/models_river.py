"""Online logistic regression by river: FTRL, a row at a time."""

from math import log

import numpy as np
import river
from peer import serve, timed
from river import linear_model, optim

#: Rates that it may choose from, by its log-loss.
ALPHAS = [0.3, 3]


class OneByOne:
    def __init__(self, indices, labels, entries, rows):
        indices = np.fromfile(indices, np.int32, rows * entries).reshape(-1, entries)
        labels = np.fromfile(labels, count=rows)
        self.rows = [
            (dict.fromkeys(row, 1.0), label > 0)
            for row, label in zip(indices.tolist(), labels.tolist())
        ]

    def make(self):
        return linear_model.LogisticRegression(
            optim.FTRLProximal(alpha=self.alpha, beta=4, l1=0, l2=0), intercept_lr=0
        )

    def run(self):
        model = self.make()

        def learn():
            for features, label in self.rows:
                model.learn_one(features, label)

        seconds, _ = timed(learn)
        return {"fit": seconds}

    def facts(self):
        best = None
        for self.alpha in ALPHAS:
            model, total = self.make(), 0.0
            for features, label in self.rows:
                p = model.predict_proba_one(features)[label]
                total -= log(min(max(p, 1e-15), 1 - 1e-15))
                model.learn_one(features, label)
            loss = total / len(self.rows)
            if best is None or loss < best[0]:
                best = (loss, self.alpha)
        self.alpha = best[1]
        return {"logLoss": best[0], "alpha": self.alpha}


serve({"oneByOne": OneByOne}, [("river", river)])
