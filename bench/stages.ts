/** How fast are fit and transform of the feature stages, against scikit-learn, polars and numpy? */
import { runCases } from './harness/run-cases.js';
import { compareCategories } from './stages/categories.js';
import { compareFiles } from './stages/files.js';
import { compareHashing } from './stages/hashing.js';
import { compareQuantiles } from './stages/quantiles.js';
import { compareScalers } from './stages/scaling.js';
import { compareStrings } from './stages/strings.js';

await runCases({
  url: import.meta.url,
  question:
    'how fast are fit and transform of the feature stages, against scikit-learn, polars and numpy?',
  peer: 'stages.py',
  cases: {
    scalers: compareScalers,
    strings: compareStrings,
    categories: compareCategories,
    hashing: compareHashing,
    quantiles: compareQuantiles,
    files: compareFiles,
  },
  remark:
    'Each call fits and transforms, unless its name says otherwise. Data is in memory before, in the ' +
    'form that each library takes; for the Map, and for Gyre beside it, that is an array of strings. ' +
    'Ratios are of medians. Results are checked: models and samples of scaled rows to 1e-9, codes as ' +
    'mappings, vectors and counts of hashed features entry by entry, quantiles to a few neighbours, ' +
    'sums of columns to 1e-9 and some rows of files.',
});
