/** Plain references of assembly/linear.ts and assembly/multinomial.ts: row by row, with Math. */

type Features = (row: number, visit: (column: number, value: number) => void) => void;

const dense =
  (d: number, x: Float64Array | Float32Array): Features =>
  (row, visit) => {
    for (let t = 0; t < d; t++) visit(t, x[row * d + t]!);
  };

const sparse =
  (offsets: Int32Array, indices: Int32Array, values: Float64Array): Features =>
  (row, visit) => {
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) visit(indices[e]!, values[e]!);
  };

/** The loss of a margin, and its derivative. */
const LOSSES: readonly ((m: number, y: number) => readonly [number, number])[] = [
  (m, y) => {
    const e = Math.exp(-Math.abs(m));
    const wrong = m < 0 ? y : 1 - y;
    return [Math.log1p(e) + (wrong === 0 ? 0 : Math.abs(m) * wrong), (m < 0 ? e : 1) / (1 + e) - y];
  },
  (m, y) => {
    const [s, short] = [2 * y - 1, 1 - (2 * y - 1) * m];
    return short > 0 ? [short, -s] : [0, 0];
  },
  (m, y) => {
    const [s, short] = [2 * y - 1, 1 - (2 * y - 1) * m];
    return short > 0 ? [short * short, -2 * s * short] : [0, 0];
  },
  (m, y) => [((m - y) * (m - y)) / 2, m - y],
];

function linear(
  loss: number,
  rows: number,
  d: number,
  features: Features,
  labels: Float64Array,
  weights: Float64Array | null,
  parameters: Float64Array,
  intercept: number,
  gradient: Float64Array,
): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let margin = intercept ? parameters[d]! : 0;
    features(row, (t, value) => {
      margin += value * parameters[t]!;
    });
    const weight = weights === null ? 1 : weights[row]!;
    const [value, slope] = LOSSES[loss]!(margin, labels[row]!);
    sum += weight * value;
    features(row, (t, v) => {
      gradient[t]! += weight * slope * v;
    });
    if (intercept) gradient[d]! += weight * slope;
  }
  return sum;
}

export function linearLoss(
  loss: number,
  rows: number,
  d: number,
  _width: number,
  x: Float64Array | Float32Array,
  labels: Float64Array,
  weights: Float64Array | null,
  parameters: Float64Array,
  intercept: number,
  gradient: Float64Array,
): number {
  const features = dense(d, x);
  return linear(loss, rows, d, features, labels, weights, parameters, intercept, gradient);
}

export function linearLossSparse(
  loss: number,
  rows: number,
  d: number,
  offsets: Int32Array,
  indices: Int32Array,
  values: Float64Array,
  labels: Float64Array,
  weights: Float64Array | null,
  parameters: Float64Array,
  intercept: number,
  gradient: Float64Array,
): number {
  const features = sparse(offsets, indices, values);
  return linear(loss, rows, d, features, labels, weights, parameters, intercept, gradient);
}

function multinomial(
  rows: number,
  d: number,
  classes: number,
  features: Features,
  labels: Float64Array,
  weights: Float64Array | null,
  parameters: Float64Array,
  gradient: Float64Array,
): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const margins = parameters.slice(d * classes, (d + 1) * classes);
    features(row, (t, value) => {
      for (let k = 0; k < classes; k++) margins[k]! += value * parameters[t * classes + k]!;
    });
    const top = Math.max(...margins);
    const exps = margins.map((margin) => Math.exp(margin - top));
    const total = exps.reduce((a, b) => a + b, 0);
    const weight = weights === null ? 1 : weights[row]!;
    const label = labels[row]!;
    sum += weight * (top - margins[label]! + Math.log(total));
    const slopes = exps.map((e, k) => weight * (e / total - (k === label ? 1 : 0)));
    features(row, (t, value) => {
      for (let k = 0; k < classes; k++) gradient[t * classes + k]! += value * slopes[k]!;
    });
    for (let k = 0; k < classes; k++) gradient[d * classes + k]! += slopes[k]!;
  }
  return sum;
}

export function multinomialLoss(
  rows: number,
  d: number,
  classes: number,
  _width: number,
  x: Float64Array | Float32Array,
  labels: Float64Array,
  weights: Float64Array | null,
  parameters: Float64Array,
  gradient: Float64Array,
): number {
  return multinomial(rows, d, classes, dense(d, x), labels, weights, parameters, gradient);
}

export function multinomialLossSparse(
  rows: number,
  d: number,
  classes: number,
  offsets: Int32Array,
  indices: Int32Array,
  values: Float64Array,
  labels: Float64Array,
  weights: Float64Array | null,
  parameters: Float64Array,
  gradient: Float64Array,
): number {
  const features = sparse(offsets, indices, values);
  return multinomial(rows, d, classes, features, labels, weights, parameters, gradient);
}

export function crossProducts(
  n: number,
  d: number,
  k: number,
  x: Float64Array,
  y: Float64Array,
  out: Float64Array,
): void {
  for (let t = 0; t < d; t++) {
    for (let j = 0; j < k; j++) {
      let sum = 0;
      for (let row = 0; row < n; row++) sum += x[row * d + t]! * y[row * k + j]!;
      out[t * k + j]! += sum;
    }
  }
}

export function weightedMoments(
  n: number,
  d: number,
  x: Float64Array,
  weights: Float64Array,
  shift: Float64Array,
  sums: Float64Array,
  squares: Float64Array,
): void {
  for (let row = 0; row < n; row++) {
    for (let t = 0; t < d; t++) {
      const by = x[row * d + t]! - shift[t]!;
      const weighted = weights[row]! * by;
      sums[t]! += weighted;
      squares[t]! += weighted * by;
    }
  }
}
