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
import { CombinationTree, combineRoot, type TreeNode } from '../algorithm/combination-tree.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import { shardRun, shardStart } from '../engine/shard.js';
import type { Segment } from '../memory/arena.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { Table } from '../table/table.js';
import {
  denseOf,
  FEATURES,
  isSparse,
  labelsOf,
  offsetsOf,
  type Piece,
  type RowNames,
  RowQueue,
  weightsOf,
} from './row-queue.js';

/** Bytes of a feature's slot: coefficient, z, n, and the gradient of the batch; see ftrl.ts. */
const SLOT_BYTES = 64;
const SLOT_NUMBERS = SLOT_BYTES / 8;
/** Ranges that a model is cut into, at most. */
const MAX_RANGES = 8;
/** Features that make a range worth it, and entries of a batch: less costs more than it saves. */
const MIN_RANGE_FEATURES = 4096;
const MIN_RANGE_ENTRIES = 131_072;
/** Entries that a sparse row is taken to have. Rows are not asked: it must not depend on them. */
const SPARSE_ROW_ENTRIES = 8;
/** Rows taken in beyond the batch that is being learned, so that the next one can start at once. */
const AHEAD_ROWS = 8192;

/** Rows after which progress is reported while more rows wait. */
const REPORT_ROWS = 16_384;

/** A model as FTRL keeps it: the coefficients, and what the next steps depend on. */
export interface FtrlState {
  readonly coefficient: Float64Array;
  /** Missing: zeros. */
  readonly z?: Float64Array | undefined;
  readonly n?: Float64Array | undefined;
  readonly modelVersion: number;
}

export interface FtrlParams {
  readonly names: RowNames;
  readonly globalBatchSize: number;
  readonly alpha: number;
  readonly beta: number;
  readonly l1: number;
  readonly l2: number;
  readonly initial: FtrlState | null;
  /** Whether predictions made before learning are emitted. */
  readonly prequential: boolean;
}

/** What reaches the learners from the stream: rows, or a wish for the model at this point. */
export type LearnerInput = Table | ModelRequest;
export interface ModelRequest {
  /** The model after the batches so far, but at least one, under this number. */
  readonly snapshot: number;
}

/** Number of a request for the model after every batch from now on. */
export const EVERY_VERSION = -1;

/** One learner's margins of a batch. */
export interface Margins {
  readonly batch: number;
  readonly nodes: readonly TreeNode<Float64Array>[];
}

/** A range of a model, on its way to the main thread. */
export interface ModelPart {
  /** Number of the request; 0 is the final model. */
  readonly snapshot: number;
  readonly modelVersion: number;
  /** Number of parts that make the model. */
  readonly parts: number;
  readonly size: number;
  readonly lo: number;
  readonly coefficient: Float64Array;
  readonly z: Float64Array;
  readonly n: Float64Array;
}

/** Predictions of a batch, made before it was learned from. */
export interface PrequentialBatch {
  /** Version of the model that predicted; 0 before anything was learned. */
  readonly modelVersion: number;
  /** P(label = 1), one a row. */
  readonly probabilities: Float64Array;
  readonly labels: Float64Array;
}

export interface LearnerProgress {
  readonly modelVersion: number;
  /** Rows since the last report. */
  readonly rows: number;
  /** Sum of the log-loss of these rows, each before it was learned from. */
  readonly loss: number;
}

/** Side outputs. */
export const PARTS = 'parts';
export const PREDICTIONS = 'predictions';
export const PROGRESS = 'progress';

interface Batch {
  readonly pieces: readonly Piece[];
  readonly rows: number;
  /** False for the rows that are left at the end: they are predicted only. */
  readonly learned: boolean;
}

/** The features that a learner owns, with the arrays of a batch. */
interface Memory {
  readonly size: number;
  readonly ranges: number;
  /** Learners that own a range. */
  readonly owners: number;
  readonly first: number;
  readonly last: number;
  readonly lo: number;
  readonly hi: number;
  readonly slots: number;
  readonly touched: number;
  readonly margins: number;
  readonly probabilities: number;
  readonly segments: readonly Segment[];
}

const addVectors = (a: Float64Array, b: Float64Array): Float64Array => {
  for (let i = 0; i < a.length; i++) a[i]! += b[i]!;
  return a;
};

/** Input 0: {@link LearnerInput}. Input 1: {@link Margins} of all learners. Out: own margins. */
export class FtrlLearner implements ProcessOperator<LearnerInput | Margins, Margins> {
  static readonly module: string = import.meta.url;
  static readonly readsInPlace = true;
  readonly #params: FtrlParams;
  #context!: OperatorContext;
  #rows!: RowQueue;
  #memory: Memory | null = null;
  #batch: Batch | null = null;
  readonly #margins = new Map<number, TreeNode<Float64Array>[][]>();
  readonly #requests: { readonly snapshot: number; readonly batches: number }[] = [];
  #everyVersion = false;
  #unreported = { rows: 0, loss: 0 };
  #learned = 0;
  #started = 0;
  #inputEnded = false;
  #completed = false;

