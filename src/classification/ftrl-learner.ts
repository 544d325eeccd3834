/**
 * The learner of online logistic regression: FTRL on a model that is cut by feature.
 *
 * Every learner sees all rows and owns a range of features. A batch takes one exchange:
 *
 * ```text
 * rows ─▶ margins of the own features ─▶ feedback, broadcast ─▶ sum over all learners
 *                                                            ─▶ residuals ─▶ own gradient ─▶ FTRL
 * ```
 *
 * So what travels is one number per row, not a model, and a coefficient is in one memory only. The
 * feature ranges are cut by the sizes of vectors and batches alone, margins are added along a fixed
 * tree, and a feature's gradient is summed in row order: the model has the same bits for any number
 * of learners. A learner that owns all ranges needs no exchange, and one that owns none does
 * nothing: small batches are learned faster by one core than by two that wait for each other.
 */
import { CheckpointError } from '../core/errors.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { Table } from '../table/table.js';
import { FeatureRanges, type ModelShape } from './feature-ranges.js';
import {
  EVERY_VERSION,
  FINAL,
  type FtrlParams,
  type LearnerInput,
  type LearnerProgress,
  type Margins,
  type ModelPart,
  type ModelRequest,
  PARTS,
  PREDICTIONS,
  PROGRESS,
  type PrequentialBatch,
} from './ftrl-messages.js';
import { type Batch, learnFrom, ownMargins, residualsOf } from './ftrl-step.js';
import { MarginExchange, type MarginExchangeState } from './margin-exchange.js';
import { FEATURES, labelsOf, RowQueue, type RowsState } from './row-queue.js';

/** Rows taken in beyond the batch that is being learned, so that the next one can start at once. */
const AHEAD_ROWS = 8192;

/** Rows after which progress is reported while more rows wait. */
const REPORT_ROWS = 16_384;

/** What a checkpoint has of a learner. */
interface State {
  /** Null before the first rows. */
  readonly model: {
    readonly shape: ModelShape;
    readonly coefficient: Float64Array;
    readonly z: Float64Array;
    readonly n: Float64Array;
  } | null;
  readonly rows: RowsState;
  /** The batch that waits for the margins of others. */
  readonly batch: Omit<Batch, 'pieces'> | null;
  readonly margins: MarginExchangeState;
  readonly everyVersion: boolean;
  readonly unreported: { readonly rows: number; readonly loss: number };
  readonly seen: number;
  readonly learned: number;
  readonly started: number;
  readonly inputEnded: boolean;
  readonly completed: boolean;
}

/** Input 0: {@link LearnerInput}. Input 1: {@link Margins} of all learners. Out: own margins. */
export class FtrlLearner implements ProcessOperator<LearnerInput | Margins, Margins> {
  static readonly module: string = import.meta.url;
  static readonly readsInPlace = true;
  readonly #params: FtrlParams;
  #context!: OperatorContext;
  #rows!: RowQueue;
  #memory: FeatureRanges | null = null;
  #batch: Batch | null = null;
  readonly #margins = new MarginExchange();
  readonly #requests: { readonly request: number; readonly batches: number }[] = [];
  #everyVersion = false;
  #unreported = { rows: 0, loss: 0 };
  /** Rows of finished batches. */
  #seen = 0;
  #learned = 0;
  #started = 0;
  #inputEnded = false;
  #completed = false;
  /** Restored, and not told yet whether every version is wanted. */
  #isHeld = false;

  constructor(params: FtrlParams) {
    this.#params = params;
  }

  open(context: OperatorContext): void {
    this.#context = context;
    this.#rows = new RowQueue(this.#params.names, context.kernels, context.arena);
  }

  /** Takes rows only as fast as they are learned from. */
  accepts(input: number): boolean {
    return (
      input !== 0 ||
      this.#isHeld ||
      this.#rows.size < Math.max(AHEAD_ROWS, this.#params.globalBatchSize)
    );
  }

  process(value: LearnerInput | Margins, out: Collector<Margins>): void {
    if (value instanceof Table) this.#learn(value, out);
    else if (this.#isIdle) return;
    else if ('nodes' in value) this.#receive(value, out);
    else this.#request(value, out);
  }

  /** Whether all features belong to others. */
  get #isIdle(): boolean {
    return this.#memory !== null && this.#memory.first === this.#memory.last;
  }

