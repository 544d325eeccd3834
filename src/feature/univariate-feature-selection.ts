/** Which features p-values select. */

/** How features are selected. */
export const SELECTION_MODES = ['numTopFeatures', 'percentile', 'fpr', 'fdr', 'fwe'] as const;

export type SelectionMode = (typeof SELECTION_MODES)[number];

/**
 * The selected features in the order of selection: by p-value, equal ones by index, NaN last; in
 * the modes `fpr` and `fwe` by index.
 *
 * @param pValues One a feature.
 * @param threshold As the mode takes it: see {@link UnivariateFeatureSelectorParams}.
 */
export function selectFeatures(
  pValues: Float64Array,
  mode: SelectionMode,
  threshold: number,
): Int32Array {
  const m = pValues.length;
  const below = (bound: number) => [...pValues.keys()].filter((t) => pValues[t]! < bound);
  switch (mode) {
    case 'numTopFeatures':
      return Int32Array.from(byPValue(pValues).slice(0, threshold));
    case 'percentile':
      return Int32Array.from(byPValue(pValues).slice(0, Math.floor(m * threshold)));
    case 'fpr':
      return Int32Array.from(below(threshold));
    case 'fwe':
      return Int32Array.from(below(threshold / m));
    case 'fdr': {
      const order = byPValue(pValues);
      let k = m;
      while (k > 0 && !(pValues[order[k - 1]!]! < (threshold / m) * k)) k--;
      return Int32Array.from(order.slice(0, k));
    }
  }
}

function byPValue(pValues: Float64Array): number[] {
  const rank = (t: number) => (Number.isNaN(pValues[t]) ? Number.POSITIVE_INFINITY : pValues[t]!);
  // Infinity - Infinity is NaN, which sorts as 0 does; the sort is stable.
  return [...pValues.keys()].sort((a, b) => rank(a) - rank(b) || a - b);
}
