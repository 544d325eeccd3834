/** State of each key: what `context.state(name)` gives to operators after `keyBy`. */
import { PlanError } from '../core/errors.js';
import type { Key, KeyedState } from './operator.js';

/** The keyed state of one subtask. The engine sets the key before each record, and keeps it all. */
export class KeyedStates {
  readonly #operator: string;
  readonly #tables = new Map<string, Map<Key, unknown>>();
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
    const table = this.#table(name) as Map<Key, T>;
    const key = () => this.#current(name);
    return {
      get: () => table.get(key()),
      set: (value) => {
        table.set(key(), value);
      },
      delete: () => {
        table.delete(key());
      },
      entries: () => table.entries(),
    };
  }

  /** All states by name, for a checkpoint: maps from key to value, not copied. */
  snapshot(): unknown {
    return this.#tables;
  }

  /** Takes over what {@link snapshot} gave; states that operators already hold see it. */
  restore(snapshot: unknown): void {
    for (const table of this.#tables.values()) table.clear();
    for (const [name, values] of snapshot as ReadonlyMap<string, ReadonlyMap<Key, unknown>>) {
      const table = this.#table(name);
      for (const [key, value] of values) table.set(key, value);
    }
  }

  #table(name: string): Map<Key, unknown> {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new Map();
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
