/** Whether ratios hold their recorded floors. */

/** What share of its floor a ratio may come down to: what is below has become slow. */
export const LEAST_SHARE = 0.7;

/** Of one name. `unrecorded` is a ratio without a floor, `unmeasured` a floor without a ratio. */
export interface Verdict {
  readonly name: string;
  readonly ratio: number | null;
  readonly floor: number | null;
  readonly is: 'held' | 'fell' | 'unrecorded' | 'unmeasured';
}

/** How many times faster the guarded one is, or was when the floors were recorded, by name. */
export type Ratios = Readonly<Record<string, number>>;

/** Whether a ratio holds a floor; one that is no number does not. */
export const holds = (ratio: number, floor: number): boolean => ratio >= LEAST_SHARE * floor;

/** One verdict for every name of either: ratios in their order, then floors that nobody measured. */
export function judge(ratios: Ratios, floors: Ratios): Verdict[] {
  const measured = Object.entries(ratios).map(([name, ratio]): Verdict => {
    const floor = Object.hasOwn(floors, name) ? floors[name]! : null;
    if (floor === null) return { name, ratio, floor, is: 'unrecorded' };
    return { name, ratio, floor, is: holds(ratio, floor) ? 'held' : 'fell' };
  });
  const missing = Object.keys(floors).filter((name) => !Object.hasOwn(ratios, name));
  return [
    ...measured,
    ...missing.map(
      (name): Verdict => ({ name, ratio: null, floor: floors[name]!, is: 'unmeasured' }),
    ),
  ];
}

/** A sentence for each verdict that is no `held`. */
export function complaints(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ name, ratio, floor, is }) => {
    if (is === 'unrecorded') return [`${name}: has no floor; --record writes one`];
    if (is === 'unmeasured') return [`${name}: has a floor, and there is no such case`];
    if (is === 'held') return [];
    const percent = Math.round(100 * (1 - ratio! / floor!));
    return [
      `${name}: ${ratio!.toFixed(2)}x, ${percent} % below its floor of ${floor!.toFixed(2)}x`,
    ];
  });
}
