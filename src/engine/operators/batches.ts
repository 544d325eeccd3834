/** `generateBatchData`: global batches, each dealt out to the subtasks that follow. */
import { int, type ParamTable, required, resolveParams } from '../../core/params.js';
import type { Collector, OperatorCallbacks } from '../operator.js';
import { Wrapper } from './wrapper.js';

export interface BatchSettings {
  /** Records of a global batch; an integer >= 1. */
  readonly batchSize: number;
  /** Local batches that a global one is cut into; an integer >= 1. */
  readonly parallelism: number;
}

const TABLE: ParamTable<BatchSettings> = {
  batchSize: required(int(0, { min: 1 })),
  parallelism: required(int(0, { min: 1 })),
};

/** Checks what `generateBatchData` is given. */
export function batchSettings(batchSize: number, parallelism: number): BatchSettings {
  return resolveParams('generateBatchData', TABLE, { batchSize, parallelism });
}

/**
 * Cuts a stream, on one subtask, into batches of `batchSize` records, and each of them into
 * `parallelism` arrays: runs whose lengths differ by at most one, the longer ones first, some empty
 * when there are more of them than records. Emitted one after the other, so that dealing them out by
 * turns gives every subtask its piece of each batch. Records at the end that do not fill a batch are
 * dropped.
 */
export class GenerateBatches extends Wrapper<OperatorCallbacks, readonly unknown[]> {
  readonly #settings: BatchSettings;
  #batch: unknown[] = [];

  constructor(settings: BatchSettings) {
    super({});
    this.#settings = settings;
  }

  process(value: unknown, out: Collector): void {
    const { batchSize, parallelism } = this.#settings;
    this.#batch.push(value);
    if (this.#batch.length < batchSize) return;
    const batch = this.#batch;
    this.#batch = [];
    const longer = batchSize % parallelism;
    const length = Math.floor(batchSize / parallelism);
    for (let i = 0, start = 0; i < parallelism; i++) {
      const end = start + length + (i < longer ? 1 : 0);
      out.emit(batch.slice(start, end));
      start = end;
    }
  }

  protected override ownState(): readonly unknown[] {
    return this.#batch;
  }

  protected override takeState(batch: readonly unknown[]): void {
    this.#batch = [...batch];
  }
}