  constructor(params: FtrlParams) {
    this.#params = params;
  }

  open(context: OperatorContext): void {
    this.#context = context;
    this.#rows = new RowQueue(this.#params.names, context.kernels, context.arena);
  }

  /** Takes rows only as fast as they are learned from. */
  accepts(input: number): boolean {
    return input !== 0 || this.#rows.size < Math.max(AHEAD_ROWS, this.#params.globalBatchSize);
  }

  process(value: LearnerInput | Margins, out: Collector<Margins>): void {
    if (value instanceof Table) this.#learn(value, out);
    else if (this.#isIdle) return;
    else if (out.input === 1) this.#receive(value as Margins, out);
    else this.#request(value as ModelRequest, out);
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
    this.#start(out);
  }

  close(): void {
    this.#rows?.close();
    for (const segment of this.#memory?.segments ?? []) segment.free();
    this.#memory = null;
  }

  get #version(): number {
    return (this.#params.initial?.modelVersion ?? 0) + this.#learned;
  }

  #learn(table: Table, out: Collector<Margins>): void {
    const features = table.column(FEATURES) as DenseVectorColumn | SparseVectorColumn;
    this.#memory ??= this.#allocate(features);
    if (this.#isIdle) {
      this.#margins.clear();
      return;
    }
    this.#rows.add(table, this.#memory.size);
    this.#start(out);
  }

  #request({ snapshot }: ModelRequest, out: Collector<Margins>): void {
    if (snapshot === EVERY_VERSION) {
      this.#everyVersion = true;
      return;
    }
    const complete = Math.floor(this.#rows.received / this.#params.globalBatchSize);
    this.#requests.push({ snapshot, batches: Math.max(complete, 1) });
    this.#answer(out);
  }

  /** Emits the models that were asked for at this point of the stream. */
  #answer(out: Collector<Margins>): void {
    while (this.#requests.length > 0 && this.#requests[0]!.batches <= this.#learned) {
      this.#emitModel(this.#requests.shift()!.snapshot, out);
    }
  }

