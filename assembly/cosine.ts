/**
 * Discrete cosine transforms of the rows of a matrix, by tables that the caller has made for one
 * size. Two rows go side by side, one in each lane, so a row's bits do not depend on the others;
 * the last row of an odd number goes in both. No bounds checks: the caller validates.
 */
import { madd } from './fma';

/** The entries at one place of two rows. */
function pair(x: usize, y: usize): v128 {
  return v128.load64_lane(y, v128.load64_zero(x), 1);
}

function storePair(x: usize, y: usize, v: v128): void {
  v128.store64_lane(x, v, 0);
  v128.store64_lane(y, v, 1);
}

/** out[i] ← Σⱼ table[i][j] · v[j] for i, j < n. table: f64 n × n; v, out: v128[n], one entry each. */
function multiply(n: i32, table: usize, v: usize, out: usize): void {
  const stride = usize(n) << 3;
  const end = v + (usize(n) << 4);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    let a = f64x2.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let t = table;
    for (let at = v; at < end; at += 16) {
      const x = v128.load(at);
      a = madd(v128.load64_splat(t), x, a);
      b = madd(v128.load64_splat(t + stride), x, b);
      c = madd(v128.load64_splat(t + 2 * stride), x, c);
      d = madd(v128.load64_splat(t + 3 * stride), x, d);
      t += 8;
    }
    v128.store(out, a);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
    out += 64;
    table += stride << 2;
  }
  for (; i < n; ++i) {
    let a = f64x2.splat(0);
    for (let at = v; at < end; at += 16) {
      a = madd(v128.load64_splat(table), v128.load(at), a);
      table += 8;
    }
    v128.store(out, a);
    out += 16;
  }
}

/**
 * By two tables of half the size: the cosines of even k are even about the middle of the row, those
 * of odd k odd, so the sums and the differences of mirrored entries are multiplied.
 *
 * even: f64 c × c and odd: f64 h × h with h = ⌊d/2⌋, c = d - h: even[i][j] = the factor of x[j] in
 * X[2i], odd[i][j] that in X[2i + 1]; transposed for the inverse. x, out: f64 n × d; scratch:
 * v128[2d].
 */
export function cosineByTables(
  n: i32,
  d: i32,
  inverse: i32,
  even: usize,
  odd: usize,
  x: usize,
  scratch: usize,
  out: usize,
): void {
  const half = d >> 1;
  const rest = d - half;
  const stride = usize(d) << 3;
  const last = stride - 8;
  const differences = scratch + (usize(rest) << 4);
  const made = scratch + (usize(d) << 4);
  const madeOdd = made + (usize(rest) << 4);
  for (let row = 0; row < n; row += 2) {
    const other: usize = row + 1 < n ? stride : 0;
    for (let j = 0; j < rest; ++j) {
      const at = usize(j) << 4;
      if (inverse) {
        const even = x + at;
        v128.store(scratch + at, pair(even, even + other));
        if (j < half) v128.store(differences + at, pair(even + 8, even + 8 + other));
        continue;
      }
      const left = x + (at >> 1);
      const right = x + last - (at >> 1);
      const a = pair(left, left + other);
      const b = pair(right, right + other);
      v128.store(scratch + at, j < half ? f64x2.add(a, b) : a);
      if (j < half) v128.store(differences + at, f64x2.sub(a, b));
    }
    if (rest > half && half && !inverse) {
      // No odd k has a share in the middle, which is 0 here and NaN if that is not finite.
      const middle = v128.load(scratch + (usize(half) << 4));
      const none = f64x2.sub(middle, middle);
      v128.store(differences, f64x2.add(v128.load(differences), none));
    }
    multiply(rest, even, scratch, made);
    multiply(half, odd, differences, madeOdd);
    for (let j = 0; j < rest; ++j) {
      const at = usize(j) << 4;
      const a = v128.load(made + at);
      if (j == half) {
        // The middle of an odd number of entries, or the last even k.
        const to = out + (inverse ? at >> 1 : at);
        const odd = half && inverse ? v128.load(madeOdd) : f64x2.splat(0);
        storePair(to, to + other, f64x2.add(a, f64x2.sub(odd, odd)));
        continue;
      }
      const b = v128.load(madeOdd + at);
      if (inverse) {
        const left = out + (at >> 1);
        const right = out + last - (at >> 1);
        storePair(left, left + other, f64x2.add(a, b));
        storePair(right, right + other, f64x2.sub(a, b));
      } else {
        storePair(out + at, out + at + other, a);
        storePair(out + at + 8, out + at + 8 + other, b);
      }
    }
    x += stride << 1;
    out += stride << 1;
  }
}

