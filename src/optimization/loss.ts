/** Losses of linear models: their sums over rows, with their gradients. */
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, toScratch, withScratch, zeros } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { classesByRow, classesBySide, paddedClasses } from './loss-layout.js';

/**
 * What a row costs, by its margin m = x·c + intercept and its label y:
 *
 * - `logistic`: log(1 + eᵐ) - y·m, y in [0, 1];
 * - `hinge`: max(0, 1 - s·m), s = 2y - 1, y 0 or 1;
 * - `squaredHinge`: max(0, 1 - s·m)²;
 * - `squared`: (m - y)²/2;
 * - `multinomial`: log Σₖ exp(mₖ) - m_y, a margin for each class, y a class number 0, 1, ...
 */
export type LossName = 'logistic' | 'hinge' | 'squaredHinge' | 'squared' | 'multinomial';

/** Columns of a shard that a loss reads. */
export interface LossColumns {
  /** Vectors: dense, of 64-bit or 32-bit floats, or sparse. */
  readonly featuresCol: string;
  /** float64. */
  readonly labelCol: string;
  /** float64; null: every row weighs 1. */
  readonly weightCol: string | null;
}

export interface LossParams extends LossColumns {
  readonly loss: LossName;
  readonly dim: number;
  /** 1, or the number of classes of `multinomial`. */
  readonly classes: number;
  readonly fitIntercept: boolean;
}

/** Sums over some rows, each times the row's weight. */
export interface LossSum {
  loss: number;
  weight: number;
  /** As the parameters: classes × (dim + fitIntercept), row-major, the intercept last. */
  gradient: Float64Array;
}

/** The columns that a loss reads, of the rows `[start, end)`. */
export interface LossRows {
  readonly rows: number;
  readonly features: DenseVectorColumn | SparseVectorColumn;
  readonly labels: Float64Array;
  readonly weights: Float64Array | null;
}

/** Numbers of the losses of one margin, as the kernels know them. */
const KINDS = { logistic: 0, hinge: 1, squaredHinge: 2, squared: 3 } as const;

/** Bytes of rows that are worked on at a time: they stay in a core's first cache, or its second. */
const LINEAR_BLOCK = 8 * 1024;
const MULTINOMIAL_BLOCK = 128 * 1024;
/** Margins are made four at a time, and beyond this many a longer block gains nothing. */
const MIN_BLOCK_ROWS = 4;
const MAX_BLOCK_ROWS = 256;

function blockRows(bytes: number, dim: number): number {
  const fours = Math.floor(bytes / (32 * Math.max(dim, 1)));
  return Math.min(Math.max(4 * fours, MIN_BLOCK_ROWS), MAX_BLOCK_ROWS);
}

/** The rows `[start, end)` of a shard. */
export function lossRows(shard: Shard, start: number, end: number, columns: LossColumns): LossRows {
  const { featuresCol, labelCol, weightCol } = columns;
  const { table } = shard;
  const numbers = (name: string) => {
    const values = table.column(name, 'float64').values as Float64Array;
    return values.subarray(start, end);
  };
  return {
    rows: end - start,
    features: table.column(featuresCol, 'vector', 'sparseVector').slice(start, end),
    labels: numbers(labelCol),
    weights: weightCol === null ? null : numbers(weightCol),
  };
}

/**
 * Sums over the rows `[start, end)` of a shard, in one pass over their features.
 *
 * @param parameters classes × (dim + fitIntercept), row-major, the intercept last in each row.
 *   Nothing overflows that is not infinite itself, whatever the margins.
 * @param params `dim` is that of the features; labels of `multinomial` are integers in
 *   [0, classes): the caller has looked at them.
 */
