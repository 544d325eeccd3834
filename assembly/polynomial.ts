/** Monomials of the entries of vectors. No bounds checks: the caller validates. */

/**
 * All monomials of every row, in the order of a dictionary whose words are products of entries
 * written from the highest index to the lowest.
 *
 *     node  | position | parent | entry | leaves |      i32[4]
 *
 * A node is a word of fewer letters than the degree: out[position] = out[parent] · x[entry], where
 * the parent -1 is 1; after it stand its products with the entries 0 .. leaves - 1. Parents come
 * before their children. x: f64 n × d; nodes: i32[4] each; out: f64 n × size, not overlapping x.
 */
export function expandRows(
  n: i32,
  d: i32,
  size: i32,
  count: i32,
  nodes: usize,
  x: usize,
  out: usize,
): void {
  const end = nodes + (usize(count) << 4);
  for (let row = 0; row < n; ++row) {
    for (let node = nodes; node < end; node += 16) {
      const parent = load<i32>(node, 4);
      let value = load<f64>(x + (usize(load<i32>(node, 8)) << 3));
      if (parent >= 0) value *= load<f64>(out + (usize(parent) << 3));
      let to = out + (usize(load<i32>(node)) << 3);
      store<f64>(to, value);
      to += 8;
      const leaves = load<i32>(node, 12);
      const by = f64x2.splat(value);
      const pairs = x + (usize(leaves & ~1) << 3);
      let from = x;
      for (; from < pairs; from += 16) {
        v128.store(to, f64x2.mul(by, v128.load(from)));
        to += 16;
      }
      if (leaves & 1) store<f64>(to, value * load<f64>(from));
    }
    x += usize(d) << 3;
    out += usize(size) << 3;
  }
}
