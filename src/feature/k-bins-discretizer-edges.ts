/** Edges of bins of one column, by strategy. Columns are without NaN and finite. */

/** One bin for everything: the column is constant. */
const ONE_BIN: readonly number[] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

const MAX_ROUNDS = 300;
/** Lloyd's algorithm stops when the loss moves by less, an absolute number, as in Flink ML. */
const LEAST_MOVE = 1e-4;

/** Bins of equal width; the last edge is the maximum to the bit. */
export function uniformEdges(min: number, max: number, bins: number): Float64Array {
  if (min === max) return Float64Array.from(ONE_BIN);
  // In parts, for the range of finite values may be beyond the largest number.
  const range = max - min;
  const width = Number.isFinite(range) ? range / bins : max / bins - min / bins;
  const edges = new Float64Array(bins + 1);
  edges[0] = min;
  for (let k = 1; k < bins; k++) edges[k] = edges[k - 1]! + width;
  edges[bins] = max;
  return edges;
}

/**
 * Bins of about equal counts.
 *
 * @param starts The smallest value of each bin, and the largest of all, ascending.
 */
export function quantileEdges(starts: Float64Array): Float64Array {
  const [min, max] = [starts[0]!, starts.at(-1)!];
  if (min === max) return Float64Array.from(ONE_BIN);
  // A value that is repeated is there twice, and the second one moves towards the next edge: it
  // has a bin of its own. At the end it is the first one that moves.
  const edges = starts.filter(
    (edge, i) => i < 2 || edge !== starts[i - 1] || edge !== starts[i - 2],
  );
  const last = edges.length - 1;
  for (let i = 1; i < last; i++) {
    if (edges[i] === edges[i - 1]) edges[i] = middle(edges[i - 1]!, edges[i + 1]!);
  }
  if (edges[last] === edges[last - 1]) edges[last - 1] = middle(edges[last - 2]!, edges[last]!);
  return edges;
}

/**
 * Bins whose borders are half way between the centroids of k-means in one dimension, by Lloyd's
 * algorithm from centroids at equal counts; a cluster that gets no value is left out.
 *
 * On sorted values a cluster is a run, and sums over runs are differences of running sums: a round
 * costs O(k log n).
 *
 * @see Lloyd, Least squares quantization in PCM, 1982.
 */
export function kMeansEdges(sorted: Float64Array, bins: number): Float64Array {
  const n = sorted.length;
  const [min, max] = [sorted[0]!, sorted[n - 1]!];
  if (!hasMoreThan(sorted, bins)) return uniformEdges(min, max, bins);
  const clusters = new SortedClusters(sorted);
  let centroids = Array.from({ length: bins }, (_, k) => sorted[Math.floor((k * n) / bins)]!);
  let before = Number.MAX_VALUE;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { means, loss } = clusters.step(centroids);
    centroids = means;
    if (Math.abs(loss - before) <= LEAST_MOVE) break;
    before = loss;
  }
  const inner = centroids.slice(1).map((centroid, k) => middle(centroids[k]!, centroid));
  return Float64Array.from([min, ...inner, max]);
}

/** Half way, also between numbers whose sum overflows. */
function middle(a: number, b: number): number {
  const sum = a + b;
  return Number.isFinite(sum) ? sum / 2 : a / 2 + b / 2;
}

function hasMoreThan(sorted: Float64Array, distinct: number): boolean {
  let found = 1;
  for (let i = 1; i < sorted.length && found <= distinct; i++) {
    if (sorted[i] !== sorted[i - 1]) found++;
  }
  return found > distinct;
}

/** Sorted values with running sums. */
class SortedClusters {
  readonly #sorted: Float64Array;
  /** Sums of the first i values, about {@link #shift}, so that they do not cancel. */
  readonly #sums: Float64Array;
  readonly #shift: number;

  constructor(sorted: Float64Array) {
    this.#sorted = sorted;
    this.#shift = sorted[sorted.length >> 1]!;
    this.#sums = new Float64Array(sorted.length + 1);
    for (let i = 0; i < sorted.length; i++) {
      this.#sums[i + 1] = this.#sums[i]! + (sorted[i]! - this.#shift);
    }
  }

  /**
   * The means of the values that are closest to each centroid, the lower one of two that are as
   * close, and the mean distance to it. Centroids ascend; the first of equal ones has all values.
   */
  step(ascending: readonly number[]): { readonly means: number[]; readonly loss: number } {
    const n = this.#sorted.length;
    const centroids = ascending.filter((centroid, k) => centroid !== ascending[k - 1]);
    const means: number[] = [];
    let distances = 0;
    let start = 0;
    centroids.forEach((centroid, k) => {
      const next = centroids[k + 1];
      const isCloser = (x: number) => Math.abs(x - centroid) <= Math.abs(x - next!);
      const end = next === undefined ? n : this.#countWhile(isCloser);
      if (end <= start) return;
      const upTo = this.#countWhile((x) => x <= centroid);
      const half = Math.min(Math.max(upTo, start), end);
      const by = centroid - this.#shift;
      distances += (half - start) * by - this.#sum(start, half);
      distances += this.#sum(half, end) - (end - half) * by;
      means.push(this.#mean(start, end));
      start = end;
    });
    return { means, loss: distances / n };
  }

  /** Within the values in spite of rounding, so that means ascend. */
  #mean(start: number, end: number): number {
    const mean = this.#shift + this.#sum(start, end) / (end - start);
    return Math.min(Math.max(mean, this.#sorted[start]!), this.#sorted[end - 1]!);
  }

  #sum(start: number, end: number): number {
    return this.#sums[end]! - this.#sums[start]!;
  }

  /** How many values, from the smallest on, something holds for. */
  #countWhile(holds: (x: number) => boolean): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const half = (low + high) >>> 1;
      if (holds(this.#sorted[half]!)) low = half + 1;
      else high = half;
    }
    return low;
  }
}
