/** The operator of the growth bench that reads what is replayed. */
import type { Collector, ProcessOperator } from '../../src/engine/operator.js';

/** Adds up the numbers of all blocks of a round; feeds the round back, and gives the sum aside. */
export class SumBlocks implements ProcessOperator<Float64Array | number, number> {
  static readonly module: string = import.meta.url;
  #sum = 0;

  process(value: Float64Array | number): void {
    if (typeof value === 'number') return;
    for (let i = 0; i < value.length; i++) this.#sum += value[i]!;
  }

  onEpochEnd(epoch: number, out: Collector<number>): void {
    out.emitTo('sum', this.#sum);
    this.#sum = 0;
    out.emit(epoch);
  }
}
