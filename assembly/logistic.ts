/**
 * The logistic link, two rows at a time, without tables and without fused arithmetic: the same bits
 * in both builds and on every CPU. Polynomials are fdlibm's (e_exp.c, e_log.c; error < 1 ulp).
 */

const LN2_HI: f64 = 6.93147180369123816490e-1;
const LN2_LO: f64 = 1.90821492927058770002e-10;

function fma2(a: v128, b: v128, c: f64): v128 {
  return f64x2.add(f64x2.mul(a, b), f64x2.splat(c));
}

/** 2ᵏ for an integral k in [-1022, 1023]: 1.5·2⁵² + k + 1023 has the exponent in its low bits. */
function pow2(k: v128): v128 {
  return i64x2.shl(f64x2.add(k, f64x2.splat(6755399441055744.0 + 1023.0)), 52);
}

/** eˣ for x ≤ 0; 0 below -746, subnormal results included. NaN stays NaN. */
export function expNegative(x: v128): v128 {
  x = f64x2.max(x, f64x2.splat(-746));
  const k = f64x2.nearest(f64x2.mul(x, f64x2.splat(1.44269504088896338700)));
  const hi = f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HI)));
  const lo = f64x2.mul(k, f64x2.splat(LN2_LO));
  const r = f64x2.sub(hi, lo);
  const t = f64x2.mul(r, r);
  let p = fma2(t, f64x2.splat(4.13813679705723846039e-8), -1.65339022054652515390e-6);
  p = fma2(t, p, 6.61375632143793436117e-5);
  p = fma2(t, p, -2.77777777770155933842e-3);
  p = fma2(t, p, 1.66666666666666019037e-1);
  const c = f64x2.sub(r, f64x2.mul(t, p));
  const q = f64x2.div(f64x2.mul(r, c), f64x2.sub(f64x2.splat(2), c));
  const y = f64x2.sub(f64x2.splat(1), f64x2.sub(f64x2.sub(lo, q), hi));
  // In two factors, since 2ᵏ itself may be subnormal.
  const half = f64x2.floor(f64x2.mul(k, f64x2.splat(0.5)));
  return f64x2.mul(f64x2.mul(y, pow2(half)), pow2(f64x2.sub(k, half)));
}

/** log(1 + e) for e in [0, 1]. */
export function log1pUnit(e: v128): v128 {
  // Above √2 - 1, log(1 + e) = log 2 + log((1 + e)/2).
  const large = f64x2.gt(e, f64x2.splat(0.41421356237309503));
  const halved = f64x2.mul(f64x2.sub(e, f64x2.splat(1)), f64x2.splat(0.5));
  const f = v128.bitselect(halved, e, large);
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let even = fma2(w, f64x2.splat(1.531383769920937332e-1), 2.222219843214978396e-1);
  even = f64x2.mul(w, fma2(w, even, 3.999999999940941908e-1));
  let odd = fma2(w, f64x2.splat(1.479819860511658591e-1), 1.818357216161805012e-1);
  odd = fma2(w, odd, 2.857142874366239149e-1);
  odd = f64x2.mul(z, fma2(w, odd, 6.666666666666735130e-1));
  const half = f64x2.mul(f64x2.mul(f64x2.splat(0.5), f), f);
  const tail = f64x2.add(
    f64x2.mul(s, f64x2.add(half, f64x2.add(even, odd))),
    v128.and(large, f64x2.splat(LN2_LO)),
  );
  const low = f64x2.sub(f64x2.sub(half, tail), f);
  return f64x2.sub(v128.and(large, f64x2.splat(LN2_HI)), low);
}

/**
 * For each row: p = 1/(1 + e⁻ᵐ), residual = p - y, and the log-loss
 * -y log p - (1 - y) log(1 - p) = log(1 + e^-|m|) + |m|·(y where m < 0, 1 - y elsewhere),
 * which neither overflows nor cancels. margins, labels (in [0, 1]): f64[n];
 * probabilities, residuals: f64[n]; residuals may be margins. Returns Σ loss, in row order; NaN when
 * a margin or label is NaN. No bounds check: the caller validates.
 */
export function logisticResiduals(
  n: i32,
  margins: usize,
  labels: usize,
  probabilities: usize,
  residuals: usize,
): f64 {
  const one = f64x2.splat(1);
  const zero = f64x2.splat(0);
  let total: f64 = 0;
  for (let i = 0; i < n; i += 2) {
    const pair = i + 1 < n;
    const m = pair ? v128.load(margins) : v128.load64_zero(margins);
    const y = pair ? v128.load(labels) : v128.load64_zero(labels);
    const size = f64x2.abs(m);
    const e = expNegative(f64x2.neg(size));
    const negative = f64x2.lt(m, zero);
    const p = f64x2.div(v128.bitselect(e, one, negative), f64x2.add(one, e));
    const residual = f64x2.sub(p, y);
    const wrong = v128.bitselect(y, f64x2.sub(one, y), negative);
    // A right label at an infinite margin costs 0, not 0 · Infinity.
    const linear = v128.andnot(f64x2.mul(size, wrong), f64x2.eq(wrong, zero));
    const loss = f64x2.add(log1pUnit(e), linear);
    total += f64x2.extract_lane(loss, 0);
    if (pair) {
      total += f64x2.extract_lane(loss, 1);
      v128.store(probabilities, p);
      v128.store(residuals, residual);
    } else {
      store<f64>(probabilities, f64x2.extract_lane(p, 0));
      store<f64>(residuals, f64x2.extract_lane(residual, 0));
    }
    margins += 16;
    labels += 16;
    probabilities += 16;
    residuals += 16;
  }
  return total;
}
