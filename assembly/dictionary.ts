/**
 * A dictionary of byte strings: an open-addressing hash table with linear probing, at most half
 * full, whose keys of up to 16 bytes lie in the slots, so that a look-up is one line of cache and
 * one comparison of 128 bits.
 *
 * ```text
 * slots    32 bytes each, a power of two; all zero: free
 *          | first 16 bytes of the key, zeros after its end | length + 1 | hash | value | address |
 * entries  i32: their number, then the slot of each in order of insertion
 * ```
 *
 * `address` is where the whole key lies; only that of a key longer than 16 bytes is looked at.
 * Keys come as `offsets` into `bytes`, or, without offsets (0), as `width` bytes each. `size` is the
 * number of bytes that may be read. `validity`: a bitmap; 0: no row is null. No bounds checks: the
 * caller validates.
 *
 * What is done for every row is `@inline`: up to twice as fast, and not left to the optimizer.
 */

const P0: u64 = 0x9e3779b97f4a7c15;
const P1: u64 = 0xbf58476d1ce4e5b9;
const P2: u64 = 0x94d049bb133111eb;

/** The first 16 bytes of a key, with zeros after its end. */
// @ts-ignore: decorator
@inline
function head(key: usize, length: i32, limit: usize): v128 {
  if (length > 16) return v128.load(key);
  return key + 16 > limit ? lastHead(key, length) : shortHead(key, length);
}

/** {@link head} of a key of up to 16 bytes where 16 can be read. */
// @ts-ignore: decorator
@inline
function shortHead(key: usize, length: i32): v128 {
  const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(v128.load(key), i8x16.gt_s(i8x16.splat(i8(length)), lanes));
}

/** {@link head} where 16 bytes cannot be read. */
function lastHead(key: usize, length: i32): v128 {
  let low: u64 = 0;
  let high: u64 = 0;
  for (let i = length - 1; i >= 0; --i) {
    high = (high << 8) | (low >> 56);
    low = (low << 8) | u64(load<u8>(key + usize(i)));
  }
  return i64x2.replace_lane(i64x2.splat(i64(low)), 1, i64(high));
}

/** A hash of the whole key: bits of every byte reach the low bits, by which slots are chosen. */
// @ts-ignore: decorator
@inline
function hashOf(first: v128, key: usize, length: i32): u32 {
  if (length <= 16) return shortHash(first, length);
  const h = hashRest(mix(u64(length) * P0, first), key, length);
  return u32(h ^ (h >> 32));
}

/** {@link hashOf} a key of up to 16 bytes. */
// @ts-ignore: decorator
@inline
function shortHash(first: v128, length: i32): u32 {
  const h = mix(u64(length) * P0, first);
  return u32(h ^ (h >> 32));
}

// @ts-ignore: decorator
@inline
function mix(h: u64, piece: v128): u64 {
  h = (h ^ u64(i64x2.extract_lane(piece, 0))) * P1;
  return (rotl<u64>(h, 32) ^ u64(i64x2.extract_lane(piece, 1))) * P2;
}

/** Goes on with what follows the first 16 bytes; the last piece may overlap the one before. */
function hashRest(h: u64, key: usize, length: i32): u64 {
  const last = key + usize(length) - 16;
  for (let at = key + 16; at < last; at += 16) h = mix(h ^ (h >> 32), v128.load(at));
  return mix(h ^ (h >> 32), v128.load(last));
}

/** Whether two keys of one length > 16 and of the same first 16 bytes are equal. */
function sameRest(a: usize, b: usize, length: i32): bool {
  const last = usize(length) - 16;
  for (let at: usize = 16; at < last; at += 16) {
    if (v128.any_true(v128.xor(v128.load(a + at), v128.load(b + at)))) return false;
  }
  return !v128.any_true(v128.xor(v128.load(a + last), v128.load(b + last)));
}

/** The slot of a key: its own, or the free one where it belongs. `mask`: slots - 1. */
// @ts-ignore: decorator
@inline
function slotOf(
  first: v128,
  key: usize,
  length: i32,
  hash: u32,
  slots: usize,
  mask: u32,
): usize {
  let index = hash & mask;
  while (true) {
    const slot = slots + (usize(index) << 5);
    const there = load<i32>(slot, 16);
    if (there == length + 1 && !v128.any_true(v128.xor(first, v128.load(slot)))) {
      if (length <= 16) return slot;
      if (load<u32>(slot, 20) == hash && sameRest(load<u32>(slot, 28), key, length)) return slot;
    } else if (there == 0) {
      return slot;
    }
    index = (index + 1) & mask;
  }
}

