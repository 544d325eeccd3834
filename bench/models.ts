/** How fast do models learn and predict, against scikit-learn and the JavaScript libraries? */
import { Session } from '../src/index.js';
import { THREADS } from './harness/duel.js';
import { PythonPeer } from './harness/python-peer.js';
import { RawFiles } from './harness/raw-files.js';
import { Report } from './harness/report.js';
import { selected } from './harness/selected.js';
import { compareBayes } from './models/bayes.js';
import { compareKMeans } from './models/kmeans.js';
import { compareLinear } from './models/linear.js';
import { compareNeighbours } from './models/neighbours.js';
import { compareOnline } from './models/online.js';

const report = new Report(
  import.meta.url,
  'how fast do models learn and predict, against scikit-learn and the JavaScript libraries?',
);
const files = new RawFiles();
const python = PythonPeer.start('models.py', THREADS);

const cases = {
  linear: compareLinear,
  kmeans: compareKMeans,
  neighbours: compareNeighbours,
  online: compareOnline,
  bayes: compareBayes,
};

for (const compare of selected(cases)) {
  // New workers for each: what the last ones still hold of their tables is gone with them.
  await using session = new Session({ threads: THREADS });
  await compare({ report, session, files, python });
}

if (python !== null) {
  const { versions } = await python.ask({ do: 'versions' });
  report.remark(`${versions}, each with ${THREADS} threads at most, in a process of its own.`);
  await python.close();
}
files.remove();
report.remark(
  'Data is in memory before, in the form that each library takes. Ratios are of medians. Peers run ' +
    'for as many iterations as they need to the same objective, or from the same start; predictions ' +
    'are compared.',
);
report.end();
