/**
 * A map from numbers to numbers, in typed arrays: what most keyed state is. Entries lie end to end in
 * the order in which they came, so a checkpoint copies them as they are, where a `Map` would have to
 * be walked entry by entry; and an index of slots finds them.
 *
 * ```text
 * pairs   | key, value | key, value |  hole  | key, value | ...     in order; float64
 * slots   | 0 | 2 | 0 | 1 | 4 | 0 | 0 | 0 |                         entry + 1 by hash, 0: none; int32
 * ```
 *
 * Slots are probed one after the other, at most half of them are taken, and a deletion moves the
 * later ones of its run up, so no probe meets a grave (Knuth, TAOCP 3, 6.4, algorithm R).
 */

/** Entries of an empty map, a power of two. */
const LEAST_ENTRIES = 16;

/** Where an iteration is; moved along when entries move. */
interface Cursor {
  at: number;
  /** The rest of the entries, when they have moved to another map. */
  rest: Iterator<[number, number]> | null;
}

const word = new Float64Array(1);
const halves = new Int32Array(word.buffer);

/** All keys are equal to themselves here, NaN too, as they are in a `Map`. */
const isSame = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

export class NumberMap {
  #pairs = new Float64Array(2 * LEAST_ENTRIES);
  #slots = new Int32Array(2 * LEAST_ENTRIES);
  /** Entries and holes. */
  #end = 0;
  #size = 0;
  /** By entry: 1 for one that was deleted; null while none was. */
  #holes: Uint8Array | null = null;
  /** Iterations that have begun; one that was given up stays, and costs next to nothing. */
  readonly #cursors = new Set<Cursor>();

  /** The map of a copy of what {@link pairs} gave. */
  static of(pairs: Float64Array): NumberMap {
    const map = new NumberMap();
    const entries = pairs.length / 2;
    map.#resize(Math.max(LEAST_ENTRIES, 2 ** Math.ceil(Math.log2(entries))));
    map.#pairs.set(pairs);
    map.#end = entries;
    map.#size = entries;
    map.#index();
    return map;
  }

  get size(): number {
    return this.#size;
  }

  get(key: number): number | undefined {
    const entry = this.#slots[this.#find(key)]!;
    return entry === 0 ? undefined : this.#pairs[2 * entry - 1]!;
  }

  has(key: number): boolean {
    return this.#slots[this.#find(key)] !== 0;
  }

  set(key: number, value: number): void {
    let slot = this.#find(key);
    const entry = this.#slots[slot]!;
    if (entry !== 0) {
      this.#pairs[2 * entry - 1] = value;
      return;
    }
    if (2 * this.#end === this.#pairs.length) {
      this.#makeRoom();
      slot = this.#find(key);
    }
    // As in a Map, -0 is 0.
    this.#pairs[2 * this.#end] = key + 0;
    this.#pairs[2 * this.#end + 1] = value;
    this.#slots[slot] = ++this.#end;
    this.#size++;
  }

  delete(key: number): void {
    const slot = this.#find(key);
    const entry = this.#slots[slot]!;
    if (entry === 0) return;
    this.#holes ??= new Uint8Array(this.#pairs.length / 2);
    this.#holes[entry - 1] = 1;
    this.#size--;
    this.#vacate(slot);
  }

  /** In the order of insertion. Entries may be set and deleted meanwhile, as with a `Map`. */
  entries(): IterableIterator<[number, number]> {
    const cursor: Cursor = { at: 0, rest: null };
    this.#cursors.add(cursor);
    return this.#walk(cursor);
  }

