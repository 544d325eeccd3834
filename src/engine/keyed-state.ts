/** State of each key: what `context.state(name)` gives to operators after `keyBy`. */
import { PlanError } from '../core/errors.js';
import { NumberMap } from './number-map.js';
import type { Key, KeyedState } from './operator.js';

/** What one name's state is in a checkpoint: entries, or key and value in turns. */
type TableSnapshot = ReadonlyMap<Key, unknown> | Float64Array;

/** The values of one name: in typed arrays for as long as all keys and values are numbers. */
class KeyedTable {
  #numbers: NumberMap | null = new NumberMap();
  #values: Map<Key, unknown> | null = null;

  get(key: Key): unknown {
    if (this.#numbers === null) return this.#values!.get(key);
    return typeof key === 'number' ? this.#numbers.get(key) : undefined;
  }

  set(key: Key, value: unknown): void {
    if (this.#numbers === null) {
      this.#values!.set(key, value);
    } else if (typeof key === 'number' && typeof value === 'number') {
      this.#numbers.set(key, value);
    } else {
      this.#values = this.#numbers.toMap();
      this.#numbers = null;
      this.#values.set(key, value);
    }
  }

  delete(key: Key): void {
    if (this.#numbers === null) this.#values!.delete(key);
    else if (typeof key === 'number') this.#numbers.delete(key);
  }

  entries(): IterableIterator<[Key, unknown]> {
    return (this.#numbers ?? this.#values!).entries();
  }

  snapshot(): TableSnapshot {
    return this.#numbers?.pairs() ?? this.#values!;
  }

  restore(snapshot: TableSnapshot): void {
    if (snapshot instanceof Float64Array) {
      this.#numbers = NumberMap.of(snapshot);
      this.#values = null;
      return;
    }
    this.clear();
    for (const [key, value] of snapshot) this.set(key, value);
  }

  clear(): void {
    this.#numbers = new NumberMap();
    this.#values = null;
  }
}

/** The keyed state of one subtask. The engine sets the key before each record, and keeps it all. */
export class KeyedStates {
  readonly #operator: string;
  readonly #tables = new Map<string, KeyedTable>();
  /** Undefined while no record of a keyed input is handled; `null` is a key. */
  #key: Key | undefined;

  /** @param operator Its name, for errors. */
  constructor(operator: string) {
    this.#operator = operator;
  }

  /** The key of what is handled next; undefined for a callback, and for a record without a key. */
  setKey(key: Key | undefined): void {
    this.#key = key;
  }

  /** The state of that name; asked for twice, it is the same state. */
  state<T>(name: string): KeyedState<T> {
    const table = this.#table(name);
    const key = () => this.#current(name);
    return {
      get: () => table.get(key()) as T | undefined,
      set: (value) => {
        table.set(key(), value);
      },
      delete: () => {
        table.delete(key());
      },
      entries: () => table.entries() as IterableIterator<[Key, T]>,
    };
  }

  /** All states by name, for a checkpoint; not copied. */
  snapshot(): unknown {
    return new Map(Array.from(this.#tables, ([name, table]) => [name, table.snapshot()]));
  }

  /** Takes over what {@link snapshot} gave; states that operators already hold see it. */
  restore(snapshot: unknown): void {
    for (const table of this.#tables.values()) table.clear();
    for (const [name, values] of snapshot as ReadonlyMap<string, TableSnapshot>) {
      this.#table(name).restore(values);
    }
  }

  #table(name: string): KeyedTable {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new KeyedTable();
      this.#tables.set(name, table);
    }
    return table;
  }

  #current(name: string): Key {
    if (this.#key !== undefined) return this.#key;
    throw new PlanError(
      `${this.#operator}: the state "${name}" is of a key, so get, set and delete work only while ` +
        'a record of a keyed input is handled; entries() works always.',
      { details: { operator: this.#operator, state: name } },
    );
  }
}
