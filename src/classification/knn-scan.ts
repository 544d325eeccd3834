/** The nearest rows of a few queries, where to bring all rows to kernels would cost more. */
import { boundsOfBlocks, numBlocks, type RowBlocks } from './knn-blocks.js';
import { type NearestLists, NO_ROW } from './knn-search.js';

/** Columns between two looks at whether a row is too far already. */
const COLUMNS = 4;

/**
 * Finds the nearest rows of one query, with the results of `PlacedBlocks.search`, to the bit.
 *
 * Blocks are looked at from the nearest on, until one is farther than the k-th row so far; a row is
 * left as soon as the columns so far are.
 *
 * @param row Of the query, where its lists go.
 */
export function scanBlocks(
  blocks: RowBlocks,
  isManhattan: boolean,
  query: Float64Array,
  row: number,
  lists: NearestLists,
): void {
  const { k } = lists;
  const distances = lists.distances.subarray(row * k, (row + 1) * k).fill(Infinity);
  const indices = lists.indices.subarray(row * k, (row + 1) * k).fill(NO_ROW);
  const bounds = new Float64Array(numBlocks(blocks));
  boundsOfBlocks(blocks, isManhattan, query, query, bounds);
  const order = Int32Array.from(bounds.keys()).sort((a, b) => bounds[a]! - bounds[b]!);
  const scan = isManhattan ? scanManhattan : scanEuclidean;
  for (const block of order) {
    if (bounds[block]! > distances[k - 1]!) return;
    scan(blocks, block, query, distances, indices);
  }
}

type Scan = (
  blocks: RowBlocks,
  block: number,
  query: Float64Array,
  distances: Float64Array,
  indices: Int32Array,
) => void;

const scanEuclidean: Scan = (blocks, block, query, distances, indices) => {
  const { dim, blockRows, numRows, rows, order } = blocks;
  const last = distances.length - 1;
  const end = Math.min((block + 1) * blockRows, numRows);
  let worst = distances[last]!;
  for (let i = block * blockRows; i < end; i++) {
    let total = 0;
    for (let t = 0, at = i * dim; t < dim && total <= worst; ) {
      const stop = t + COLUMNS < dim ? t + COLUMNS : dim;
      for (; t < stop; t++, at++) {
        const by = query[t]! - rows[at]!;
        total += by * by;
      }
    }
    if (total > worst) continue;
    insert(distances, indices, total, order[i]!);
    worst = distances[last]!;
  }
};

const scanManhattan: Scan = (blocks, block, query, distances, indices) => {
  const { dim, blockRows, numRows, rows, order } = blocks;
  const last = distances.length - 1;
  const end = Math.min((block + 1) * blockRows, numRows);
  let worst = distances[last]!;
  for (let i = block * blockRows; i < end; i++) {
    let total = 0;
    for (let t = 0, at = i * dim; t < dim && total <= worst; ) {
      const stop = t + COLUMNS < dim ? t + COLUMNS : dim;
      for (; t < stop; t++, at++) {
        total += Math.abs(query[t]! - rows[at]!);
      }
    }
    if (total > worst) continue;
    insert(distances, indices, total, order[i]!);
    worst = distances[last]!;
  }
};

/** Puts a row into the list of the nearest if it is one: of equal distances, the lower index. */
function insert(
  distances: Float64Array,
  indices: Int32Array,
  distance: number,
  index: number,
): void {
  let at = distances.length - 1;
  if (distance === distances[at] && index > indices[at]!) return;
  for (; at > 0; at--) {
    const other = distances[at - 1]!;
    if (other < distance || (other === distance && indices[at - 1]! < index)) break;
    distances[at] = other;
    indices[at] = indices[at - 1]!;
  }
  distances[at] = distance;
  indices[at] = index;
}