export function lossSum(
  shard: Shard,
  start: number,
  end: number,
  parameters: Float64Array,
  params: LossParams,
  scope: KernelScope,
): LossSum {
  const rows = lossRows(shard, start, end, params);
  return withScratch(scope, () => {
    const { sum } = scope.kernels.exports;
    const weights = rows.weights === null ? 0 : addressOf(rows.weights, scope);
    const weight = weights === 0 ? rows.rows : sum(rows.rows, weights);
    const of = params.loss === 'multinomial' ? multinomialSum : linearSum;
    return { ...of(rows, weights, parameters, params, scope), weight };
  });
}

type Summed = Pick<LossSum, 'loss' | 'gradient'>;

function linearSum(
  { rows, features, labels: y }: LossRows,
  weights: number,
  parameters: Float64Array,
  { loss, dim, fitIntercept }: LossParams,
  scope: KernelScope,
): Summed {
  const { arena, kernels } = scope;
  const kind = KINDS[loss as keyof typeof KINDS];
  const labels = addressOf(y, scope);
  const at = toScratch(scope, parameters);
  const gradient = zeros(scope, parameters.length);
  const intercept = fitIntercept ? 1 : 0;
  const summed = (value: number): Summed => ({
    loss: value,
    gradient: arena.f64(gradient, parameters.length).slice(),
  });
  const values = addressOf(features.values, scope);
  if (features.layout === 'sparse') {
    const [offsets, indices] = [
      addressOf(features.offsets, scope),
      addressOf(features.indices, scope),
    ];
    const block = MAX_BLOCK_ROWS;
    const scratch = arena.scratch((block + 1) * 8);
    return summed(
      kernels.exports.linearLossSparse(
        ...([kind, rows, dim, offsets, indices, values, labels, weights] as const),
        ...([at, intercept, gradient, block, scratch] as const),
      ),
    );
  }
  const width = features.values.BYTES_PER_ELEMENT;
  const block = blockRows(LINEAR_BLOCK, dim);
  const scratch = arena.scratch((block + 1 + (width === 4 ? 1 + block * dim : 0)) * 8);
  return summed(
    kernels.exports.linearLoss(
      ...([kind, rows, dim, width, values, labels, weights] as const),
      ...([at, intercept, gradient, block, scratch] as const),
    ),
  );
}

function multinomialSum(
  { rows, features, labels: y }: LossRows,
  weights: number,
  parameters: Float64Array,
  params: LossParams,
  scope: KernelScope,
): Summed {
  const { arena, kernels } = scope;
  const { dim } = params;
  const classes = paddedClasses(params);
  const labels = addressOf(y, scope);
  const at = arena.scratch((dim + 1) * classes * 8);
  classesBySide(parameters, params, arena.f64(at, (dim + 1) * classes));
  const gradient = zeros(scope, (dim + 1) * classes);
  const summed = (loss: number): Summed => ({
    loss,
    gradient: classesByRow(arena.f64(gradient, (dim + 1) * classes), params),
  });
  const values = addressOf(features.values, scope);
  if (features.layout === 'sparse') {
    const [offsets, indices] = [
      addressOf(features.offsets, scope),
      addressOf(features.indices, scope),
    ];
    const scratch = arena.scratch(classes * 8);
    return summed(
      kernels.exports.multinomialLossSparse(
        ...([rows, dim, classes, offsets, indices, values, labels, weights] as const),
        ...([at, gradient, scratch] as const),
      ),
    );
  }
  const width = features.values.BYTES_PER_ELEMENT;
  const block = blockRows(MULTINOMIAL_BLOCK, dim);
  const scratch = arena.scratch(block * (classes + (width === 4 ? dim : 0)) * 8);
  return summed(
    kernels.exports.multinomialLoss(
      ...([rows, dim, classes, width, values, labels, weights] as const),
      ...([at, gradient, block, scratch] as const),
    ),
  );
}

/** Adds `b` to `a`, which is changed. */
export function addLossSums(a: LossSum, b: LossSum): LossSum {
  const { gradient } = a;
  for (let i = 0; i < gradient.length; i++) gradient[i]! += b.gradient[i]!;
  a.loss += b.loss;
  a.weight += b.weight;
  return a;
}