  /** Whether this learner speaks for all: the owner of the first range. */
  get #isFirst(): boolean {
    return this.#memory?.first === 0;
  }

  onInputEnd(input: number, out: Collector<Margins>): void {
    if (input !== 0) return;
    this.#inputEnded = true;
    this.#letGo(out);
    this.#start(out);
  }

  /** Requests are not part of it: who waits for an answer asks again. */
  snapshot(): State {
    const memory = this.#memory;
    const batch = this.#batch;
    return {
      model: memory && {
        shape: memory.shape,
        coefficient: memory.coefficient,
        z: memory.z,
        n: memory.n,
      },
      rows: this.#rows.state(batch?.pieces ?? []),
      batch: batch && { rows: batch.rows, learned: batch.learned },
      margins: this.#margins.state,
      everyVersion: this.#everyVersion,
      unreported: this.#unreported,
      seen: this.#seen,
      learned: this.#learned,
      started: this.#started,
      inputEnded: this.#inputEnded,
      completed: this.#completed,
    };
  }

  restore(snapshot: unknown): void {
    const { model, rows, batch, margins, ...state } = snapshot as State;
    if (model !== null) {
      this.#checkBatchRows(model.shape.batchRows);
      this.#memory = this.#newRanges(model.shape);
      this.#memory.fill(model, 0);
    }
    const pieces = this.#rows.restore(rows);
    this.#batch = batch && { ...batch, pieces };
    this.#margins.restore(margins);
    this.#everyVersion = state.everyVersion;
    this.#unreported = { ...state.unreported };
    this.#seen = state.seen;
    this.#learned = state.learned;
    this.#started = state.started;
    this.#inputEnded = state.inputEnded;
    this.#completed = state.completed;
    this.#isHeld = !this.#inputEnded;
  }

  #checkBatchRows(expected: number): void {
    const { globalBatchSize: got, names } = this.#params;
    if (got === expected) return;
    throw new CheckpointError(
      `${names.who}: the checkpoint must be resumed with its globalBatchSize, ${expected}, got ${got}.`,
      { details: { expected, got } },
    );
  }

  /** Goes on with what there was when the checkpoint was taken. */
  #letGo(out: Collector<Margins>): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#finishBatch(out);
  }

  close(): void {
    this.#rows?.close();
    this.#memory?.close();
    this.#memory = null;
  }

  get #version(): number {
    return (this.#params.initial?.modelVersion ?? 0) + this.#learned;
  }

  #learn(table: Table, out: Collector<Margins>): void {
    const features = table.column(FEATURES) as DenseVectorColumn | SparseVectorColumn;
    this.#memory ??= this.#open(features);
    if (this.#isIdle) {
      this.#margins.clear();
      return;
    }
    this.#rows.add(table, this.#memory.size);
    this.#start(out);
  }

  #open(features: DenseVectorColumn | SparseVectorColumn): FeatureRanges {
    const { globalBatchSize: batchRows, initial } = this.#params;
    const sparse = features.layout === 'sparse';
    const shape = { size: sparse ? features.size : features.dim, sparse, batchRows };
    const memory = this.#newRanges(shape);
    if (initial !== null) memory.fill(initial, memory.lo);
    return memory;
  }

  #newRanges(shape: ModelShape): FeatureRanges {
    const { arena, subtask, parallelism } = this.#context;
    return new FeatureRanges(shape, subtask, parallelism, arena);
  }

  #request({ request }: ModelRequest, out: Collector<Margins>): void {
    if (request === EVERY_VERSION) this.#everyVersion = true;
    if (request < FINAL) {
      this.#letGo(out);
      return;
    }
    const complete = Math.floor(this.#rows.received / this.#params.globalBatchSize);
    this.#requests.push({ request, batches: Math.max(complete, 1) });
    this.#answer(out);
  }

  /** Emits the models that were asked for at this point of the stream. */
  #answer(out: Collector<Margins>): void {
    while (this.#requests.length > 0 && this.#requests[0]!.batches <= this.#learned) {
      this.#emitModel(this.#requests.shift()!.request, out);
    }
  }

  /** Begins batches, as long as none waits for others and enough rows are there. */
  #start(out: Collector<Margins>): void {
    if (this.#isHeld) return;
    while (this.#batch === null && !this.#completed) {
      const batch = this.#nextBatch();
      if (batch === null) break;
      const nodes = ownMargins(batch, this.#memory!, this.#context);
      if (this.#memory!.owners === 1) {
        this.#finish(batch, nodes[0]!.value, out);
      } else {
        this.#batch = batch;
        out.emit({ batch: this.#started++, nodes });
      }
    }
    if (this.#batch === null && this.#inputEnded && !this.#completed) {
      this.#completed = true;
      this.#emitModel(FINAL, out);
    }
  }

  /** The next rows to learn from; at the end of the input those that are left, to predict. */
  #nextBatch(): Batch | null {
    const { globalBatchSize, prequential } = this.#params;
    const learned = this.#rows.size >= globalBatchSize;
    const rows = learned ? globalBatchSize : this.#rows.size;
    if (!learned && !(this.#inputEnded && prequential && rows > 0)) return null;
    return { pieces: this.#rows.take(rows), rows, learned };
  }

  #receive(margins: Margins, out: Collector<Margins>): void {
    this.#margins.add(margins);
    this.#finishBatch(out);
  }

  /** Ends the batch that waits for margins when it has them, and begins others. */
  #finishBatch(out: Collector<Margins>): void {
    // Others may be ahead: before the first rows, it is not known whose margins there will be. The
    // own ones come back last or later, so nothing is missed.
    const batch = this.#batch;
    if (this.#isHeld || this.#isIdle) return;
    if (batch !== null) {
      const margins = this.#margins.take(this.#started - 1, this.#memory!.owners);
      if (margins === null) return;
      this.#batch = null;
      this.#finish(batch, margins, out);
    }
    this.#start(out);
  }

  #finish(batch: Batch, margins: Float64Array, out: Collector<Margins>): void {
    const { arena } = this.#context;
    arena.f64(this.#memory!.margins, batch.rows).set(margins);
    const loss = residualsOf(batch, this.#memory!, this.#context);
    this.#emitPredictions(batch, out);
    if (batch.learned) {
      learnFrom(batch, this.#memory!, this.#params, this.#context, this.#learned === 0);
      this.#learned++;
    }
    this.#rows.release();
    this.#seen += batch.rows;
    this.#report(batch.rows, loss, out);
    if (batch.learned && this.#everyVersion) this.#emitModel(EVERY_VERSION, out);
    this.#answer(out);
  }

  /** Tells the main thread how far learning is, but does not wake it for every small batch. */
  #report(rows: number, loss: number, out: Collector<Margins>): void {
    if (!this.#isFirst) return;
    this.#unreported.rows += rows;
    this.#unreported.loss += loss;
    const more = this.#rows.size >= this.#params.globalBatchSize;
    const { rows: recent, loss: sum } = this.#unreported;
    if (more && recent < REPORT_ROWS) return;
    const progress: LearnerProgress = {
      modelVersion: this.#version,
      rows: this.#seen,
      loss: sum / recent,
    };
    out.emitTo(PROGRESS, progress);
    this.#unreported = { rows: 0, loss: 0 };
  }

  #emitPredictions({ pieces, rows }: Batch, out: Collector<Margins>): void {
    const { arena } = this.#context;
    if (!this.#params.prequential || !this.#isFirst) return;
    const labels = new Float64Array(rows);
    for (const piece of pieces) labels.set(arena.f64(labelsOf(piece), piece.rows), piece.at);
    const probabilities = arena.f64(this.#memory!.probabilities, rows).slice();
    const predictions: PrequentialBatch = { modelVersion: this.#version, probabilities, labels };
    out.emitTo(PREDICTIONS, predictions);
  }

  #emitModel(request: number, out: Collector<Margins>): void {
    // Without rows there is no model but the initial one, which the main thread has.
    if (this.#memory === null || this.#isIdle) return;
    const { lo, size, owners, coefficient, z, n } = this.#memory;
    const modelVersion = this.#version;
    const part: ModelPart = {
      ...{ request, modelVersion, parts: owners, size, lo },
      ...{ coefficient, z, n },
    };
    out.emitTo(PARTS, part);
  }
}
