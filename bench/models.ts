/** How fast do models learn and predict, against scikit-learn and the JavaScript libraries? */
import { runCases } from './harness/run-cases.js';
import { compareBayes } from './models/bayes.js';
import { compareIncremental } from './models/incremental.js';
import { compareKMeans } from './models/kmeans.js';
import { compareLinear } from './models/linear.js';
import { compareNeighbours } from './models/neighbours.js';
import { compareOnline } from './models/online.js';

await runCases({
  url: import.meta.url,
  question:
    'how fast do models learn and predict, against scikit-learn and the JavaScript libraries?',
  peer: 'models.py',
  cases: {
    linear: compareLinear,
    kmeans: compareKMeans,
    neighbours: compareNeighbours,
    online: compareOnline,
    incremental: compareIncremental,
    bayes: compareBayes,
  },
  remark:
    'Data is in memory before, in the form that each library takes. Ratios are of medians. Peers run ' +
    'for as many iterations as they need to the same objective, or from the same start; predictions ' +
    'are compared.',
});
