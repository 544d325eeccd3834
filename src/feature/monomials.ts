/**
 * The order of monomials: that of words in a dictionary, where the letters of a word are the
 * features of its factors from the highest to the lowest: x, xx, y, yx, yy. A word comes right
 * before those that it begins.
 */

/** The largest size of a vector. */
const LARGEST = 2 ** 31 - 1;

/** n over k; Infinity beyond the largest size of a vector. */
export function binomial(n: number, k: number): number {
  let ways = 1;
  for (let i = 1, most = Math.min(k, n - k); i <= most; i++) {
    // Exact: the product is a multiple of i, and far below 2^53.
    ways = (ways * (n - most + i)) / i;
    if (ways > LARGEST + 1) return Number.POSITIVE_INFINITY;
  }
  return ways;
}

/** The number of monomials of `size` features up to a degree, without the constant. */
export function monomialCount(size: number, degree: number): number {
  return binomial(size + degree, degree) - 1;
}

/**
 * Nodes of all words of fewer letters than the degree, as the kernel `expandRows` takes them; with
 * degree 1 there are none of these, and every word is its own node.
 */
export function monomialNodes(size: number, degree: number): Int32Array {
  const longest = Math.max(1, degree - 1);
  const nodes = new Int32Array(4 * monomialCount(size, longest));
  const places: number[] = [];
  let at = 0;
  let position = 0;
  forEachWord(size, longest, (feature, depth) => {
    const leaves = depth + 1 === longest && degree > 1 ? feature + 1 : 0;
    places[depth] = position;
    nodes.set([position, depth === 0 ? -1 : places[depth - 1]!, feature, leaves], at);
    at += 4;
    position += 1 + leaves;
  });
  return nodes;
}

/** Where sparse monomials are written. */
export interface SparseEntries {
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/**
 * Writes the monomials of `count` stored features, with their places among all of them, ascending.
 *
 * @param features Ascending, with their `factors`.
 * @param at Where in `out` they begin.
 */
export function writeMonomials(
  count: number,
  features: ArrayLike<number>,
  factors: ArrayLike<number>,
  degree: number,
  out: SparseEntries,
  at: number,
): void {
  const places: number[] = [];
  const products: number[] = [];
  let end = at;
  forEachWord(count, degree, (i, depth) => {
    const rest = degree - depth;
    const first = depth === 0 ? 0 : places[depth - 1]! + 1;
    // Before it stand all words of at most `rest` letters that are below this feature.
    const place = first + binomial(features[i]! + rest, rest) - 1;
    const value = depth === 0 ? factors[i]! : products[depth - 1]! * factors[i]!;
    places[depth] = place;
    products[depth] = value;
    out.indices[end] = place;
    out.values[end++] = value;
  });
}

/**
 * All words of at most `longest` letters below `size`, none higher than the one before it, in the
 * order of a dictionary; of each its last letter, and how many stand before that.
 */
function forEachWord(
  size: number,
  longest: number,
  visit: (letter: number, depth: number) => void,
): void {
  const letters = [0];
  let depth = 0;
  while (depth >= 0) {
    const letter = letters[depth]!;
    const end = depth === 0 ? size : letters[depth - 1]! + 1;
    if (letter === end) {
      depth--;
      if (depth >= 0) letters[depth]!++;
      continue;
    }
    visit(letter, depth);
    if (depth + 1 < longest) letters[++depth] = 0;
    else letters[depth]!++;
  }
}
