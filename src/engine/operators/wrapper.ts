/**
 * What the built-in operators share: each may run an operator of the user's, whose life cycle it
 * follows and whose state it keeps beside its own.
 */
import type { Collector, OperatorCallbacks, OperatorContext } from '../operator.js';

/** What an operator of the user's may have besides the functions that a built-in one calls. */
export type UserCallbacks<Out = unknown> = Pick<
  OperatorCallbacks<Out>,
  'open' | 'onEpochEnd' | 'onIterationEnd' | 'snapshot' | 'restore' | 'close'
>;

/** What a checkpoint keeps of a built-in operator. */
interface WrapperState<State> {
  readonly own: State;
  readonly user: unknown;
}

/** A built-in operator whose output goes to another built-in one: the user's emits nothing. */
export abstract class Wrapper<User extends OperatorCallbacks, State> implements OperatorCallbacks {
  protected readonly user: User;
  protected context!: OperatorContext;

  constructor(user: User) {
    this.user = user;
  }

  /** What is returned is a promise only if the user's is: a round cannot wait for one. */
  open(context: OperatorContext): void | Promise<void> {
    this.context = context;
    return this.user.open?.(context);
  }

  snapshot(): unknown {
    const state: WrapperState<State> = { own: this.ownState(), user: this.user.snapshot?.() };
    return state;
  }

  restore(state: unknown): void {
    const { own, user } = state as WrapperState<State>;
    this.takeState(own);
    if (user !== undefined) this.user.restore?.(user);
  }

  close(): void {
    this.user.close?.();
  }

  /** What this operator would need to go on after the calls so far; may share its memory. */
  protected abstract ownState(): State;

  protected abstract takeState(state: State): void;
}

/** A built-in operator whose output is the stream that the user gets: the user's hears of epochs. */
export abstract class EmittingWrapper<User extends OperatorCallbacks, State> extends Wrapper<
  User,
  State
> {
  onEpochEnd(epoch: number, out: Collector): void {
    this.user.onEpochEnd?.(epoch, out);
  }

  onIterationEnd(out: Collector): void {
    this.user.onIterationEnd?.(out);
  }
}

/** A built-in operator that keeps all its records, and does its work when the input has ended. */
export abstract class Buffering<User extends OperatorCallbacks, In> extends EmittingWrapper<
  User,
  In[]
> {
  #values: In[] = [];

  process(value: In, _out: Collector): void {
    this.#values.push(value);
  }

  onInputEnd(_input: number, out: Collector): void {
    this.finish(this.take(), out);
  }

  /** All records, which are then this operator's no more. */
  protected take(): In[] {
    const values = this.#values;
    this.#values = [];
    return values;
  }

  protected abstract finish(values: In[], out: Collector): void;

  protected override ownState(): In[] {
    return this.#values;
  }

  protected override takeState(values: In[]): void {
    this.#values = values;
  }
}

/** What a subtask has found in its part of a stream. */
export interface PartOf<T> {
  readonly subtask: number;
  readonly value: T;
}

/** Partials by subtask: what is made of them must not depend on the order of their arrival. */
export function bySubtask<T extends { readonly subtask: number }>(partials: readonly T[]): T[] {
  return partials.toSorted((a, b) => a.subtask - b.subtask);
}
