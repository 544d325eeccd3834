/** Labels with their counts, and the orders in which they get their indices. */

/** The distinct texts of a column in order of first appearance, and how often each occurs. */
export interface LabelCounts {
  readonly labels: readonly string[];
  readonly counts: ArrayLike<number>;
}

/** The orders. */
export const STRING_ORDER_TYPES = [
  'arbitrary',
  'frequencyDesc',
  'frequencyAsc',
  'alphabetDesc',
  'alphabetAsc',
] as const;
/** One of the orders. */
export type StringOrderType = (typeof STRING_ORDER_TYPES)[number];

/**
 * The labels in an order: by first appearance (`arbitrary`), by count with ties in alphabetical
 * order, or by their UTF-16 code units, as Java and JavaScript compare strings.
 */
export function orderedLabels({ labels, counts }: LabelCounts, order: StringOrderType): string[] {
  switch (order) {
    case 'arbitrary':
      return [...labels];
    case 'alphabetAsc':
      return [...labels].sort();
    case 'alphabetDesc':
      return [...labels].sort().reverse();
    default: {
      const sign = order === 'frequencyAsc' ? 1 : -1;
      const compare = (a: number, b: number): number =>
        sign * (counts[a]! - counts[b]!) || (labels[a]! < labels[b]! ? -1 : 1);
      return Array.from(labels.keys())
        .sort(compare)
        .map((i) => labels[i]!);
    }
  }
}

/** The same counts where a text may stand more than once: several bits are NaN. */
export function withoutRepeats({ labels, counts }: LabelCounts): LabelCounts {
  const totals = new Map<string, number>();
  labels.forEach((label, i) => {
    totals.set(label, (totals.get(label) ?? 0) + counts[i]!);
  });
  return { labels: [...totals.keys()], counts: [...totals.values()] };
}
