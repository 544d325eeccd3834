/** Rows in blocks of near ones: the leaves of a k-d tree, each in its box. */
import { float64, int32 } from '../table/buffers.js';

/** Rows in the order of their blocks. All arrays are shared with workers as they are. */
export interface RowBlocks {
  readonly numRows: number;
  readonly dim: number;
  /** Rows of a block, but for the last one, which may have fewer. */
  readonly blockRows: number;
  /** The rows, row-major. */
  readonly rows: Float64Array;
  /** The index of each of them in the table. */
  readonly order: Int32Array;
  /** For each block the least entry of each column, then the largest. */
  readonly boxes: Float64Array;
}

export const numBlocks = ({ numRows, blockRows }: RowBlocks): number =>
  Math.ceil(numRows / blockRows);

/** Rows by which the column of a split is chosen. */
const SAMPLE_ROWS = 64;

/**
 * Cuts rows into blocks: in two at a median of the column that is spread the most, again and again.
 *
 * Cost: O(rows · log(blocks)), one copy of the rows.
 */
export function blocksOf(
  values: Float64Array,
  numRows: number,
  dim: number,
  blockRows: number,
): RowBlocks {
  const order = int32(numRows);
  for (let i = 0; i < numRows; i++) order[i] = i;
  arrange(values, dim, blockRows, order);
  const rows = float64(numRows * dim);
  order.forEach((row, i) => {
    for (let t = 0; t < dim; t++) rows[i * dim + t] = values[row * dim + t]!;
  });
  const boxes = boxesOf(rows, numRows, dim, blockRows);
  return { numRows, dim, blockRows, rows, order, boxes };
}

/** Brings the rows of each block together. Splits lie at multiples of the size of a block. */
function arrange(values: Float64Array, dim: number, blockRows: number, order: Int32Array): void {
  const keys = new Float64Array(order.length);
  const open: [number, number][] = [[0, order.length]];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const [start, end] = range;
    if (end - start <= blockRows) continue;
    const column = widestColumn(values, dim, order, start, end);
    for (let i = start; i < end; i++) keys[i] = values[order[i]! * dim + column]!;
    const middle = start + Math.ceil(Math.ceil((end - start) / blockRows) / 2) * blockRows;
    select(keys, order, start, end - 1, middle);
    open.push([start, middle], [middle, end]);
  }
}

/** The column with the largest range in a sample of some rows. */
function widestColumn(
  values: Float64Array,
  dim: number,
  order: Int32Array,
  start: number,
  end: number,
): number {
  const step = Math.ceil((end - start) / SAMPLE_ROWS);
  let widest = 0;
  let most = -1;
  for (let t = 0; t < dim; t++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = start; i < end; i += step) {
      const value = values[order[i]! * dim + t]!;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (high - low > most) {
      most = high - low;
      widest = t;
    }
  }
  return widest;
}

/** Orders keys, and rows with them, such that none before `at` is above any from there on (Hoare). */
function select(keys: Float64Array, order: Int32Array, left: number, right: number, at: number) {
  while (left < right) {
    const pivot = median(keys[left]!, keys[(left + right) >>> 1]!, keys[right]!);
    let i = left;
    let j = right;
    while (i <= j) {
      while (keys[i]! < pivot) i++;
      while (keys[j]! > pivot) j--;
      if (i > j) break;
      const key = keys[i]!;
      keys[i] = keys[j]!;
      keys[j] = key;
      const row = order[i]!;
      order[i++] = order[j]!;
      order[j--] = row;
    }
    if (at <= j) right = j;
    else if (at >= i) left = i;
    else return;
  }
}

const median = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

function boxesOf(rows: Float64Array, numRows: number, dim: number, blockRows: number) {
  const boxes = float64(Math.ceil(numRows / blockRows) * 2 * dim);
  for (let first = 0, box = 0; first < numRows; first += blockRows, box += 2 * dim) {
    boxes.fill(Infinity, box, box + dim).fill(-Infinity, box + dim, box + 2 * dim);
    const end = Math.min(first + blockRows, numRows) * dim;
    for (let at = first * dim; at < end; at += dim) {
      for (let t = 0; t < dim; t++) {
        const value = rows[at + t]!;
        if (value < boxes[box + t]!) boxes[box + t] = value;
        if (value > boxes[box + dim + t]!) boxes[box + dim + t] = value;
      }
    }
  }
  return boxes;
}

/**
 * Writes how far each block is at least from any point of a box: squared for the euclidean
 * distance. Summed as distances of rows are, so that rounding cannot make it more than any of them.
 *
 * @param low Least entries of the box; of a point, the point.
 * @param high Its largest entries.
 */
export function boundsOfBlocks(
  { dim, boxes }: RowBlocks,
  isManhattan: boolean,
  low: Float64Array,
  high: Float64Array,
  bounds: Float64Array,
): void {
  for (let block = 0, box = 0; block < bounds.length; block++, box += 2 * dim) {
    let total = 0;
    for (let t = 0; t < dim; t++) {
      const above = boxes[box + t]! - high[t]!;
      const below = low[t]! - boxes[box + dim + t]!;
      const gap = above > below ? above : below;
      if (gap > 0) total += isManhattan ? gap : gap * gap;
    }
    bounds[block] = total;
  }
}
