/**
 * The operators of own-iteration.ts. They are in a module of their own because every worker imports
 * it: what a module does at its top level, each worker does.
 */
import type { Collector, FilterOperator, ProcessOperator, Shard } from 'gyre/engine';

/** The state of the loop. */
export interface Ranks {
  readonly round: number;
  /** One a page; they add up to 1. */
  readonly ranks: Float64Array;
  /** Sum of the absolute changes of the round. */
  readonly change: number;
}

/** What flows along the links of one shard. */
export interface Flow {
  readonly shard: number;
  readonly ranks: Float64Array;
}

/**
 * Input 0: links, once. Input 1: ranks, every round. Out: what each shard's links carry.
 *
 * Work is done in `onEpochEnd`, when all input of the round is there.
 */
export class FollowLinks implements ProcessOperator<Shard | Ranks, Flow> {
  static readonly module: string = import.meta.url;
  readonly #outDegrees: Int32Array;
  readonly #shards: Shard[] = [];
  #ranks: Float64Array | null = null;

  constructor({ outDegrees }: { readonly outDegrees: Int32Array }) {
    this.#outDegrees = outDegrees;
  }

  process(value: Shard | Ranks, { input }: Collector<Flow>): void {
    if (input === 0) this.#shards.push(value as Shard);
    else this.#ranks = (value as Ranks).ranks;
  }

  onEpochEnd(_epoch: number, out: Collector<Flow>): void {
    const ranks = this.#ranks;
    if (ranks === null) return;
    this.#ranks = null;
    for (const { index, table } of this.#shards) {
      const { values: from } = table.column('from', 'int32');
      const { values: to } = table.column('to', 'int32');
      const carried = new Float64Array(ranks.length);
      for (let i = 0; i < from.length; i++) {
        carried[to[i]!]! += ranks[from[i]!]! / this.#outDegrees[from[i]!]!;
      }
      out.emit({ shard: index, ranks: carried });
    }
  }
}

/** Input 0: flows of all shards. Input 1: the ranks they come from. Out: the next ranks. */
export class MoveRanks implements ProcessOperator<Flow | Ranks, Ranks> {
  static readonly module: string = import.meta.url;
  readonly #damping: number;
  readonly #dangling: Int32Array;
  #flows: Flow[] = [];
  #last: Ranks | null = null;

  constructor(params: { readonly damping: number; readonly dangling: Int32Array }) {
    this.#damping = params.damping;
    this.#dangling = params.dangling;
  }

  process(value: Flow | Ranks, { input }: Collector<Ranks>): void {
    if (input === 0) this.#flows.push(value as Flow);
    else this.#last = value as Ranks;
  }

  onEpochEnd(_epoch: number, out: Collector<Ranks>): void {
    const last = this.#last;
    if (last === null) return;
    this.#last = null;
    // Flows arrive in any order. Added in the order of the shards, the sum has the same bits
    // whatever the number of workers.
    const flows = this.#flows.sort((a, b) => a.shard - b.shard);
    this.#flows = [];
    const n = last.ranks.length;
    // What pages without links hold is spread over all pages.
    const spread = this.#dangling.reduce((sum, page) => sum + last.ranks[page]!, 0);
    const ranks = new Float64Array(n).fill((1 - this.#damping + this.#damping * spread) / n);
    for (const flow of flows) {
      for (let page = 0; page < n; page++) ranks[page]! += this.#damping * flow.ranks[page]!;
    }
    const change = ranks.reduce((sum, rank, page) => sum + Math.abs(rank - last.ranks[page]!), 0);
    out.emit({ round: last.round + 1, ranks, change });
  }
}

/** Lets ranks pass while they still move: the criteria of the loop. */
export class StillMoves implements FilterOperator<Ranks> {
  static readonly module: string = import.meta.url;
  readonly #tolerance: number;

  constructor({ tolerance }: { readonly tolerance: number }) {
    this.#tolerance = tolerance;
  }

  filter({ change }: Ranks): boolean {
    return change > this.#tolerance;
  }
}
