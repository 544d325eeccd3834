/**
 * The learner of online k-means: it assigns a batch to the centroids there are, then moves them.
 *
 * Every learner has the whole model, and sees all rows. A large batch is cut into shards, each of
 * which belongs to one learner:
 *
 * ```text
 * rows ─▶ sums and counts of the own shards ─▶ feedback, broadcast ─▶ combined along a fixed tree
 *                                                                  ─▶ the same step of every model
 * ```
 *
 * The cut depends on sizes alone and the rows of a shard are summed in order, so the model has the
 * same bits for any number of learners. Where one learner owns all shards there is no exchange, and
 * one that owns none does nothing: small batches are learned faster by one core than by two that
 * wait for each other.
 */
import { combineRoot, type TreeNode } from '../algorithm/combination-tree.js';
import { DimensionMismatchError } from '../core/errors.js';
import { reservoirSample } from '../core/random.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import { Table } from '../table/table.js';
import {
  addSums,
  type BatchSums,
  type Clusters,
  OwnRows,
  type OwnRowsParams,
  type OwnRowsState,
} from './online-kmeans-rows.js';

/** Name of the column of the tables that it takes: float64 vectors. */
export const FEATURES = 'features';
/** Side output: {@link LearnedBatch}. */
export const VERSIONS = 'versions';

export interface OnlineKMeansLearnerParams extends OwnRowsParams {
  readonly decayFactor: number;
  /** The model to start from; null: rows of the first batch. */
  readonly initial: Clusters | null;
  /** By which these are drawn. */
  readonly seed: number;
}

/** One learner's part of a batch. */
export interface BatchPartial {
  readonly batch: number;
  readonly nodes: readonly TreeNode<BatchSums>[];
}

/** The model after a batch; or, as number 0, the one that was drawn. */
export interface LearnedBatch extends Clusters {
  readonly batch: number;
  /** Mean loss of the batch's rows, before they were learned from. */
  readonly loss: number;
}

interface LearnerState {
  readonly dim: number;
  readonly centroids: Float64Array;
  readonly weights: Float64Array;
  readonly batches: number;
  readonly loss: number;
  readonly isExchanging: boolean;
  readonly partials: ReadonlyMap<number, TreeNode<BatchSums>[][]>;
  readonly rows: OwnRowsState;
}

/** Input 0: tables. Input 1: {@link BatchPartial} of all learners. Out: own partials. */
export class OnlineKMeansLearner implements ProcessOperator<Table | BatchPartial, BatchPartial> {
  static readonly module: string = import.meta.url;
  static readonly readsInPlace = true;
  readonly #params: OnlineKMeansLearnerParams;
  #context!: OperatorContext;
  /** The own rows; null before the first, when the size of vectors is not known. */
  #rows: OwnRows | null = null;
  #centroids: Float64Array = new Float64Array(0);
  #weights: Float64Array = new Float64Array(0);
  /** The rows of the first batch that are drawn. */
  #sample: Int32Array | null = null;
  /** Batches that have been learned from. */
  #batches = 0;
  /** Mean loss of the last one. */
  #loss = Number.NaN;
  /** Whether a batch is complete here, and waits for the other learners. */
  #isExchanging = false;
  #partials = new Map<number, TreeNode<BatchSums>[][]>();

  constructor(params: OnlineKMeansLearnerParams) {
    this.#params = params;
  }

  open(context: OperatorContext): void {
    this.#context = context;
  }

  /** Rows of the next batch wait until this one is learned. */
  accepts(input: number): boolean {
    return input !== 0 || !this.#isExchanging;
  }

  process(value: Table | BatchPartial, out: Collector<BatchPartial>): void {
    if (!(value instanceof Table)) this.#receive(value, out);
    else if (value.has(FEATURES)) this.#add(value.column(FEATURES) as DenseVectorColumn, out);
    else this.#tell(out);
  }

  /** Tells the model that a checkpoint had. */
  #tell(out: Collector<BatchPartial>): void {
    if (this.#rows === null || (this.#isDrawing && !this.#isExchanging)) return;
    this.#emitModel(out);
  }

