/** `coGroup`: the records of two bounded streams with the same key, together. */
import type { Collector, Key, KeyedState, OperatorContext } from '../operator.js';
import { EmittingWrapper, type UserCallbacks } from './wrapper.js';

/** What `coGroup` runs. */
export interface CoGroupOperator<A = never, B = never, Out = unknown> extends UserCallbacks<Out> {
  /**
   * Once for every key that either side has, when both have ended; in order of the keys on each
   * subtask: null, false, true, numbers by value (NaN last), strings by code units.
   *
   * @param left Records of the first stream with this key, in order of arrival; maybe none.
   * @param right Those of the second.
   */
  coGroup(key: Key, left: readonly A[], right: readonly B[], out: Collector<Out>): void;
}

interface Group {
  readonly left: unknown[];
  readonly right: unknown[];
}

/** The state is the engine's, by key, so it can move with its keys to another subtask. */
export class CoGroup extends EmittingWrapper<
  CoGroupOperator<unknown, unknown>,
  readonly boolean[]
> {
  #groups!: KeyedState<Group>;
  #ended: readonly boolean[] = [false, false];

  constructor(_settings: null, user: CoGroupOperator<unknown, unknown>) {
    super(user);
  }

  override open(context: OperatorContext): void | Promise<void> {
    this.#groups = context.state('coGroup');
    return super.open(context);
  }

  process(value: unknown, out: Collector): void {
    const group = this.#groups.get() ?? { left: [], right: [] };
    (out.input === 0 ? group.left : group.right).push(value);
    this.#groups.set(group);
  }

  onInputEnd(input: number, out: Collector): void {
    this.#ended = this.#ended.with(input, true);
    if (this.#ended.includes(false)) return;
    const groups = [...this.#groups.entries()].sort(([a], [b]) => compareKeys(a, b));
    for (const [key, { left, right }] of groups) this.user.coGroup(key, left, right, out);
  }

  protected override ownState(): readonly boolean[] {
    return this.#ended;
  }

  protected override takeState(ended: readonly boolean[]): void {
    this.#ended = ended;
  }
}

const rank = (key: Key): number =>
  key === null ? 0 : ['boolean', 'number', 'string'].indexOf(typeof key) + 1;

/** An order of all keys. */
export function compareKeys(a: Key, b: Key): number {
  const ranks = rank(a) - rank(b);
  if (ranks !== 0) return ranks;
  if (a === null || b === null) return 0;
  if (a === b) return 0;
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b ? -1 : 1;
}
