/** What systems are compared on: Flink ML's own configs. */
import type { Case } from './work.js';

/** Sums are added up in another order: their last digits differ. */
const SUMS = 1e-9;
const EXACT = 0;

/**
 * The seed's four. KMeans has no tolerance anywhere: rounds end at maxIter, which is 10, and at full
 * size centroids still move then.
 */
export const CASES: Readonly<Record<string, Case>> = {
  kmeans: { name: 'KMeans', config: 'kmeans-benchmark.json', tolerance: SUMS },
  stringindexer: {
    name: 'StringIndexer',
    config: 'stringindexer-benchmark.json',
    tolerance: EXACT,
  },
  minmaxscaler: {
    name: 'MinMaxScaler',
    config: 'minmaxscaler-benchmark.json',
    tolerance: EXACT,
  },
  onehotencoder: {
    name: 'OneHotEncoder',
    config: 'onehotencoder-benchmark.json',
    tolerance: EXACT,
  },
  'onehotencoder-10m': {
    name: 'OneHotEncoder',
    config: 'onehotencoder-benchmark.json',
    rows: 10_000_000,
    tolerance: EXACT,
  },
};
