/** Min-hashing: the least hash of a set of items, by several functions at once. */

/** The modulus of Flink ML's and Spark's hash functions: a prime below 2³¹. */
const PRIME: u64 = 2038074743;

/**
 * out[r·functions + f] ← min over the items j of row r of ((1 + j)·a[f] + b[f]) mod PRIME, exact in
 * 64 bits. offsets: i32[rows + 1], indices: i32 >= 0; a, b: i32[functions], in [0, PRIME); out:
 * f64[rows · functions]. Returns the first row without items, where it stops, or -1. The caller
 * validates.
 */
export function minHash(
  rows: i32,
  offsets: usize,
  indices: usize,
  functions: i32,
  a: usize,
  b: usize,
  out: usize,
): i32 {
  let start = indices + (usize(load<i32>(offsets)) << 2);
  for (let r = 0; r < rows; ++r) {
    const end = indices + (usize(load<i32>(offsets + (usize(r + 1) << 2))) << 2);
    if (start == end) return r;
    for (let f = 0; f < functions; ++f) {
      const multiplier = u64(load<u32>(a + (usize(f) << 2)));
      const offset = u64(load<u32>(b + (usize(f) << 2)));
      let least = PRIME;
      for (let at = start; at < end; at += 4) {
        // The remainder by a constant is a multiplication, not a division.
        const hash = ((1 + u64(load<u32>(at))) * multiplier + offset) % PRIME;
        least = min(least, hash);
      }
      store<f64>(out, f64(least));
      out += 8;
    }
    start = end;
  }
  return -1;
}

/**
 * The places of a dense matrix's entries that are not zero, as CSR: offsets: i32[rows + 1], indices:
 * i32, room for rows · d, all of which may be written. x: f64[rows · d]. NaN is not zero. Returns the number of entries.
 */
export function nonZeros(rows: i32, d: i32, x: usize, offsets: usize, indices: usize): i32 {
  let entries = 0;
  store<i32>(offsets, 0);
  for (let r = 0; r < rows; ++r) {
    for (let t = 0; t < d; ++t) {
      store<i32>(indices + (usize(entries) << 2), t);
      entries += i32(load<f64>(x) != 0);
      x += 8;
    }
    offsets += 4;
    store<i32>(offsets, entries);
  }
  return entries;
}
