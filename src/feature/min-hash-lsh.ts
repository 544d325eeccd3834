/** MinHashLSH: draws hash functions by which near sets are found. */
import { abortError, DataError } from '../core/errors.js';
import { int, nullable, type ParamOptions, type ParamTable } from '../core/params.js';
import { JavaRandom } from '../core/random.js';
import { requireRows, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, sharedParams } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import { MIN_HASH_PRIME } from './min-hash.js';
import {
  MinHashLSHModel,
  type MinHashLSHModelParams,
  minHashLSHModelParams,
} from './min-hash-lsh-model.js';

const WHO = 'MinHashLSH.fit';
/** The seed of Flink ML when none is given: the hash of its class's name. */
const DEFAULT_SEED = -1_229_568_175;

/** Params of {@link MinHashLSH}. */
export interface MinHashLSHParams extends MinHashLSHModelParams {
  /** Seed of the hash functions, an integer. **Default:** -1229568175, which null means too. */
  readonly seed: number | null;
  /** Hash tables, >= 1: with more of them, more near pairs are found. **Default:** 1. */
  readonly numHashTables: number;
  /** Hash functions of a table, >= 1: with more, fewer far pairs are. **Default:** 1. */
  readonly numHashFunctionsPerTable: number;
}

const minHashLSHParams: ParamTable<MinHashLSHParams> = {
  ...minHashLSHModelParams,
  seed: { ...nullable(int(0)), default: DEFAULT_SEED },
  numHashTables: int(1, { min: 1 }),
  numHashFunctionsPerTable: int(1, { min: 1 }),
};

/**
 * Locality-sensitive hashing of sets for the Jaccard distance, 1 - |A ∩ B| / |A ∪ B|.
 *
 * `fit` draws tables · functions pairs a in [1, P), b in [0, P - 1), P = 2038074743, with
 * `java.util.Random`: the functions of Flink ML, and of Spark with one function a table, for the
 * same seed. It looks at nothing but the size of the vectors. What they do, and the search for near
 * rows, is in {@link MinHashLSHModel}.
 *
 * Vectors are sets of the indices that they store; null is an error. Differences from Flink ML:
 * `approxNearestNeighbors` gives exactly the k nearest of the candidates, in order of distance;
 * ids of a join may be of any type.
 *
 * @see MinHashLSH of Flink ML; Broder, On the resemblance and containment of documents, 1997.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([
 *   { id: 0, input: Vectors.sparse(6, [0, 1, 2], [1, 1, 1]) },
 *   { id: 1, input: Vectors.sparse(6, [2, 3, 4], [1, 1, 1]) },
 *   { id: 2, input: Vectors.sparse(6, [0, 2, 4], [1, 1, 1]) },
 * ]);
 * const model = await new MinHashLSH({ seed: 2022, numHashTables: 5 }).fit(table);
 * const key = Vectors.sparse(6, [1, 3], [1, 1]);
 * const near = await model.approxNearestNeighbors(table, key, 2);
 * console.log(near.column('id').toArray(), near.column('distCol').toArray()); // [0, 1] [0.75, 0.75]
 * const pairs = await model.approxSimilarityJoin(table, table, 0.5, 'id');
 * console.log(pairs.row(1)); // { 'datasetA.id': 0, 'datasetB.id': 2, distCol: 0.5 }
 * ```
 */
export class MinHashLSH extends Estimator<MinHashLSHParams, MinHashLSHModel> {
  static readonly className = 'MinHashLSH';
  static readonly params: ParamTable<MinHashLSHParams> = minHashLSHParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<MinHashLSH> {
    return loadAs(MinHashLSH, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<MinHashLSHParams>): MinHashLSH {
    return new MinHashLSH(params);
  }

  /** @throws DataError `ERR_GYRE_DATA` for no rows, null, or vectors that are too large. */
  protected override async fitTable(table: Table, options: FitOptions): Promise<MinHashLSHModel> {
    const { inputCol, seed, numHashTables, numHashFunctionsPerTable } = this.params;
    const column = vectorColumn(WHO, table, inputCol);
    requireRows(WHO, table);
    const size = column.layout === 'dense' ? column.dim : column.size;
    if (size > MIN_HASH_PRIME) {
      throw new DataError(
        `${WHO}: column "${inputCol}" must have vectors of size <= ${MIN_HASH_PRIME}, got ${size}.`,
        { details: { column: inputCol, got: size, expected: MIN_HASH_PRIME } },
      );
    }
    const random = new JavaRandom(seed ?? DEFAULT_SEED);
    const count = numHashTables * numHashFunctionsPerTable;
    const [a, b] = [new Int32Array(count), new Int32Array(count)];
    for (let k = 0; k < count; k++) {
      a[k] = 1 + random.nextInt(MIN_HASH_PRIME - 1);
      b[k] = random.nextInt(MIN_HASH_PRIME - 1);
    }
    // Drawing takes no time, but who aborts in the turn of the call must not get a model.
    await null;
    if (options.signal?.aborted) throw abortError(WHO, options.signal);
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return new MinHashLSHModel(sharedParams(this.params, minHashLSHModelParams)).setModelData({
      numHashTables,
      numHashFunctionsPerTable,
      randCoefficientA: a,
      randCoefficientB: b,
    });
  }
}