  *#walk(cursor: Cursor): IterableIterator<[number, number]> {
    try {
      while (cursor.rest === null && cursor.at < this.#end) {
        const entry = cursor.at++;
        if (this.#isHole(entry)) continue;
        yield [this.#pairs[2 * entry]!, this.#pairs[2 * entry + 1]!];
      }
      for (let next = cursor.rest?.next(); next && !next.done; next = cursor.rest!.next()) {
        yield next.value;
      }
    } finally {
      this.#cursors.delete(cursor);
    }
  }

  /** All entries, key before value, in order; not copied: valid until the map changes. */
  pairs(): Float64Array {
    if (this.#size < this.#end) this.#close();
    return this.#pairs.subarray(0, 2 * this.#end);
  }

  /** The same entries in a `Map`; iterations that have begun go on there. This one is not used again. */
  toMap(): Map<number, number> {
    const map = new Map<number, number>();
    for (let entry = 0; entry < this.#end; entry++) {
      if (!this.#isHole(entry)) map.set(this.#pairs[2 * entry]!, this.#pairs[2 * entry + 1]!);
    }
    for (const cursor of this.#cursors) {
      cursor.rest = map.entries();
      for (let entry = 0; entry < cursor.at; entry++) if (!this.#isHole(entry)) cursor.rest.next();
    }
    return map;
  }

  clear(): void {
    this.#size = 0;
    this.#end = 0;
    this.#holes = null;
    this.#slots.fill(0);
    for (const cursor of this.#cursors) cursor.at = 0;
  }

  #isHole(entry: number): boolean {
    return this.#holes !== null && this.#holes[entry] === 1;
  }

  /** Where the search for a key begins. */
  #home(key: number): number {
    let bits = key | 0;
    if (bits !== key) {
      // There are many NaNs, and all are one key.
      word[0] = Number.isNaN(key) ? 0.5 : key;
      bits = halves[0]! ^ Math.imul(halves[1]!, 0x85ebca6b);
    }
    bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
    bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
    return (bits ^ (bits >>> 16)) & (this.#slots.length - 1);
  }

  /** The slot of a key, or the free one where it would be. */
  #find(key: number): number {
    const slots = this.#slots;
    const pairs = this.#pairs;
    const mask = slots.length - 1;
    let slot = this.#home(key);
    for (let entry = slots[slot]!; entry !== 0; entry = slots[slot]!) {
      if (isSame(pairs[2 * entry - 2]!, key)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** Frees a slot: a later one of the run moves there if its search would else end too early. */
  #vacate(slot: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let free = slot;
    for (let next = (free + 1) & mask; slots[next] !== 0; next = (next + 1) & mask) {
      const home = this.#home(this.#pairs[2 * slots[next]! - 2]!);
      if (((next - home) & mask) < ((next - free) & mask)) continue;
      slots[free] = slots[next]!;
      free = next;
    }
    slots[free] = 0;
  }

  /** Closes the holes where they are many, else doubles the room. */
  #makeRoom(): void {
    if (this.#size <= this.#end / 2) this.#close();
    else {
      this.#resize(this.#pairs.length);
      this.#index();
    }
  }

  #close(): void {
    const pairs = this.#pairs;
    const cursors = [...this.#cursors];
    const moved = cursors.map(({ at }) => at);
    let to = 0;
    for (let entry = 0; entry < this.#end; entry++) {
      if (this.#isHole(entry)) {
        cursors.forEach((cursor, i) => {
          if (cursor.at > entry) moved[i]!--;
        });
        continue;
      }
      pairs[2 * to] = pairs[2 * entry]!;
      pairs[2 * to + 1] = pairs[2 * entry + 1]!;
      to++;
    }
    cursors.forEach((cursor, i) => {
      cursor.at = moved[i]!;
    });
    this.#end = to;
    this.#holes = null;
    this.#slots.fill(0);
    this.#index();
  }

  /** @param entries A power of two; half of the slots are free. */
  #resize(entries: number): void {
    const pairs = new Float64Array(2 * entries);
    pairs.set(this.#pairs);
    this.#pairs = pairs;
    this.#slots = new Int32Array(2 * entries);
    if (this.#holes === null) return;
    const holes = new Uint8Array(entries);
    holes.set(this.#holes);
    this.#holes = holes;
  }

  /** Fills the slots, which are empty. */
  #index(): void {
    for (let entry = 0; entry < this.#end; entry++) {
      if (!this.#isHole(entry)) this.#slots[this.#find(this.#pairs[2 * entry]!)] = entry + 1;
    }
  }
}
