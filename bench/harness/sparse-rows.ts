/** Labelled sparse rows to learn online from: made up, or real flights. */

import { datasetFile } from '../../src/cli/datasets.js';
import { FEATURE_COLUMNS, FLIGHT_COLUMNS, FlightFeatures } from '../../src/cli/flights/features.js';
import { JavaRandom } from '../../src/core/random.js';
import { Column, FeatureHasher, Table, TableStream } from '../../src/index.js';
import { readParquet } from '../../src/io/parquet.js';
import { float64, int32 } from '../../src/table/buffers.js';

/** Size of the vectors. */
export const SIZE = 262_144;
const ENTRIES = 7;

/** Rows as batches of tables with the columns `features` and `label`. */
export interface SparseRows {
  readonly rows: number;
  readonly batches: readonly Table[];
}

/**
 * Rows of seven entries. Few features take most of them, as words and places do: the share of the
 * feature of rank r falls as 1/r. Labels follow a hidden linear model.
 */
export function zipfRows(rows: number, batchRows: number): SparseRows {
  const random = new JavaRandom(20_261_122);
  const weights = Float64Array.from({ length: SIZE }, () => random.nextDouble() - 0.6);
  const batches: Table[] = [];
  const row = new Int32Array(ENTRIES);
  for (let start = 0; start < rows; start += batchRows) {
    const n = Math.min(batchRows, rows - start);
    const [offsets, indices] = [int32(n + 1), int32(n * ENTRIES)];
    const [values, label] = [float64(n * ENTRIES).fill(1), float64(n)];
    for (let i = 0; i < n; i++) {
      let margin = 0;
      for (let e = 0; e < ENTRIES; e++) {
        const rank = Math.floor(SIZE ** random.nextDouble());
        // Ranks are spread over all slots, as hashing does; entries of a row never meet.
        row[e] = ((Math.imul(rank * ENTRIES + e, 0x9e3779b1) >>> 14) & ~7) | e;
        margin += weights[row[e]!]!;
      }
      indices.set(row.sort(), i * ENTRIES);
      offsets[i + 1] = (i + 1) * ENTRIES;
      label[i] = random.nextDouble() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
    }
    const features = Column.sparse(SIZE, offsets, indices, values);
    batches.push(Table.fromColumns({ features, label }));
  }
  return { rows, batches };
}

/** The flights of vega-datasets with hashed features, or null when the package is not there. */
export async function flightRows(rows: number, batchRows: number): Promise<SparseRows | null> {
  let file: string;
  try {
    file = datasetFile('vega-datasets', 'data/flights-3m.parquet');
  } catch {
    return null;
  }
  const flights = new FlightFeatures(rows);
  const hasher = new FeatureHasher({
    inputCols: FEATURE_COLUMNS,
    numFeatures: SIZE,
    outputCol: 'features',
  });
  const batches: Table[] = [];
  let taken = 0;
  for await (const group of readParquet(file, { columns: FLIGHT_COLUMNS })) {
    for (let start = 0; start < group.numRows && taken < rows; start += batchRows) {
      const end = start + Math.min(batchRows, rows - taken);
      const hashed = await hasher.transform(flights.transform(group.slice(start, end)));
      const batch = hashed.select(['features', 'label']);
      batches.push(batch);
      taken += batch.numRows;
    }
    if (taken === rows) break;
  }
  return { rows: taken, batches };
}

export const streamOf = ({ batches }: SparseRows): TableStream => TableStream.from(batches);
