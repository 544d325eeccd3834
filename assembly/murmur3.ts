/**
 * MurmurHash3 x86 32-bit over UTF-16 code units (Guava's hashUnencodedChars, which Flink ML's
 * FeatureHasher uses): two units make a 32-bit block, the first in the low half; an odd last unit
 * is the tail; the length that ends it is 2 bytes a unit. Equal to the hash of the UTF-16LE bytes.
 * No bounds checks: the caller validates.
 */

function mixBlock(k: u32): u32 {
  return rotl<u32>(k * 0xcc9e2d51, 15) * 0x1b873593;
}

function mix(h: u32, k: u32): u32 {
  return rotl<u32>(h ^ mixBlock(k), 13) * 5 + 0xe6546b64;
}

/** Mixes the length in and avalanches. */
function finish(h: u32, units: i32): i32 {
  h ^= u32(units) << 1;
  h ^= h >> 16;
  h *= 0x85ebca6b;
  h ^= h >> 13;
  h *= 0xc2b2ae35;
  return i32(h ^ (h >> 16));
}

/**
 * Hashes `count` units at any address, after a prefix whose whole blocks are in `h` and whose odd
 * last unit, if `prefixUnits` is odd, is `carry`.
 */
function hashUnits(h: u32, carry: u32, prefixUnits: i32, units: usize, count: i32): i32 {
  const end = units + (usize(count) << 1);
  if (prefixUnits & 1) {
    if (units == end) return finish(h ^ mixBlock(carry), prefixUnits);
    h = mix(h, carry | (u32(load<u16>(units)) << 16));
    units += 2;
  }
  for (; units + 4 <= end; units += 4) h = mix(h, load<u32>(units));
  if (units < end) h ^= mixBlock(u32(load<u16>(units)));
  return finish(h, prefixUnits + count);
}

/** The state after the whole blocks of a prefix. */
function hashBlocks(seed: u32, units: usize, count: i32): u32 {
  const end = units + (usize(count & ~1) << 1);
  for (; units < end; units += 4) seed = mix(seed, load<u32>(units));
  return seed;
}

/** The hash of units: u16[count]. */
export function murmur3Utf16(units: usize, count: i32, seed: i32): i32 {
  return hashUnits(u32(seed), 0, 0, units, count);
}

/**
 * out[i] ← hash, seed 0, of prefix followed by string i. offsets: i32[n + 1], in units, into
 * units: u16; prefix: u16[prefixUnits]; out: i32[n].
 */
export function murmur3Utf16Batch(
  n: i32,
  offsets: usize,
  units: usize,
  prefix: usize,
  prefixUnits: i32,
  out: usize,
): void {
  const h = hashBlocks(0, prefix, prefixUnits);
  const carry = prefixUnits & 1 ? u32(load<u16>(prefix + (usize(prefixUnits - 1) << 1))) : 0;
  let from = load<i32>(offsets);
  const end = out + (usize(n) << 2);
  while (out < end) {
    offsets += 4;
    const to = load<i32>(offsets);
    const at = units + (usize(from) << 1);
    store<i32>(out, hashUnits(h, carry, prefixUnits, at, to - from));
    from = to;
    out += 4;
  }
}

/** As {@link hashUnits} for `count` ASCII bytes: each byte is a unit. */
function hashAscii(h: u32, carry: u32, prefixUnits: i32, bytes: usize, count: i32): i32 {
  const end = bytes + usize(count);
  if (prefixUnits & 1) {
    if (bytes == end) return finish(h ^ mixBlock(carry), prefixUnits);
    h = mix(h, carry | (u32(load<u8>(bytes)) << 16));
    bytes += 1;
  }
  for (; bytes + 4 <= end; bytes += 4) {
    const w = load<u32>(bytes);
    h = mix(h, (w & 0xff) | ((w & 0xff00) << 8));
    h = mix(h, ((w >> 16) & 0xff) | ((w >> 24) << 16));
  }
  if (bytes + 2 <= end) {
    const w = u32(load<u16>(bytes));
    h = mix(h, (w & 0xff) | ((w & 0xff00) << 8));
    bytes += 2;
  }
  if (bytes < end) h ^= mixBlock(u32(load<u8>(bytes)));
  return finish(h, prefixUnits + count);
}