/** {@link slotOf} of a key of up to 16 bytes that is in the dictionary; 0 of one that is not. */
// @ts-ignore: decorator
@inline
function knownSlot(first: v128, length: i32, slots: usize, mask: u32): usize {
  let index = shortHash(first, length) & mask;
  while (true) {
    const slot = slots + (usize(index) << 5);
    const there = load<i32>(slot, 16);
    if (!v128.any_true(v128.xor(first, v128.load(slot))) && there == length + 1) return slot;
    if (there == 0) return 0;
    index = (index + 1) & mask;
  }
}

/** How many rows there are before those where 16 bytes cannot be read. */
function readableRows(n: i32, offsets: usize, size: i32): i32 {
  while (n > 0 && load<i32>(offsets + (usize(n - 1) << 2)) > size - 16) --n;
  return n;
}

/**
 * Adds 1 to the values of rows [row, n), for as long as their keys are known and have at most 16
 * bytes: nearly all rows of most columns, in a loop of what these need. No row is null, and 16 bytes
 * can be read of each. Returns the row at which it stopped.
 */
function addKnown(
  row: i32,
  n: i32,
  offsets: usize,
  bytes: usize,
  slots: usize,
  mask: u32,
): i32 {
  let place = offsets + (usize(row) << 2);
  let key = bytes + usize(load<i32>(place));
  for (; row < n; ++row) {
    place += 4;
    const end = bytes + usize(load<i32>(place));
    const length = i32(end - key);
    if (length > 16) break;
    const slot = knownSlot(shortHead(key, length), length, slots, mask);
    if (slot == 0) break;
    store<i32>(slot, load<i32>(slot, 24) + 1, 24);
    key = end;
  }
  return row;
}

/** Writes the values of rows [row, n) to out, under the same conditions as {@link addKnown}. */
function findKnown(
  row: i32,
  n: i32,
  offsets: usize,
  bytes: usize,
  slots: usize,
  mask: u32,
  out: usize,
): i32 {
  let place = offsets + (usize(row) << 2);
  let key = bytes + usize(load<i32>(place));
  for (; row < n; ++row) {
    place += 4;
    const end = bytes + usize(load<i32>(place));
    const length = i32(end - key);
    if (length > 16) break;
    const slot = knownSlot(shortHead(key, length), length, slots, mask);
    if (slot == 0) break;
    store<f64>(out + (usize(row) << 3), f64(load<i32>(slot, 24)));
    key = end;
  }
  return row;
}

// @ts-ignore: decorator
@inline
function isNull(validity: usize, row: i32): bool {
  return validity != 0 && ((load<u8>(validity + usize(row >> 3)) >> u8(row & 7)) & 1) == 0;
}

/**
 * Adds rows [start, n): the value of a key becomes the sum of the weights of its rows (i32[n]; 0:
 * one a row). Stops before a key for which there is no room. Returns the row at which it stopped,
 * n at the end. room: the most entries; slots: at least twice as many.
 */
export function dictionaryAdd(
  start: i32,
  n: i32,
  offsets: usize,
  width: i32,
  bytes: usize,
  size: i32,
  validity: usize,
  weights: usize,
  slots: usize,
  mask: u32,
  entries: usize,
  room: i32,
): i32 {
  const limit = bytes + usize(size);
  const isPlain = offsets != 0 && validity == 0 && weights == 0;
  const plain = isPlain ? readableRows(n, offsets, size) : 0;
  let count = load<i32>(entries);
  let row = start;
  for (; row < n; ++row) {
    if (row < plain) {
      row = addKnown(row, plain, offsets, bytes, slots, mask);
      if (row == n) break;
    }
    if (isNull(validity, row)) continue;
    const place = offsets + (usize(row) << 2);
    const key = bytes + usize(offsets ? load<i32>(place) : row * width);
    const length = offsets ? load<i32>(place, 4) - load<i32>(place) : width;
    const first = head(key, length, limit);
    const hash = hashOf(first, key, length);
    const slot = slotOf(first, key, length, hash, slots, mask);
    const weight = weights ? load<i32>(weights + (usize(row) << 2)) : 1;
    if (load<i32>(slot, 16) != 0) {
      store<i32>(slot, load<i32>(slot, 24) + weight, 24);
      continue;
    }
    if (count == room) break;
    v128.store(slot, first);
    store<i32>(slot, length + 1, 16);
    store<u32>(slot, hash, 20);
    store<i32>(slot, weight, 24);
    store<u32>(slot, u32(key), 28);
    ++count;
    store<i32>(entries + (usize(count) << 2), i32((slot - slots) >> 5));
  }
  store<i32>(entries, count);
  return row;
}

