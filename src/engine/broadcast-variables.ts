/** Broadcast variables: all values of a stream, as its operator reads them while it handles records. */
import { PlanError } from '../core/errors.js';
import type { InChannel } from './channel.js';
import type { NodePlan } from './plan.js';

interface GatheredState {
  readonly gathered: readonly ReadonlyMap<number, readonly unknown[]>[];
  readonly complete: readonly (readonly unknown[] | null)[];
}

/**
 * The broadcast variables of one subtask. Each is an input beyond the main ones; main inputs wait
 * until all of these have ended. Values are in order of the channels, so the order does not depend
 * on timing: by producer's subtask, then as sent.
 */
export class BroadcastVariables {
  readonly #operator: string;
  readonly #names: readonly string[];
  readonly #firstInput: number;
  /** By variable, then by channel id. */
  readonly #gathered: Map<number, unknown[]>[];
  readonly #complete: (readonly unknown[] | null)[];
  #missing: number;

  constructor({ name, operator }: NodePlan) {
    this.#operator = name;
    this.#names = operator!.variables;
    this.#firstInput = operator!.inputs;
    this.#gathered = this.#names.map(() => new Map());
    this.#complete = this.#names.map(() => null);
    this.#missing = this.#names.length;
  }

  /** Whether an input is of a variable, and not for the operator's eyes. */
  has(input: number): boolean {
    return input >= this.#firstInput;
  }

  /** Whether records of the main inputs may be handled. */
  get ready(): boolean {
    return this.#missing === 0;
  }

  add({ input, plan }: InChannel, value: unknown): void {
    const gathered = this.#gathered[input - this.#firstInput]!;
    const values = gathered.get(plan.id);
    if (values === undefined) gathered.set(plan.id, [value]);
    else values.push(value);
  }

  /** All channels of the input have ended: its variable has all its values. */
  end(input: number): void {
    const variable = input - this.#firstInput;
    const byChannel = [...this.#gathered[variable]!].sort(([a], [b]) => a - b);
    this.#complete[variable] = byChannel.flatMap(([, values]) => values);
    this.#gathered[variable]!.clear();
    this.#missing--;
  }

  /** The values of a variable. Throws {@link PlanError} for an unknown name, and before it is ready. */
  values(name: string): readonly unknown[] {
    const variable = this.#names.indexOf(name);
    const who = `${this.#operator}: the broadcast variable "${name}"`;
    const details = { operator: this.#operator, variable: name, known: this.#names };
    if (variable < 0) {
      const known = this.#names.length === 0 ? 'has none' : `has ${this.#names.join(', ')}`;
      throw new PlanError(
        `${who} is not known; the operator ${known}: name it in withBroadcast().`,
        {
          details,
        },
      );
    }
    const values = this.#complete[variable]!;
    if (values === null) {
      throw new PlanError(`${who} cannot be read in open(), only from the first record on.`, {
        details,
      });
    }
    return values;
  }

  /** What has been gathered, for a checkpoint; not copied. */
  snapshot(): unknown {
    return { gathered: this.#gathered, complete: this.#complete } satisfies GatheredState;
  }

  restore(snapshot: unknown): void {
    const { gathered, complete } = snapshot as GatheredState;
    this.#names.forEach((_, i) => {
      this.#gathered[i] = new Map([...gathered[i]!].map(([id, values]) => [id, [...values]]));
      this.#complete[i] = complete[i]!;
    });
    this.#missing = complete.filter((values) => values === null).length;
  }
}