  /** Begins batches, as long as none waits for others and enough rows are there. */
  #start(out: Collector<Margins>): void {
    while (this.#batch === null && !this.#completed) {
      const batch = this.#nextBatch();
      if (batch === null) break;
      const nodes = this.#ownMargins(batch);
      if (this.#memory!.owners === 1) {
        this.#finish(batch, nodes[0]!.value, out);
      } else {
        this.#batch = batch;
        out.emit({ batch: this.#started++, nodes });
      }
    }
    if (this.#batch === null && this.#inputEnded && !this.#completed) {
      this.#completed = true;
      this.#emitModel(0, out);
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

  /** Margins over the own ranges of features, as subtrees over all ranges. */
  #ownMargins({ pieces, rows }: Batch): TreeNode<Float64Array>[] {
    const { kernels, arena } = this.#context;
    const { size, ranges, first, last, lo, slots, margins } = this.#memory!;
    const { ftrlMargins, ftrlMarginsDense } = kernels.exports;
    const tree = new CombinationTree(addVectors);
    for (let range = first; range < last; range++) {
      const from = shardStart(size, ranges, range);
      const to = shardStart(size, ranges, range + 1);
      const own = slots + (from - lo) * SLOT_BYTES;
      for (const piece of pieces) {
        const { chunk } = piece;
        const at = margins + piece.at * 8;
        if (isSparse(piece)) {
          const { indices, values } = chunk;
          ftrlMargins(piece.rows, offsetsOf(piece), indices, values, own, from, to, at);
        } else {
          ftrlMarginsDense(piece.rows, chunk.dim, denseOf(piece), own, from, to, at);
        }
      }
      tree.add({ level: 0, index: range, value: arena.f64(margins, rows).slice() });
    }
    return tree.take();
  }

  #receive({ batch, nodes }: Margins, out: Collector<Margins>): void {
    const known = this.#margins.get(batch) ?? [];
    this.#margins.set(batch, known);
    // The frame is read in place, and the sum is made in place: both want copies.
    known.push(nodes.map((node) => ({ ...node, value: node.value.slice() })));
    // Others may be ahead: before the first rows, it is not known whose margins there will be. The
    // own ones come back last or later, so nothing is missed.
    if (this.#memory === null || known.length < this.#memory.owners) return;
    this.#margins.delete(batch);
    const finished = this.#batch!;
    this.#batch = null;
    this.#finish(finished, combineRoot(known.flat(), addVectors), out);
    this.#start(out);
  }

  #finish(batch: Batch, margins: Float64Array, out: Collector<Margins>): void {
    const { arena } = this.#context;
    arena.f64(this.#memory!.margins, batch.rows).set(margins);
    const loss = this.#residuals(batch);
    this.#emitPredictions(batch, out);
    if (batch.learned) {
      this.#update(batch);
      this.#learned++;
    }
    this.#rows.release();
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
    if (more && this.#unreported.rows < REPORT_ROWS) return;
    const progress: LearnerProgress = { modelVersion: this.#version, ...this.#unreported };
    out.emitTo(PROGRESS, progress);
    this.#unreported = { rows: 0, loss: 0 };
  }

  /** Margins become residuals, in place. Returns the batch's loss. */
  #residuals({ pieces }: Batch): number {
    const { logisticResiduals } = this.#context.kernels.exports;
    const { margins, probabilities } = this.#memory!;
    let loss = 0;
    for (const piece of pieces) {
      const at = piece.at * 8;
      const [from, to] = [margins + at, probabilities + at];
      loss += logisticResiduals(piece.rows, from, labelsOf(piece), to, from);
    }
    return loss;
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

  #update({ pieces }: Batch): void {
    const { kernels } = this.#context;
    const { lo, hi, slots, touched, margins } = this.#memory!;
    const { alpha, beta, l1, l2 } = this.#params;
    const { ftrlGradient, ftrlGradientDense, ftrlUpdate, ftrlUpdateAll } = kernels.exports;
    let count = 0;
    let dense = false;
    for (const piece of pieces) {
      const { chunk, rows } = piece;
      const residuals = margins + piece.at * 8;
      if (isSparse(piece)) {
        count += ftrlGradient(
          rows,
          offsetsOf(piece),
          chunk.indices,
          chunk.values,
          slots,
          lo,
          hi,
          residuals,
          weightsOf(piece),
          touched + count * 4,
        );
      } else {
        ftrlGradientDense(rows, chunk.dim, denseOf(piece), slots, lo, hi, residuals);
        dense = true;
      }
    }
    // A step sets every coefficient, as a function of z and n alone. Those that the batch does not
    // touch keep z and n, so after the first step only the touched ones can change.
    const all = dense || this.#learned === 0;
    if (all) ftrlUpdateAll(lo, hi, slots, alpha, beta, l1, l2);
    else ftrlUpdate(count, touched, slots, lo, alpha, beta, l1, l2);
  }

  #emitModel(snapshot: number, out: Collector<Margins>): void {
    // Without rows there is no model but the initial one, which the main thread has.
    if (this.#memory === null || this.#isIdle) return;
    const { lo, hi, size, slots, owners } = this.#memory;
    const numbers = this.#context.arena.f64(slots, (hi - lo) * SLOT_NUMBERS);
    const field = (offset: number) => {
      const values = new Float64Array(hi - lo);
      for (let i = 0; i < values.length; i++) values[i] = numbers[i * SLOT_NUMBERS + offset]!;
      return values;
    };
    const part: ModelPart = {
      snapshot,
      modelVersion: this.#version,
      parts: owners,
      size,
      lo,
      coefficient: field(0),
      z: field(1),
      n: field(2),
    };
    out.emitTo(PARTS, part);
  }

  #allocate(features: DenseVectorColumn | SparseVectorColumn): Memory {
    const { arena, subtask, parallelism } = this.#context;
    const { globalBatchSize: rows } = this.#params;
    const sparse = features.layout === 'sparse';
    const size = sparse ? features.size : features.dim;
    const ranges = rangeCount(size, rows * (sparse ? SPARSE_ROW_ENTRIES : size));
    const owners = Math.min(ranges, parallelism);
    const [first, last] = runOf(ranges, subtask, owners);
    const lo = shardStart(size, ranges, first);
    const hi = shardStart(size, ranges, last);
    const segments: Segment[] = [];
    const allocate = (bytes: number) => {
      const segment = arena.allocate(bytes);
      segments.push(segment);
      return segment.address;
    };
    const memory = {
      ...{ size, ranges, owners, first, last, lo, hi, segments },
      slots: allocate((hi - lo) * SLOT_BYTES),
      touched: allocate((hi - lo + 1) * 4),
      margins: allocate(rows * 8),
      probabilities: allocate(rows * 8),
    };
    this.#fill(memory);
    return memory;
  }

  /** Slots of the initial model, or zeros. */
  #fill({ slots, lo, hi }: Memory): void {
    const numbers = this.#context.arena.f64(slots, (hi - lo) * SLOT_NUMBERS).fill(0);
    const { initial } = this.#params;
    if (initial === null) return;
    for (let i = 0; i < hi - lo; i++) {
      const at = i * SLOT_NUMBERS;
      numbers[at] = initial.coefficient[lo + i]!;
      numbers[at + 1] = initial.z?.[lo + i] ?? 0;
      numbers[at + 2] = initial.n?.[lo + i] ?? 0;
    }
  }
}

/** The ranges of a learner: the first `owners` learners share them, the others have none. */
function runOf(ranges: number, subtask: number, owners: number): [number, number] {
  return subtask < owners ? shardRun(ranges, subtask, owners) : [ranges, ranges];
}

/** Feature ranges of a model: by its size and that of a batch alone, a power of two. */
function rangeCount(size: number, batchEntries: number): number {
  let count = 1;
  while (
    count < MAX_RANGES &&
    size / (count * 2) >= MIN_RANGE_FEATURES &&
    batchEntries / (count * 2) >= MIN_RANGE_ENTRIES
  ) {
    count *= 2;
  }
  return count;
}
