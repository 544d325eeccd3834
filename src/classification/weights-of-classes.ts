/** What the classes of some rows weigh. */
import type { Classes } from '../stats/classes.js';

/** The weight of the rows of each class; null: a row weighs 1. */
export function weightsOfClasses(
  { labels, codes }: Classes,
  rowWeights: Float64Array | null,
): Float64Array {
  const weights = new Float64Array(labels.length);
  for (let row = 0; row < codes.length; row++) weights[codes[row]!]! += rowWeights?.[row] ?? 1;
  return weights;
}
