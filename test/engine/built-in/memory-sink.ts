/** A sink in memory that does in two phases what a file or a database would, and can fail. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobSink } from '../../../src/engine/job-sink.js';

export type SinkCall = keyof JobSink<unknown>;

export interface MemorySinkOptions {
  /** Fails in the n-th call, from 1, of that method. */
  readonly fails?: { readonly call: SinkCall; readonly at: number };
  /** Every call takes so long. */
  readonly delayMs?: number;
}

/** The state of `prepare` is the number of records that are durable then. */
export class MemorySink implements JobSink<number> {
  /** What was called, in order; of `write` and `commit` with what. */
  readonly calls: string[] = [];
  /** What a reader would see. */
  readonly visible: number[] = [];
  /** The most calls that were being made at a time. */
  overlap = 0;
  readonly #options: MemorySinkOptions;
  readonly #counts = new Map<SinkCall, number>();
  #written: number[] = [];
  #running = 0;

  constructor(options: MemorySinkOptions = {}) {
    this.#options = options;
  }

  open(state: unknown): Promise<void> {
    return this.#call('open', state, () => {
      const covered = (state as number | undefined) ?? 0;
      this.#written = this.#written.slice(0, covered);
      this.#show(covered);
    });
  }

  write(value: number): Promise<void> {
    return this.#call('write', value, () => {
      this.#written.push(value);
    });
  }

  prepare(): Promise<number> {
    return this.#call('prepare', undefined, () => this.#written.length);
  }

  commit(state: unknown): Promise<void> {
    return this.#call('commit', state, () => this.#show(state as number));
  }

  close(): Promise<void> {
    return this.#call('close', undefined, () => {});
  }

  #show(covered: number): void {
    this.visible.push(...this.#written.slice(this.visible.length, covered));
  }

  async #call<T>(name: SinkCall, argument: unknown, done: () => T): Promise<T> {
    const { fails, delayMs } = this.#options;
    this.calls.push(argument === undefined ? name : `${name} ${argument}`);
    this.overlap = Math.max(this.overlap, ++this.#running);
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    await (delayMs === undefined ? null : sleep(delayMs));
    this.#running--;
    if (fails?.call === name && fails.at === count) throw new Error(`${name} ${count} failed`);
    return done();
  }
}
