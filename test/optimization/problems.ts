/** Rows to learn from, made from seeds. */
import { Column, Table } from '../../src/index.js';
import type { LossName, LossParams } from '../../src/optimization/loss.js';
import { seeded } from '../reference/random.js';

export type Layout = 'dense' | 'float32' | 'sparse';

export interface Problem {
  readonly table: Table;
  readonly params: LossParams;
  readonly rows: number;
  readonly x: Float64Array;
}

export interface ProblemOptions {
  readonly loss: LossName;
  readonly rows: number;
  readonly dim: number;
  readonly seed: number;
  readonly classes?: number;
  readonly layout?: Layout;
  readonly weighted?: boolean;
  readonly fitIntercept?: boolean;
}

/** Features in [-1, 1), a third of them 0; labels that depend on them, but not wholly. */
export function problem(options: ProblemOptions): Problem {
  const { loss, rows, dim, seed, layout = 'dense', weighted = false } = options;
  const { fitIntercept = true } = options;
  const classes = loss === 'multinomial' ? (options.classes ?? 3) : 1;
  const random = seeded(seed);
  const x = new Float64Array(rows * dim);
  for (let i = 0; i < x.length; i++) {
    const value = Math.fround(2 * random.unit() - 1);
    x[i] = random.below(3) === 0 ? 0 : value;
  }
  const truth = Float64Array.from({ length: classes * dim }, () => 4 * random.unit() - 2);
  const label = (row: number): number => {
    const margins = Array.from({ length: classes }, (_, k) => {
      let margin = random.unit() - 0.5;
      for (let t = 0; t < dim; t++) margin += x[row * dim + t]! * truth[k * dim + t]!;
      return margin;
    });
    if (loss === 'multinomial') return margins.indexOf(Math.max(...margins));
    if (loss === 'squared') return margins[0]! + 3;
    return random.unit() < 1 / (1 + Math.exp(-margins[0]! - 0.4)) ? 1 : 0;
  };
  const labels = Float64Array.from({ length: rows }, (_, row) => label(row));
  const weights = Float64Array.from({ length: rows }, () => 0.5 + random.below(4));
  const weightCol = weighted ? 'weight' : null;
  return {
    table: Table.fromColumns({
      features: features(x, dim, layout),
      label: labels,
      weight: weights,
    }),
    params: {
      ...{ loss, dim, classes, fitIntercept, weightCol },
      ...{ featuresCol: 'features', labelCol: 'label' },
    },
    ...{ rows, x },
  };
}

function features(x: Float64Array, dim: number, layout: Layout): Column {
  if (layout === 'dense') return Column.dense(x, dim);
  if (layout === 'float32') return Column.dense(Float32Array.from(x), dim);
  const [offsets, indices, values]: [number[], number[], number[]] = [[0], [], []];
  for (const [i, value] of x.entries()) {
    if (value !== 0) {
      indices.push(i % dim);
      values.push(value);
    }
    if (i % dim === dim - 1) offsets.push(indices.length);
  }
  const [o, e] = [Int32Array.from(offsets), Int32Array.from(indices)];
  return Column.sparse(dim, o, e, Float64Array.from(values));
}