/**
 * z ← its discrete Fourier transform, of which entry k stands at the bit-reversed place of k.
 * z: m complex numbers of two lanes, [re re | im im], m a power of two; twiddles: cos and sin of
 * 2πj/m, j < m/2.
 */
function fourier(m: i32, twiddles: usize, z: usize): void {
  const end = z + (usize(m) << 5);
  let step: usize = 16;
  for (let half = m >> 1; half >= 1; half >>= 1) {
    const span = usize(half) << 5;
    for (let group = z; group < end; group += span << 1) {
      let w = twiddles;
      const middle = group + span;
      for (let a = group; a < middle; a += 32) {
        const b = a + span;
        const ar = v128.load(a);
        const ai = v128.load(a, 16);
        const br = v128.load(b);
        const bi = v128.load(b, 16);
        const c = v128.load64_splat(w);
        const s = v128.load64_splat(w, 8);
        const r = f64x2.sub(ar, br);
        const i = f64x2.sub(ai, bi);
        v128.store(a, f64x2.add(ar, br));
        v128.store(a, f64x2.add(ai, bi), 16);
        v128.store(b, madd(i, s, f64x2.mul(r, c)));
        v128.store(b, f64x2.sub(f64x2.mul(i, c), f64x2.mul(r, s)), 16);
        w += step;
      }
    }
    step <<= 1;
  }
}

/** z ← m times the inverse of {@link fourier}, from bit-reversed places to natural ones. */
function fourierBack(m: i32, twiddles: usize, z: usize): void {
  const end = z + (usize(m) << 5);
  let step = usize(m) << 3;
  for (let half = 1; half < m; half <<= 1) {
    const span = usize(half) << 5;
    for (let group = z; group < end; group += span << 1) {
      let w = twiddles;
      const middle = group + span;
      for (let a = group; a < middle; a += 32) {
        const b = a + span;
        const ar = v128.load(a);
        const ai = v128.load(a, 16);
        const br = v128.load(b);
        const bi = v128.load(b, 16);
        const c = v128.load64_splat(w);
        const s = v128.load64_splat(w, 8);
        const r = f64x2.sub(f64x2.mul(br, c), f64x2.mul(bi, s));
        const i = madd(br, s, f64x2.mul(bi, c));
        v128.store(a, f64x2.add(ar, r));
        v128.store(a, f64x2.add(ai, i), 16);
        v128.store(b, f64x2.sub(ar, r));
        v128.store(b, f64x2.sub(ai, i), 16);
        w += step;
      }
    }
    step >>= 1;
  }
}

/**
 * By one Fourier transform of d numbers, d a power of two from 2 on (Makhoul 1980): the entries at
 * even places forwards, then those at odd places backwards, are transformed and turned by the angle
 * πk/2d.
 *
 * order: i32[d] bit-reversed places; turns: cₖ·(cos, sin) of πk/2d, f64[2d], where c₀ = √(1/d) and
 * cₖ = √(2/d); twiddles: as {@link fourier}, f64[d]; scratch: v128[2d].
 */
