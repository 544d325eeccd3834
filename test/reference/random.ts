/** A seeded generator for tests (mulberry32): the same seed gives the same inputs everywhere. */
export interface Random {
  /** In [0, 1). */
  unit(): number;
  /** An integer in [0, end). */
  below(end: number): number;
  /** n values in [-1, 1). */
  f64(n: number): Float64Array;
}

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    unit,
    below: (end) => Math.floor(unit() * end),
    f64: (n) => Float64Array.from({ length: n }, () => 2 * unit() - 1),
  };
}
