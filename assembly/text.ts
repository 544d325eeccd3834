/**
 * Text as UTF-8 bytes, and counts of what stands in it. ASCII letters and white space are bytes of
 * their own in UTF-8, so these work on any text. No bounds checks: the caller validates.
 */

function isSpace(byte: u8): bool {
  return byte == 32 || u8(byte - 9) < 5;
}

/** The first of [ \t\n\v\f\r] in [at, to), or `to`. Up to `limit` may be read. */
function findSpace(at: usize, to: usize, limit: usize): usize {
  for (; at < to && at + 16 <= limit; at += 16) {
    const v = v128.load(at);
    const control = i8x16.lt_u(i8x16.sub(v, i8x16.splat(9)), i8x16.splat(5));
    const mask = i8x16.bitmask(v128.or(control, i8x16.eq(v, i8x16.splat(32))));
    if (mask) return min(to, at + usize(ctz(mask)));
  }
  while (at < to && !isSpace(load<u8>(at))) ++at;
  return min(at, to);
}

/** Copies [from, to); with `lower`, A to Z become a to z. Whole vectors up to `limit` may be read. */
function copyToken(from: usize, to: usize, limit: usize, lower: i32, out: usize): void {
  for (; from < to && from + 16 <= limit; from += 16) {
    const v = v128.load(from);
    const upper = i8x16.lt_u(i8x16.sub(v, i8x16.splat(65)), i8x16.splat(26));
    const bit = v128.and(upper, i8x16.splat(lower ? 32 : 0));
    v128.store(out, v128.or(v, bit));
    out += 16;
  }
  for (; from < to; ++from) {
    const byte = load<u8>(from);
    store<u8>(out++, lower && u8(byte - 65) < 26 ? byte | 32 : byte);
  }
}

/**
 * Tokens between single white-space characters [ \t\n\v\f\r]. Empty tokens at the end of a row are
 * dropped; with `keepEmpty` others are kept, and an empty row is one empty token; without it no
 * token is empty. With `lower`, A to Z become a to z.
 *
 * offsets: i32[rows + 1] into bytes: u8, `size` of them in the rows. outLists: i32[rows + 1], where
 * the tokens of each row start; outOffsets: i32, room for size + rows + 1; outBytes: u8[size], of
 * which what is left over is zeroed. Returns the number of tokens.
 */
export function splitWhitespace(
  rows: i32,
  offsets: usize,
  bytes: usize,
  lower: i32,
  keepEmpty: i32,
  outLists: usize,
  outOffsets: usize,
  outBytes: usize,
): i32 {
  const first = load<i32>(offsets);
  const limit = bytes + usize(load<i32>(offsets + (usize(rows) << 2)));
  const size = limit - (bytes + usize(first));
  let out = outBytes;
  let tokens = 0;
  store<i32>(outLists, 0);
  store<i32>(outOffsets, 0);
  for (let row = 0; row < rows; ++row) {
    let start = bytes + usize(load<i32>(offsets));
    offsets += 4;
    const to = bytes + usize(load<i32>(offsets));
    // Empty tokens count only when one that is not empty follows, or when the row is empty.
    let empty = 0;
    if (start == to && keepEmpty) {
      outOffsets += 4;
      store<i32>(outOffsets, i32(out - outBytes));
      ++tokens;
    }
    while (start < to) {
      const at = findSpace(start, to, limit);
      if (at == start) {
        empty += keepEmpty;
      } else {
        tokens += empty + 1;
        for (; empty > 0; --empty) {
          outOffsets += 4;
          store<i32>(outOffsets, i32(out - outBytes));
        }
        // `out` lags behind `start`, so vectors that end before `limit` end within outBytes.
        copyToken(start, at, limit, lower, out);
        out += at - start;
        outOffsets += 4;
        store<i32>(outOffsets, i32(out - outBytes));
      }
      start = at + 1;
    }
    outLists += 4;
    store<i32>(outLists, tokens);
  }
  memory.fill(out, 0, size - (out - outBytes));
  return tokens;
}

/** out[i] ← floorMod(hashes[i], divisor). hashes, out: i32[n], may be the same; divisor ≥ 1. */
export function floorMods(n: i32, hashes: usize, divisor: i32, out: usize): void {
  const end = hashes + (usize(n) << 2);
  for (; hashes < end; hashes += 4) {
    const r = load<i32>(hashes) % divisor;
    store<i32>(out, r < 0 ? r + divisor : r);
    out += 4;
  }
}

/** Moves the element at `root` down to its place in the heap of slots[0, count). */
function sift(slots: usize, root: i32, count: i32): void {
  const value = load<i32>(slots + (usize(root) << 2));
  for (;;) {
    let child = 2 * root + 1;
    if (child >= count) break;
    let at = slots + (usize(child) << 2);
    if (child + 1 < count && load<i32>(at, 4) > load<i32>(at)) {
      ++child;
      at += 4;
    }
    const largest = load<i32>(at);
    if (largest <= value) break;
    store<i32>(slots + (usize(root) << 2), largest);
    root = child;
  }
  store<i32>(slots + (usize(root) << 2), value);
}

/** Sorts i32[count], ascending: by insertion where that is short, else by a heap. */
function sort(slots: usize, count: i32): void {
  if (count <= 32) {
    for (let i = 1; i < count; ++i) {
      const value = load<i32>(slots + (usize(i) << 2));
      let at = slots + (usize(i) << 2);
      for (; at > slots && load<i32>(at - 4) > value; at -= 4) store<i32>(at, load<i32>(at - 4));
      store<i32>(at, value);
    }
    return;
  }
  for (let root = (count >> 1) - 1; root >= 0; --root) sift(slots, root, count);
  for (let last = count - 1; last > 0; --last) {
    const end = slots + (usize(last) << 2);
    const largest = load<i32>(slots);
    store<i32>(slots, load<i32>(end));
    store<i32>(end, largest);
    sift(slots, 0, last);
  }
}

/**
 * CSR of counted slots: row r gets the entry (slot, how often it is in the row) for every slot but
 * -1 that is there at least minCount + minShare · (elements of the row, also those of slot -1)
 * times; with `binary` the value is 1. Indices ascend.
 *
 * offsets: i32[rows + 1] into slots: i32, which are sorted row by row, in place; outOffsets:
 * i32[rows + 1]; outIndices: i32, outValues: f64, room for all slots. Returns the number of entries.
 */
export function countSlots(
  rows: i32,
  offsets: usize,
  slots: usize,
  minCount: f64,
  minShare: f64,
  binary: i32,
  outOffsets: usize,
  outIndices: usize,
  outValues: usize,
): i32 {
  let entries = 0;
  store<i32>(outOffsets, 0);
  for (let row = 0; row < rows; ++row) {
    const from = load<i32>(offsets);
    offsets += 4;
    const count = load<i32>(offsets) - from;
    let at = slots + (usize(from) << 2);
    sort(at, count);
    const end = at + (usize(count) << 2);
    const threshold = minCount + minShare * f64(count);
    while (at < end) {
      const slot = load<i32>(at);
      const first = at;
      do at += 4;
      while (at < end && load<i32>(at) == slot);
      const times = f64((at - first) >> 2);
      if (slot < 0 || times < threshold) continue;
      store<i32>(outIndices + (usize(entries) << 2), slot);
      store<f64>(outValues + (usize(entries) << 3), binary ? 1 : times);
      ++entries;
    }
    outOffsets += 4;
    store<i32>(outOffsets, entries);
  }
  return entries;
}