  snapshot(): LearnerState | null {
    if (this.#rows === null) return null;
    return {
      dim: this.#rows.dim,
      centroids: this.#centroids,
      weights: this.#weights,
      batches: this.#batches,
      loss: this.#loss,
      isExchanging: this.#isExchanging,
      partials: this.#partials,
      rows: this.#rows.snapshot(),
    };
  }

  restore(state: LearnerState | null): void {
    if (state === null) return;
    this.#rows = new OwnRows(this.#params, state.dim, this.#context);
    this.#rows.restore(state.rows);
    this.#centroids = state.centroids;
    this.#weights = state.weights;
    this.#batches = state.batches;
    this.#loss = state.loss;
    this.#isExchanging = state.isExchanging;
    this.#partials = new Map(state.partials);
  }

  close(): void {
    this.#rows?.close();
    this.#rows = null;
  }

  #add(column: DenseVectorColumn, out: Collector<BatchPartial>): void {
    this.#rows ??= this.#start(column.dim);
    const rows = this.#rows;
    if (column.dim !== rows.dim) throw this.#otherSize(column.dim);
    if (rows.isIdle) return;
    for (let start = 0; start < column.length; ) {
      const end = Math.min(column.length, start + rows.missing);
      const part = column.slice(start, end);
      if (this.#isDrawing) this.#draw(part, rows.filled);
      rows.add(part);
      start = end;
      if (rows.missing === 0) this.#learn(rows, out);
    }
  }

  #start(dim: number): OwnRows {
    const { initial, k } = this.#params;
    if (initial !== null && initial.dim !== dim) throw this.#otherSize(dim, initial.dim);
    this.#centroids = initial?.centroids.slice() ?? new Float64Array(k * dim);
    this.#weights = initial?.weights.slice() ?? new Float64Array(k);
    const rows = new OwnRows(this.#params, dim, this.#context);
    // Others may be ahead; this one has nothing to wait for.
    if (rows.isIdle) this.#partials.clear();
    return rows;
  }

  get #isDrawing(): boolean {
    return this.#params.initial === null && this.#batches === 0;
  }

  /** Takes the rows that are in the sample; every learner sees all rows, and draws the same. */
  #draw({ values, dim, length }: DenseVectorColumn, at: number): void {
    const { k, globalBatchSize, seed } = this.#params;
    this.#sample ??= reservoirSample(globalBatchSize, k, seed);
    this.#sample.forEach((row, j) => {
      const i = row - at;
      if (i < 0 || i >= length) return;
      this.#centroids.set(values.subarray(i * dim, (i + 1) * dim), j * dim);
    });
  }

  #learn(rows: OwnRows, out: Collector<BatchPartial>): void {
    const nodes = rows.take(this.#centroids);
    if (this.#isDrawing) this.#emitModel(out);
    if (rows.owners === 1) {
      this.#move(nodes[0]!.value, out);
      return;
    }
    this.#isExchanging = true;
    out.emit({ batch: this.#batches, nodes });
  }

  #receive({ batch, nodes }: BatchPartial, out: Collector<BatchPartial>): void {
    // Learners without rows of their own get everybody's parts, too.
    if (this.#rows?.isIdle) return;
    const known = this.#partials.get(batch) ?? [];
    this.#partials.set(batch, known);
    known.push(nodes.map(copyOf));
    // Others may be ahead, before this one has begun; the own part comes back like any other.
    if (this.#rows === null || known.length < this.#rows.owners) return;
    this.#partials.delete(batch);
    this.#isExchanging = false;
    this.#move(combineRoot(known.flat(), addSums), out);
  }

  /** Moves the centroids: the old ones weigh what is left of them, every row weighs 1. */
  #move({ sums, counts, loss }: BatchSums, out: Collector<BatchPartial>): void {
    const { decayFactor, globalBatchSize, k } = this.#params;
    const [centroids, weights, dim] = [this.#centroids, this.#weights, this.#rows!.dim];
    for (let j = 0; j < k; j++) {
      const left = decayFactor * weights[j]!;
      const weight = left + counts[j]!;
      weights[j] = weight;
      // A cluster without rows keeps its centroid.
      if (counts[j] === 0) continue;
      for (let t = j * dim; t < (j + 1) * dim; t++) {
        centroids[t] = (left * centroids[t]! + sums[t]!) / weight;
      }
    }
    this.#batches++;
    this.#loss = loss / globalBatchSize;
    this.#emitModel(out);
  }

  #emitModel(out: Collector<BatchPartial>): void {
    if (!this.#rows!.isFirst) return;
    const { k } = this.#params;
    const [batch, loss] = [this.#batches, this.#loss];
    const [centroids, weights] = [this.#centroids.slice(), this.#weights.slice()];
    const { dim } = this.#rows!;
    const learned: LearnedBatch = { batch, loss, k, dim, centroids, weights };
    out.emitTo(VERSIONS, learned);
  }

  #otherSize(got: number, expected: number = this.#rows!.dim): DimensionMismatchError {
    const { who, featuresCol } = this.#params;
    return new DimensionMismatchError(
      `${who}: column "${featuresCol}" must have vectors of size ${expected}, got ${got}.`,
      { details: { who, column: featuresCol, expected, got } },
    );
  }
}

/** A node of a frame that is read in place, while sums are made in place: both want copies. */
function copyOf({ value, ...place }: TreeNode<BatchSums>): TreeNode<BatchSums> {
  return { ...place, value: { ...value, sums: value.sums.slice(), counts: value.counts.slice() } };
}
