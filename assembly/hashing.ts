/**
 * From hashes and codes to sparse rows: slots of the hashing trick, look-ups, and the assembly of
 * CSR from one index column a feature. No bounds checks: the caller validates.
 */

/**
 * out[i] ← floorMod(|hashes[i]|, numFeatures), where |-2³¹| stays -2³¹ as in Java (Flink ML's
 * FeatureHasher). hashes, out: i32[n], may be the same; numFeatures ≥ 1.
 */
export function slotsOfHashes(n: i32, hashes: usize, numFeatures: i32, out: usize): void {
  const end = hashes + (usize(n) << 2);
  if (numFeatures & (numFeatures - 1)) {
    for (; hashes < end; hashes += 4) {
      const h = load<i32>(hashes);
      const r = (h < 0 ? 0 - h : h) % numFeatures;
      store<i32>(out, r < 0 ? r + numFeatures : r);
      out += 4;
    }
    return;
  }
  // A power of two: floorMod is a mask, in two's complement for -2³¹ too.
  const mask = i32x4.splat(numFeatures - 1);
  for (; hashes + 16 <= end; hashes += 16) {
    v128.store(out, v128.and(i32x4.abs(v128.load(hashes)), mask));
    out += 16;
  }
  for (; hashes < end; hashes += 4) {
    const h = load<i32>(hashes);
    store<i32>(out, (h < 0 ? 0 - h : h) & (numFeatures - 1));
    out += 4;
  }
}

/** out[i] ← table[codes[i]], and -1 for code -1. codes, out: i32[n], may be the same; table: i32. */
export function gatherI32(n: i32, codes: usize, table: usize, out: usize): void {
  const end = codes + (usize(n) << 2);
  for (; codes < end; codes += 4) {
    const code = load<i32>(codes);
    store<i32>(out, code < 0 ? -1 : load<i32>(table + (usize(code) << 2)));
    out += 4;
  }
}

/**
 * CSR from index columns: row r gets entry (indices[c·rows + r], values[c·rows + r]) of every
 * column c whose index is not -1; indices ascend in each row, and equal ones are added up in column
 * order. indices: i32 cols × rows, values: f64 cols × rows, both column after column; `values` 0
 * means 1 everywhere. outOffsets: i32[rows + 1]; outIndices: i32, outValues: f64, room for
 * rows · cols. Returns the number of entries. Insertion sort: cheap where columns come near to
 * ascending order or are some dozens.
 */
export function assembleRows(
  rows: i32,
  cols: i32,
  indices: usize,
  values: usize,
  outOffsets: usize,
  outIndices: usize,
  outValues: usize,
): i32 {
  store<i32>(outOffsets, 0);
  let nnz = 0;
  for (let row = 0; row < rows; ++row) {
    const first = nnz;
    let entry = usize(row);
    for (let col = 0; col < cols; ++col) {
      const index = load<i32>(indices + (entry << 2));
      if (index >= 0) {
        const value = values ? load<f64>(values + (entry << 3)) : 1;
        nnz += insert(first, nnz, index, value, outIndices, outValues);
      }
      entry += usize(rows);
    }
    outOffsets += 4;
    store<i32>(outOffsets, nnz);
  }
  return nnz;
}

/** Puts an entry into the ascending run [first, end); returns 1, or 0 when its index was there. */
function insert(
  first: i32,
  end: i32,
  index: i32,
  value: f64,
  outIndices: usize,
  outValues: usize,
): i32 {
  let at = end;
  while (at > first && load<i32>(outIndices + (usize(at - 1) << 2)) > index) --at;
  if (at > first && load<i32>(outIndices + (usize(at - 1) << 2)) == index) {
    const there = outValues + (usize(at - 1) << 3);
    store<f64>(there, load<f64>(there) + value);
    return 0;
  }
  for (let i = end; i > at; --i) {
    const to = outIndices + (usize(i) << 2);
    store<i32>(to, load<i32>(to - 4));
    const v = outValues + (usize(i) << 3);
    store<f64>(v, load<f64>(v - 8));
  }
  store<i32>(outIndices + (usize(at) << 2), index);
  store<f64>(outValues + (usize(at) << 3), value);
  return 1;
}
