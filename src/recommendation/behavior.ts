/** Who has bought what, from both sides: the items of each user, and the purchasers of each item. */
import { JavaRandom } from '../core/random.js';
import { int32 } from '../table/buffers.js';

/** Lists of numbers: list `i` is `values[offsets[i]]` to `values[offsets[i + 1]]`. */
export interface Lists {
  readonly offsets: Int32Array<SharedArrayBuffer>;
  readonly values: Int32Array<SharedArrayBuffer>;
}

/** How many items users must have. */
export interface BehaviorRange {
  readonly minUserBehavior: number;
  readonly maxUserBehavior: number;
}

/** Rows in the order of their keys, rows of one key in the order given: a counting sort. */
function sortedBy(keys: Int32Array, count: number, rows: Iterable<number>): Int32Array {
  const next = new Int32Array(count + 1);
  for (const key of keys) next[key + 1]!++;
  for (let key = 0; key < count; key++) next[key + 1]! += next[key]!;
  const order = new Int32Array(keys.length);
  for (const row of rows) order[next[keys[row]!]!++] = row;
  return order;
}

/**
 * The distinct items of every user who has as many as is asked, items and users ascending.
 *
 * @param users Codes in [0, userCount), one a row; `items` likewise.
 */
export function itemsOfUsers(
  users: Int32Array,
  userCount: number,
  items: Int32Array,
  itemCount: number,
  { minUserBehavior, maxUserBehavior }: BehaviorRange,
): Lists {
  const order = sortedBy(users, userCount, sortedBy(items, itemCount, items.keys()));
  const values = int32(order.length);
  const ends: number[] = [0];
  let start = 0;
  for (let at = 0; at < order.length; ) {
    const user = users[order[at]!]!;
    let end = start;
    for (; at < order.length && users[order[at]!] === user; at++) {
      const item = items[order[at]!]!;
      if (end === start || values[end - 1] !== item) values[end++] = item;
    }
    if (end - start < minUserBehavior || end - start > maxUserBehavior) continue;
    ends.push(end);
    start = end;
  }
  const offsets = int32(ends.length);
  offsets.set(ends);
  return { offsets, values };
}

/**
 * The purchasers of every item, at most `most` of them: a reservoir sample of the users, who come
 * ascending, by a generator of the item's own. As in Flink ML, the one who comes when `n` have come
 * before draws from n places, not from n + 1.
 */
export function purchasersOfItems(
  { offsets, values }: Lists,
  itemCount: number,
  most: number,
  seed: number,
): Lists {
  const all = offsets.at(-1)!;
  const came = new Int32Array(itemCount);
  for (let at = 0; at < all; at++) came[values[at]!]!++;
  const starts = int32(itemCount + 1);
  for (let item = 0; item < itemCount; item++) {
    starts[item + 1] = starts[item]! + Math.min(came[item]!, most);
  }
  const purchasers = int32(starts[itemCount]!);
  const generators = new Map<number, JavaRandom>();
  came.fill(0);
  for (let user = 0; user + 1 < offsets.length; user++) {
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      const item = values[at]!;
      const before = came[item]!++;
      let place = before;
      if (before >= most) {
        const random = generators.get(item) ?? new JavaRandom(seed);
        generators.set(item, random);
        place = random.nextInt(before);
      }
      if (place < most) purchasers[starts[item]! + place] = user;
    }
  }
  return { offsets: starts, values: purchasers };
}
