/** The Hilbert curve: an order of the cells of a grid in which neighbours follow each other. */

/**
 * The place on the curve of every cell of a grid of 2^bits cells a side in `dim` dimensions. A
 * cell's number is its coordinates, `bits` bits each, the first one in the highest bits.
 *
 * @see Skilling, Programming the Hilbert curve, 2004.
 */
export function hilbertRanks(dim: number, bits: number): Int32Array {
  const ranks = new Int32Array(2 ** (dim * bits));
  const at = new Int32Array(dim);
  for (let cell = 0; cell < ranks.length; cell++) {
    for (let t = 0; t < dim; t++) at[t] = (cell >> (bits * (dim - 1 - t))) & (2 ** bits - 1);
    ranks[cell] = rankOf(at, bits);
  }
  return ranks;
}

/** Changes `at`. */
function rankOf(at: Int32Array, bits: number): number {
  const dim = at.length;
  for (let high = bits - 1; high > 0; high--) {
    const below = 2 ** high - 1;
    for (let t = 0; t < dim; t++) {
      if ((at[t]! >> high) & 1) {
        at[0]! ^= below;
      } else {
        const swapped = (at[0]! ^ at[t]!) & below;
        at[0]! ^= swapped;
        at[t]! ^= swapped;
      }
    }
  }
  for (let t = 1; t < dim; t++) at[t]! ^= at[t - 1]!;
  let flips = 0;
  for (let high = bits - 1; high > 0; high--) {
    if ((at[dim - 1]! >> high) & 1) flips ^= 2 ** high - 1;
  }
  let rank = 0;
  for (let bit = bits - 1; bit >= 0; bit--) {
    for (let t = 0; t < dim; t++) rank = (rank << 1) | (((at[t]! ^ flips) >> bit) & 1);
  }
  return rank;
}
