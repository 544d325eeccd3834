/** How fast are fit and transform of the feature stages, against scikit-learn, polars and numpy? */
import { Session } from '../src/index.js';
import { THREADS } from './harness/duel.js';
import { PythonPeer } from './harness/python-peer.js';
import { RawFiles } from './harness/raw-files.js';
import { Report } from './harness/report.js';
import { selected } from './harness/selected.js';
import { compareCategories } from './stages/categories.js';
import { compareFiles } from './stages/files.js';
import { compareHashing } from './stages/hashing.js';
import { compareQuantiles } from './stages/quantiles.js';
import { compareScalers } from './stages/scaling.js';
import { compareStrings } from './stages/strings.js';

const report = new Report(
  import.meta.url,
  'how fast are fit and transform of the feature stages, against scikit-learn, polars and numpy?',
);
const files = new RawFiles();
const python = PythonPeer.start('stages.py', THREADS);

const cases = {
  scalers: compareScalers,
  strings: compareStrings,
  categories: compareCategories,
  hashing: compareHashing,
  quantiles: compareQuantiles,
  files: compareFiles,
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
  'Each call fits and transforms, unless its name says otherwise. Data is in memory before, in the ' +
    'form that each library takes; for the Map, and for Gyre beside it, that is an array of strings. ' +
    'Ratios are of medians. Results are checked: models and samples of scaled rows to 1e-9, codes as ' +
    'mappings, vectors and counts of hashed features entry by entry, quantiles to a few neighbours, ' +
    'sums of columns to 1e-9 and some rows of files.',
);
report.end();
