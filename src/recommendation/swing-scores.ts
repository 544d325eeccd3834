/** The similar items of one item after the other: what Swing computes on the workers. */
import type { Lists } from './behavior.js';
import { TopItems } from './top-items.js';

export interface SwingWeights {
  /** Added to the number of a user's items in the user's weight. */
  readonly alpha1: number;
  /** Added to the number of common items. */
  readonly alpha2: number;
  /** The exponent of the user's weight. */
  readonly beta: number;
}

/** The similar items of an item, the most similar first, and their scores. */
export interface SimilarItems {
  readonly items: Int32Array;
  readonly scores: Float64Array;
}

/**
 * Scores of one item against all others.
 *
 * For purchasers u before v of item i, both have the items C, i among them. Intersecting the lists
 * of u and v for every pair would cost |I_u| + |I_v|, nearly all of it for items that the pair does
 * not share. So the lists of i's purchasers are turned around once: `members` holds for every item
 * the purchasers of i who have it, and for each u the later members of u's items are exactly the
 * partners v, once for each common item. They are counted, which gives |C|, then visited again to
 * add to the scores. Sums are added in the order of u, then of v, as if pair by pair.
 */
export class SwingScores {
  readonly #itemsOfUsers: Lists;
  readonly #purchasers: Lists;
  readonly #alpha2: number;
  readonly #weights: Float64Array;
  readonly #top: TopItems;
  readonly #scores: Float64Array;
  /** By item: its members among the purchasers, then where the next member of it is. */
  readonly #next: Int32Array;
  readonly #ends: Int32Array;
  /** The items that some purchaser has, in the order in which they are met. */
  readonly #met: Int32Array;
  #members = new Int32Array(1024);
  /** By purchaser, counted along the item's list: items in common, and the share of the pair. */
  readonly #common: Int32Array;
  readonly #shares: Float64Array;
  readonly #partners: Int32Array;

  constructor(itemsOfUsers: Lists, purchasers: Lists, k: number, weights: SwingWeights) {
    const items = purchasers.offsets.length - 1;
    this.#itemsOfUsers = itemsOfUsers;
    this.#purchasers = purchasers;
    this.#alpha2 = weights.alpha2;
    this.#weights = weightsOf(itemsOfUsers, weights);
    this.#top = new TopItems(k, items);
    this.#scores = new Float64Array(items);
    this.#next = new Int32Array(items);
    this.#ends = new Int32Array(items);
    this.#met = new Int32Array(items);
    const most = longest(purchasers);
    this.#common = new Int32Array(most);
    this.#shares = new Float64Array(most);
    // One more than there can be: the place after the last is written to.
    this.#partners = new Int32Array(most + 1);
  }

  /** The items that share two purchasers with an item. */
  similarTo(item: number): SimilarItems {
    const met = this.#gatherMembers(item);
    const { offsets } = this.#purchasers;
    const purchasers = offsets[item + 1]! - offsets[item]!;
    for (let u = 0; u < purchasers; u++) this.#addPairsOf(item, u);
    let start = 0;
    for (let i = 0; i < met; i++) {
      const other = this.#met[i]!;
      const end = this.#ends[other]!;
      if (end - start > 1) this.#top.offer(other, this.#scores[other]!);
      start = end;
      this.#scores[other] = 0;
      this.#ends[other] = 0;
    }
    return this.#top.take();
  }

  /** Fills `members`, `next` and `ends`; returns how many items were met. */
  #gatherMembers(item: number): number {
    const { offsets, values } = this.#itemsOfUsers;
    const purchasers = this.#purchasers.values;
    const [first, last] = [this.#purchasers.offsets[item]!, this.#purchasers.offsets[item + 1]!];
    let met = 0;
    for (let p = first; p < last; p++) {
      const user = purchasers[p]!;
      for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
        const other = values[at]!;
        if (other !== item && this.#ends[other]!++ === 0) this.#met[met++] = other;
      }
    }
    let end = 0;
    for (let i = 0; i < met; i++) {
      const other = this.#met[i]!;
      this.#next[other] = end;
      end += this.#ends[other]!;
      this.#ends[other] = this.#next[other]!;
    }
    if (end > this.#members.length) this.#members = new Int32Array(2 * end);
    for (let p = first; p < last; p++) {
      const user = purchasers[p]!;
      for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
        const other = values[at]!;
        if (other !== item) this.#members[this.#ends[other]!++] = p - first;
      }
    }
    return met;
  }

  /** Adds what the pairs of a purchaser and the later ones give. */
  #addPairsOf(item: number, u: number): void {
    const { offsets, values } = this.#itemsOfUsers;
    const [members, next, ends] = [this.#members, this.#next, this.#ends];
    const [common, shares, partners] = [this.#common, this.#shares, this.#partners];
    const first = this.#purchasers.offsets[item]!;
    const user = this.#purchasers.values[first + u]!;
    const [start, end] = [offsets[user]!, offsets[user + 1]!];
    let met = 0;
    for (let at = start; at < end; at++) {
      const other = values[at]!;
      if (other === item) continue;
      // The next member is u itself; later ones are left for the purchasers that follow.
      const from = ++next[other]!;
      for (let m = from; m < ends[other]!; m++) {
        const v = members[m]!;
        const before = common[v]!;
        common[v] = before + 1;
        // As if (before === 0) partners[met++] = v, where no branch is guessed wrong.
        partners[met] = v;
        met += (before - 1) >>> 31;
      }
    }
    const weight = this.#weights[user]!;
    for (let i = 0; i < met; i++) {
      const v = partners[i]!;
      const other = this.#weights[this.#purchasers.values[first + v]!]!;
      shares[v] = (weight * other) / (this.#alpha2 + (common[v]! + 1));
      common[v] = 0;
    }
    if (met === 0) return;
    for (let at = start; at < end; at++) {
      const other = values[at]!;
      if (other === item) continue;
      let score = this.#scores[other]!;
      for (let m = next[other]!; m < ends[other]!; m++) score += shares[members[m]!]!;
      this.#scores[other] = score;
    }
  }
}

/** 1 / (alpha1 + number of items)^beta of every user. */
function weightsOf({ offsets }: Lists, { alpha1, beta }: SwingWeights): Float64Array {
  return Float64Array.from({ length: offsets.length - 1 }, (_, user) => {
    return 1 / (alpha1 + (offsets[user + 1]! - offsets[user]!)) ** beta;
  });
}

function longest({ offsets }: Lists): number {
  let most = 0;
  for (let i = 0; i + 1 < offsets.length; i++) most = Math.max(most, offsets[i + 1]! - offsets[i]!);
  return most;
}
