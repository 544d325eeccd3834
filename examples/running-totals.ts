/** The operators of exactly-once.ts. */
import type {
  Collector,
  FlatMapOperator,
  KeyedState,
  OperatorContext,
  ProcessOperator,
} from 'gyre/engine';

/** What a bird has cost an airline. */
export interface Strike {
  readonly airline: string;
  readonly cost: number;
}

/** All that birds have cost an airline so far. */
export interface Total {
  readonly airline: string;
  readonly strikes: number;
  readonly cost: number;
}

/** The columns of the file that are used here. */
const AIRLINE = 4;
const COST = 12;

/** Lines of the file to strikes, where they cost something. */
export class ToStrikes implements FlatMapOperator<readonly string[], Strike> {
  static readonly module: string = import.meta.url;

  flatMap(fields: readonly string[], out: Collector<Strike>): void {
    const cost = Number(fields[COST]);
    if (cost > 0) out.emit({ airline: fields[AIRLINE]!, cost });
  }
}

/**
 * Strikes by airline to totals, a new one for each strike. The engine keeps the state of the keys.
 */
export class AddUp implements ProcessOperator<Strike, Total> {
  static readonly module: string = import.meta.url;
  #totals!: KeyedState<Total>;

  open(context: OperatorContext): void {
    this.#totals = context.state('totals');
  }

  process({ airline, cost }: Strike, out: Collector<Total>): void {
    const last = this.#totals.get() ?? { airline, strikes: 0, cost: 0 };
    const total: Total = { airline, strikes: last.strikes + 1, cost: last.cost + cost };
    this.#totals.set(total);
    out.emit(total);
  }
}