function isAscii(bytes: usize, end: usize): bool {
  for (; bytes + 16 <= end; bytes += 16) {
    if (i8x16.bitmask(v128.load(bytes))) return false;
  }
  let high: u64 = 0;
  for (; bytes + 4 <= end; bytes += 4) high |= u64(load<u32>(bytes));
  for (; bytes < end; ++bytes) high |= u64(load<u8>(bytes));
  return (high & 0x80808080) == 0;
}

/**
 * Decodes UTF-8 to UTF-16 units as the WHATWG Encoding Standard: each maximal part of a broken
 * sequence becomes one U+FFFD. A byte-order mark is kept, as with `ignoreBOM: true`.
 * `to` needs room for one unit a byte. Returns the number of units.
 */
function decodeUtf8(bytes: usize, end: usize, to: usize): i32 {
  const start = to;
  while (bytes < end) {
    const lead = u32(load<u8>(bytes++));
    if (lead < 0x80) {
      store<u16>(to, u16(lead));
      to += 2;
      continue;
    }
    let needed = 0;
    let point: u32 = 0;
    // Bounds of the second byte: they exclude overlong forms, surrogates and points over 10FFFF.
    let lower: u32 = 0x80;
    let upper: u32 = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
      needed = 1;
      point = lead & 0x1f;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      needed = 2;
      point = lead & 0xf;
      if (lead == 0xe0) lower = 0xa0;
      if (lead == 0xed) upper = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      needed = 3;
      point = lead & 7;
      if (lead == 0xf0) lower = 0x90;
      if (lead == 0xf4) upper = 0x8f;
    }
    let whole = needed > 0;
    for (; needed > 0; --needed) {
      const next = bytes < end ? u32(load<u8>(bytes)) : 0;
      if (next < lower || next > upper) {
        whole = false;
        break;
      }
      point = (point << 6) | (next & 0x3f);
      lower = 0x80;
      upper = 0xbf;
      ++bytes;
    }
    if (!whole) point = 0xfffd;
    if (point > 0xffff) {
      store<u16>(to, u16(0xd7c0 + (point >> 10)));
      point = 0xdc00 | (point & 0x3ff);
      to += 2;
    }
    store<u16>(to, u16(point));
    to += 2;
  }
  return i32((to - start) >> 1);
}

/**
 * out[i] ← hash, seed 0, of prefix followed by string i, decoded from UTF-8. offsets: i32[n + 1],
 * in bytes, into bytes: u8; prefix: u16[prefixUnits]; scratch: u16 for the longest string that is
 * not ASCII, one unit a byte; out: i32[n].
 */
export function murmur3Utf8Batch(
  n: i32,
  offsets: usize,
  bytes: usize,
  prefix: usize,
  prefixUnits: i32,
  scratch: usize,
  out: usize,
): void {
  const h = hashBlocks(0, prefix, prefixUnits);
  const carry = prefixUnits & 1 ? u32(load<u16>(prefix + (usize(prefixUnits - 1) << 1))) : 0;
  let from = bytes + usize(load<i32>(offsets));
  const end = out + (usize(n) << 2);
  while (out < end) {
    offsets += 4;
    const to = bytes + usize(load<i32>(offsets));
    const hash = isAscii(from, to)
      ? hashAscii(h, carry, prefixUnits, from, i32(to - from))
      : hashUnits(h, carry, prefixUnits, scratch, decodeUtf8(from, to, scratch));
    store<i32>(out, hash);
    from = to;
    out += 4;
  }
}
