/** A cheap function of strings that tells a few of them apart. */

/** Traces lie below it; a power of two. */
export const TRACES: number = 1 << 14;
/** Labels that are looked at to choose characters, and how far from the end these may be. */
const SAMPLE = 256;
const FARTHEST = 64;
/** More characters would cost as much as a hash of the string. */
const MOST_PLACES = 4;
/** The last two characters, where labels differ as a rule. */
const LAST_PLACES = [1, 2] as const;

/**
 * A number below {@link TRACES} of the length of a string and of two or four of its characters:
 * those in which given labels differ most, at places counted from the end.
 */
export class StringTrace {
  readonly #places: readonly number[];
  /** Shorter strings have not all the places. */
  readonly #shortest: number;

  /** @param labels What the strings are likely to be; none: their ends are looked at. */
  constructor(labels: readonly string[]) {
    this.#places = labels.length === 0 ? LAST_PLACES : placesOf(labels);
    this.#shortest = Math.max(...this.#places);
  }

  of(text: string): number {
    const { length } = text;
    const places = this.#places;
    let h = length;
    if (length >= this.#shortest) {
      h += Math.imul(text.charCodeAt(length - places[0]!), 31);
      h += Math.imul(text.charCodeAt(length - places[1]!), 1021);
      if (places.length > 2) {
        h += Math.imul(text.charCodeAt(length - places[2]!), 32_749);
        h += Math.imul(text.charCodeAt(length - places[3]!), 1_048_573);
      }
    } else if (length > 0) {
      h += Math.imul(text.charCodeAt(0), 31);
    }
    return (h ^ (h >>> 14)) & (TRACES - 1);
  }
}

/** Two places that tell the labels apart, or four; each the best one beside those before it. */
function placesOf(labels: readonly string[]): number[] {
  const step = Math.ceil(labels.length / SAMPLE);
  const sample = labels.filter((_, i) => i % step === 0);
  const longest = sample.reduce((most, { length }) => Math.max(most, length), 1);
  const reach = Math.min(longest, FARTHEST);
  const places: number[] = [];
  let seen = sample.map(({ length }) => String(length));
  while (places.length < MOST_PLACES) {
    let best = { place: 1, seen, distinct: 0 };
    for (let place = 1; place <= reach; place++) {
      const more = seen.map((known, i) => known + (sample[i]!.at(-place) ?? ''));
      const distinct = new Set(more).size;
      if (distinct > best.distinct) best = { place, seen: more, distinct };
    }
    places.push(best.place);
    seen = best.seen;
    const isEnough = step === 1 && best.distinct === sample.length;
    if (places.length === 2 && isEnough) break;
  }
  return places;
}
