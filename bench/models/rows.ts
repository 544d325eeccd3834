/** Rows of made-up data whose classes lie in overlapping clouds. */
import { float64 } from '../../src/table/buffers.js';
import { seeded } from '../../test/reference/random.js';
import { SEED } from '../harness/duel.js';

/** Row-major features and the class number of each row. */
export interface LabelledRows {
  readonly rows: number;
  readonly dim: number;
  readonly features: Float64Array<SharedArrayBuffer>;
  readonly labels: Float64Array<SharedArrayBuffer>;
}

/** Twelve uniform numbers: near enough to normal, and the same wherever it is computed. */
function nearlyNormal(next: () => number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += next();
  return sum;
}

/**
 * Clouds around random centres; entry t has the scale 1 + t/dim, so that no two are alike.
 *
 * @param spread How far apart the centres are, in standard deviations of a cloud.
 */
export function clouds(rows: number, dim: number, classes: number, spread: number): LabelledRows {
  const random = seeded(SEED);
  const next = () => random.below(2 ** 30) / 2 ** 30;
  const centres = Float64Array.from({ length: classes * dim }, () => spread * nearlyNormal(next));
  // Drawn from a table: a normal number an entry would take longer than what is measured.
  const normals = Float64Array.from({ length: 65_536 }, () => nearlyNormal(next));
  const [features, labels] = [float64(rows * dim), float64(rows)];
  for (let row = 0; row < rows; row++) {
    const label = random.below(classes);
    labels[row] = label;
    let at = random.below(65_536);
    const step = 2 * random.below(32_768) + 1;
    for (let t = 0; t < dim; t++) {
      at = (at + step) & 65_535;
      features[row * dim + t] = (1 + t / dim) * (centres[label * dim + t]! + normals[at]!);
    }
  }
  return { rows, dim, features, labels };
}

/** Counts of words: small integers, most of them 0. */
export function wordCounts(rows: number, dim: number, classes: number): LabelledRows {
  const { features, labels } = clouds(rows, dim, classes, 0.5);
  for (let i = 0; i < features.length; i++) features[i] = Math.max(0, Math.floor(features[i]!));
  return { rows, dim, features, labels };
}
