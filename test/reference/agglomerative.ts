/** Plain references of assembly/agglomerative.ts. */

/** Entry t of point j in panels of four points of d entries. */
const entry = (panels: Float64Array, d: number, j: number, t: number): number =>
  panels[(j >> 2) * 4 * d + t * 4 + (j & 3)]!;

function distance(
  measure: number,
  d: number,
  x: Float64Array,
  row: number,
  panels: Float64Array,
  j: number,
): number {
  let sum = 0;
  for (let t = 0; t < d; t++) {
    const difference = x[row * d + t]! - entry(panels, d, j, t);
    sum += measure === 1 ? Math.abs(difference) : difference * difference;
  }
  if (measure === 1) return sum;
  return measure === 0 ? Math.sqrt(sum) : sum / 2;
}

export function pairDistances(
  measure: number,
  d: number,
  x: Float64Array,
  count: number,
  panels: Float64Array,
  out: Float64Array,
): void {
  for (let row = 0; row < 4; row++) {
    for (let j = 0; j < 4 * count; j++) {
      out[(j >> 4) * 256 + row * 16 + (j & 15)] = distance(measure, d, x, row, panels, j);
    }
  }
}

export function pointDistances(
  measure: number,
  d: number,
  x: Float64Array,
  count: number,
  panels: Float64Array,
  out: Float64Array,
): void {
  for (let j = 0; j < 4 * count; j++) out[j] = distance(measure, d, x, 0, panels, j);
}

export function spanningStep(
  measure: number,
  d: number,
  x: Float64Array,
  count: number,
  panels: Float64Array,
  nearest: Float64Array,
): number {
  let [best, at] = [Number.POSITIVE_INFINITY, -1];
  for (let j = 0; j < 4 * count; j++) {
    const found = distance(measure, d, x, 0, panels, j);
    if (found < nearest[j]!) nearest[j] = found;
    if (nearest[j]! < best) [best, at] = [nearest[j]!, j];
  }
  return at;
}
