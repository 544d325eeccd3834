/**
 * Durations in fixed buckets: eight of equal width to each octave, so that a bucket's ends are at
 * most an eighth apart, from an eighth of a microsecond to four minutes. What is longer counts in
 * the last one. After the histograms of G. Tene (HdrHistogram).
 *
 * ```text
 *   units of 1/8 µs    0 1 2 … 7 │ 8 9 … 15 │ 16 18 … 30 │ 32 36 … 60 │ …      2^31
 *   bucket             0 1 2 … 7 │ 8 9 … 15 │ 16 17 … 23 │ 24 25 … 31 │ … 231
 * ```
 */

/** How many buckets there are. */
export const LATENCY_BUCKETS = 232;

const UNITS_PER_US = 8;
const PER_OCTAVE = 8;
const LONGEST = 2 ** 31 - 1;

/** A bucket that is not empty. */
export interface LatencyBucket {
  readonly fromUs: number;
  /** The bucket's end, which is not part of it. */
  readonly toUs: number;
  readonly count: number;
}

/** How long something took, of many times that it was done. */
export interface LatencyMetrics {
  readonly count: number;
  /** Half of all took no longer than this; up to an eighth too large, as are those that follow. */
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
  /** In ascending order, without the empty ones. */
  readonly buckets: readonly LatencyBucket[];
}

/** The bucket of a duration in microseconds. */
export function latencyBucket(us: number): number {
  const units = Math.max(Math.min(us * UNITS_PER_US, LONGEST), 0) | 0;
  if (units < PER_OCTAVE) return units;
  const octave = 31 - Math.clz32(units);
  return (octave - 2) * PER_OCTAVE + ((units >> (octave - 3)) & (PER_OCTAVE - 1));
}

/** Where a bucket begins, in microseconds. */
function beginOf(bucket: number): number {
  if (bucket < PER_OCTAVE) return bucket / UNITS_PER_US;
  const octave = Math.floor(bucket / PER_OCTAVE) + 2;
  return ((PER_OCTAVE + (bucket % PER_OCTAVE)) * 2 ** (octave - 3)) / UNITS_PER_US;
}

/** What the counts of all buckets say. */
export function latencyMetrics(counts: ArrayLike<number>, maxUs: number): LatencyMetrics {
  const buckets: LatencyBucket[] = [];
  let total = 0;
  for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
    const count = counts[bucket]!;
    if (count === 0) continue;
    total += count;
    buckets.push({ fromUs: beginOf(bucket), toUs: beginOf(bucket + 1), count });
  }
  const quantile = (q: number) => {
    let left = Math.ceil(q * total);
    for (const { toUs, count } of buckets) {
      left -= count;
      if (left <= 0) return Math.min(toUs, maxUs);
    }
    return 0;
  };
  const [p50Us, p90Us, p99Us] = [quantile(0.5), quantile(0.9), quantile(0.99)];
  return { count: total, p50Us, p90Us, p99Us, maxUs, buckets };
}