export function cosineByFourier(
  n: i32,
  d: i32,
  inverse: i32,
  order: usize,
  turns: usize,
  twiddles: usize,
  x: usize,
  scratch: usize,
  out: usize,
): void {
  const stride = usize(d) << 3;
  const half = d >> 1;
  for (let row = 0; row < n; row += 2) {
    const other: usize = row + 1 < n ? stride : 0;
    if (inverse) {
      for (let k = 0; k < d; ++k) {
        const from = x + (usize(k) << 3);
        const turn = turns + (usize(k) << 4);
        const v = pair(from, from + other);
        const to = scratch + (usize(load<i32>(order + (usize(k) << 2))) << 5);
        v128.store(to, f64x2.mul(v, v128.load64_splat(turn)));
        v128.store(to, f64x2.mul(v, v128.load64_splat(turn, 8)), 16);
      }
      fourierBack(d, twiddles, scratch);
      for (let j = 0; j < d; ++j) {
        const to = out + (usize(place(j, half, d)) << 3);
        storePair(to, to + other, v128.load(scratch + (usize(j) << 5)));
      }
    } else {
      for (let j = 0; j < d; ++j) {
        const from = x + (usize(place(j, half, d)) << 3);
        const to = scratch + (usize(j) << 5);
        v128.store(to, pair(from, from + other));
        v128.store(to, f64x2.splat(0), 16);
      }
      fourier(d, twiddles, scratch);
      for (let k = 0; k < d; ++k) {
        const from = scratch + (usize(load<i32>(order + (usize(k) << 2))) << 5);
        const turn = turns + (usize(k) << 4);
        const re = f64x2.mul(v128.load(from), v128.load64_splat(turn));
        const to = out + (usize(k) << 3);
        storePair(to, to + other, madd(v128.load(from, 16), v128.load64_splat(turn, 8), re));
      }
    }
    x += stride << 1;
    out += stride << 1;
  }
}

/** Where in the row the j-th number of the Fourier transform stands. */
function place(j: i32, half: i32, d: i32): i32 {
  return j < half ? 2 * j : 2 * (d - 1 - j) + 1;
}

/**
 * By a convolution with a chirp (Bluestein 1970), for any d: out[k] = Re(post[k] · (pre·x ∗ b)[k])
 * with b[t] = exp(iπt²/2d). The inverse has pre and post exchanged.
 *
 * m: a power of two of at least 2d - 1; pre, post: complex, f64[2d]; spectrum: {@link fourier} of b
 * wrapped around m, divided by m, at bit-reversed places, f64[2m]; twiddles: f64[m]; scratch:
 * v128[2m].
 */
export function cosineByChirp(
  n: i32,
  d: i32,
  m: i32,
  pre: usize,
  post: usize,
  spectrum: usize,
  twiddles: usize,
  x: usize,
  scratch: usize,
  out: usize,
): void {
  const stride = usize(d) << 3;
  for (let row = 0; row < n; row += 2) {
    const other: usize = row + 1 < n ? stride : 0;
    for (let j = 0; j < d; ++j) {
      const from = x + (usize(j) << 3);
      const by = pre + (usize(j) << 4);
      const to = scratch + (usize(j) << 5);
      const v = pair(from, from + other);
      v128.store(to, f64x2.mul(v, v128.load64_splat(by)));
      v128.store(to, f64x2.mul(v, v128.load64_splat(by, 8)), 16);
    }
    memory.fill(scratch + (usize(d) << 5), 0, usize(m - d) << 5);
    fourier(m, twiddles, scratch);
    for (let j = 0; j < m; ++j) {
      const at = scratch + (usize(j) << 5);
      const by = spectrum + (usize(j) << 4);
      const re = v128.load(at);
      const im = v128.load(at, 16);
      const c = v128.load64_splat(by);
      const s = v128.load64_splat(by, 8);
      v128.store(at, f64x2.sub(f64x2.mul(re, c), f64x2.mul(im, s)));
      v128.store(at, madd(re, s, f64x2.mul(im, c)), 16);
    }
    fourierBack(m, twiddles, scratch);
    for (let k = 0; k < d; ++k) {
      const from = scratch + (usize(k) << 5);
      const by = post + (usize(k) << 4);
      const to = out + (usize(k) << 3);
      const re = f64x2.mul(v128.load(from), v128.load64_splat(by));
      const im = f64x2.mul(v128.load(from, 16), v128.load64_splat(by, 8));
      storePair(to, to + other, f64x2.sub(re, im));
    }
    x += stride << 1;
    out += stride << 1;
  }
}
