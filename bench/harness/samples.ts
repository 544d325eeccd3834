/** Samples of how long something takes, and what is said of them. */

/** Seconds per call, in the order in which they were taken. */
export type Samples = readonly number[];

export interface Summary {
  readonly samples: number;
  readonly medianSeconds: number;
  /** What the fastest tenth stays below: the least disturbed calls. */
  readonly fastSeconds: number;
  /** From the mean, as benchmark.js counts. */
  readonly opsPerSecond: number;
  /** Half the 95 % interval of the mean, in percent of it. */
  readonly rme: number;
}

/** The value below which a share of the values lies; sorts a copy. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low === high ? low : low + (high - low) * (at - Math.floor(at));
}

export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

export function summarize(samples: Samples): Summary {
  const n = samples.length;
  const mean = samples.reduce((sum, s) => sum + s, 0) / n;
  const variance = samples.reduce((sum, s) => sum + (s - mean) ** 2, 0) / Math.max(n - 1, 1);
  return {
    samples: n,
    medianSeconds: median(samples),
    fastSeconds: quantile(samples, 0.1),
    opsPerSecond: 1 / mean,
    // Student's t at 95 % comes down to this from about ten samples on.
    rme: n < 2 ? Number.NaN : (100 * (1.96 + 4 / n) * Math.sqrt(variance / n)) / mean,
  };
}