/**
 * out[i] ← the value of key i, or `missing` where it is not in the dictionary, or null. out: f64[n].
 * Returns how many are missing.
 */
export function dictionaryFind(
  n: i32,
  offsets: usize,
  width: i32,
  bytes: usize,
  size: i32,
  validity: usize,
  slots: usize,
  mask: u32,
  missing: f64,
  out: usize,
): i32 {
  const limit = bytes + usize(size);
  const isPlain = offsets != 0 && validity == 0;
  const plain = isPlain ? readableRows(n, offsets, size) : 0;
  let misses = 0;
  for (let row = 0; row < n; ++row) {
    if (row < plain) {
      row = findKnown(row, plain, offsets, bytes, slots, mask, out);
      if (row == n) break;
    }
    let value = missing;
    let found = false;
    if (!isNull(validity, row)) {
      const place = offsets + (usize(row) << 2);
      const key = bytes + usize(offsets ? load<i32>(place) : row * width);
      const length = offsets ? load<i32>(place, 4) - load<i32>(place) : width;
      const first = head(key, length, limit);
      const slot = slotOf(first, key, length, hashOf(first, key, length), slots, mask);
      if (load<i32>(slot, 16) != 0) {
        value = f64(load<i32>(slot, 24));
        found = true;
      }
    }
    if (!found) ++misses;
    store<f64>(out + (usize(row) << 3), value);
  }
  return misses;
}

/**
 * Copies the bytes of those keys from entry `from` on that are longer than 16 bytes to `copies`, where
 * they lie from now on. copies 0: they are only measured. Returns how many bytes they are.
 */
export function dictionaryKeep(slots: usize, entries: usize, from: i32, copies: usize): i32 {
  const end = entries + (usize(load<i32>(entries)) << 2);
  let total: i32 = 0;
  for (let entry = entries + (usize(from) << 2); entry < end; ) {
    entry += 4;
    const slot = slots + (usize(load<i32>(entry)) << 5);
    const length = load<i32>(slot, 16) - 1;
    if (length <= 16) continue;
    if (copies) {
      const copy = copies + usize(total);
      memory.copy(copy, usize(load<u32>(slot, 28)), usize(length));
      store<u32>(slot, u32(copy), 28);
    }
    total += length;
  }
  return total;
}

/** Moves all entries, in their order, to a larger table, which is all zero. */
export function dictionaryGrow(slots: usize, entries: usize, larger: usize, mask: u32): void {
  const end = entries + (usize(load<i32>(entries)) << 2);
  while (entries < end) {
    entries += 4;
    const from = slots + (usize(load<i32>(entries)) << 5);
    let index = load<u32>(from, 20) & mask;
    while (load<i32>(larger + (usize(index) << 5), 16) != 0) index = (index + 1) & mask;
    const to = larger + (usize(index) << 5);
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    store<u32>(entries, index);
  }
}

/**
 * Lists the entries in order of insertion: offsets: i32[count + 1], from 0, into bytes, and
 * values: i32[count]. bytes: room for all keys as if each had 16 bytes or more. Returns how many
 * bytes there are.
 */
export function dictionaryList(
  slots: usize,
  entries: usize,
  offsets: usize,
  bytes: usize,
  values: usize,
): i32 {
  const end = entries + (usize(load<i32>(entries)) << 2);
  let total: i32 = 0;
  store<i32>(offsets, 0);
  while (entries < end) {
    entries += 4;
    const slot = slots + (usize(load<i32>(entries)) << 5);
    const length = load<i32>(slot, 16) - 1;
    const to = bytes + usize(total);
    // The zeros after the end of a short key are overwritten by the next.
    if (length > 16) memory.copy(to, usize(load<u32>(slot, 28)), usize(length));
    else v128.store(to, v128.load(slot));
    total += length;
    offsets += 4;
    store<i32>(offsets, total);
    store<i32>(values, load<i32>(slot, 24));
    values += 4;
  }
  return total;
}
