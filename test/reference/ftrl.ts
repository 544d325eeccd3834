/** Plain references of assembly/ftrl.ts and assembly/logistic.ts. */

/** A slot's fields, in f64s. */
const C = 0;
const Z = 1;
const N = 2;
const G = 3;
const WS = 4;
const STAMP = 5;
const SLOT = 8;

/** Calls `visit` with each entry of [lo, hi), in row order. */
function eachEntry(
  rows: number,
  offsets: Int32Array,
  indices: Int32Array,
  lo: number,
  hi: number,
  visit: (row: number, entry: number, feature: number) => void,
): void {
  for (let row = 0; row < rows; row++) {
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
      const feature = indices[e]!;
      if (feature >= lo && feature < hi) visit(row, e, feature);
    }
  }
}

export function ftrlMargins(
  rows: number,
  offsets: Int32Array,
  indices: Int32Array,
  values: Float64Array,
  slots: Float64Array,
  lo: number,
  hi: number,
  margins: Float64Array,
): void {
  margins.fill(0, 0, rows);
  eachEntry(rows, offsets, indices, lo, hi, (row, e, feature) => {
    margins[row]! += slots[(feature - lo) * SLOT + C]! * values[e]!;
  });
}

export function ftrlGradient(
  rows: number,
  offsets: Int32Array,
  indices: Int32Array,
  values: Float64Array,
  slots: Float64Array,
  lo: number,
  hi: number,
  residuals: Float64Array,
  weights: Float64Array | null,
  touched: Int32Array,
): number {
  let count = 0;
  eachEntry(rows, offsets, indices, lo, hi, (row, e, feature) => {
    const slot = (feature - lo) * SLOT;
    slots[slot + G]! += residuals[row]! * values[e]!;
    slots[slot + WS]! += weights ? weights[row]! : 1;
    // The kernel writes before it knows whether the feature is new.
    touched[count] = feature;
    if (slots[slot + STAMP] === 0) count++;
    slots[slot + STAMP] = 1;
  });
  return count;
}

function step(
  slots: Float64Array,
  slot: number,
  alpha: number,
  beta: number,
  l1: number,
  l2: number,
): void {
  const ws = slots[slot + WS]!;
  const g = ws === 0 ? slots[slot + G]! : slots[slot + G]! / ws;
  const n = slots[slot + N]! + g * g;
  const sigma = (Math.sqrt(n) - Math.sqrt(slots[slot + N]!)) / alpha;
  const z = slots[slot + Z]! + g - sigma * slots[slot + C]!;
  const sign = z < 0 ? -1 : 1;
  const c = Math.abs(z) <= l1 ? 0 : (sign * l1 - z) / ((beta + Math.sqrt(n)) / alpha + l2);
  slots.set([c, z, n, 0, 0, 0], slot);
}

export function ftrlUpdate(
  count: number,
  touched: Int32Array,
  slots: Float64Array,
  lo: number,
  alpha: number,
  beta: number,
  l1: number,
  l2: number,
): void {
  for (let i = 0; i < count; i++) step(slots, (touched[i]! - lo) * SLOT, alpha, beta, l1, l2);
}

export function ftrlUpdateAll(
  lo: number,
  hi: number,
  slots: Float64Array,
  alpha: number,
  beta: number,
  l1: number,
  l2: number,
): void {
  for (let i = lo; i < hi; i++) step(slots, (i - lo) * SLOT, alpha, beta, l1, l2);
}

export function ftrlMarginsDense(
  rows: number,
  d: number,
  values: Float64Array,
  slots: Float64Array,
  lo: number,
  hi: number,
  margins: Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    let margin = 0;
    for (let i = lo; i < hi; i++) margin += slots[(i - lo) * SLOT + C]! * values[row * d + i]!;
    margins[row] = margin;
  }
}

export function ftrlGradientDense(
  rows: number,
  d: number,
  values: Float64Array,
  slots: Float64Array,
  lo: number,
  hi: number,
  residuals: Float64Array,
): void {
  for (let i = lo; i < hi; i++) {
    const slot = (i - lo) * SLOT;
    for (let row = 0; row < rows; row++) {
      slots[slot + G]! += residuals[row]! * values[row * d + i]!;
    }
    slots[slot + WS]! += rows;
  }
}

export function logisticResiduals(
  n: number,
  margins: Float64Array,
  labels: Float64Array,
  probabilities: Float64Array,
  residuals: Float64Array,
): number {
  let total = 0;
  for (let i = 0; i < n; i++) {
    const m = margins[i]!;
    const y = labels[i]!;
    const e = Math.exp(-Math.abs(m));
    const p = (m < 0 ? e : 1) / (1 + e);
    const wrong = m < 0 ? y : 1 - y;
    total += Math.log1p(e) + (wrong === 0 ? 0 : Math.abs(m) * wrong);
    probabilities[i] = p;
    residuals[i] = p - y;
  }
  return total;
}
