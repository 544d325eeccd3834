/** Labelled rows in kernel memory that wait to be learned from, in order of arrival. */
import { DataError, DimensionMismatchError } from '../core/errors.js';
import type { Arena, Segment } from '../memory/arena.js';
import type { Kernels } from '../memory/kernels.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { NumericColumn } from '../table/numeric-column.js';
import { columnToParts } from '../table/parts.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';

/** Names of the columns of a table that is learned from. */
export const FEATURES = 'features';
export const LABEL = 'label';
export const WEIGHT = 'weight';

/** Rows as they came, copied to kernel memory. Addresses are of the first row. */
interface Chunk {
  readonly segment: Segment;
  readonly rows: number;
  /** Size of the vectors. */
  readonly dim: number;
  /** CSR offsets, or 0 for dense rows. */
  readonly offsets: number;
  readonly indices: number;
  readonly values: number;
  readonly labels: number;
  /** 0 when every row weighs 1. */
  readonly weights: number;
}

/** A run of rows of one chunk. */
export interface Piece {
  readonly chunk: Chunk;
  readonly start: number;
  readonly rows: number;
  /** Index of the piece's first row in its batch. */
  readonly at: number;
}

/** Addresses of a piece's rows, as kernels take them. */
export const offsetsOf = ({ chunk, start }: Piece): number => chunk.offsets + start * 4;
export const denseOf = ({ chunk, start }: Piece): number => chunk.values + start * chunk.dim * 8;
export const labelsOf = ({ chunk, start }: Piece): number => chunk.labels + start * 8;
export const weightsOf = ({ chunk, start }: Piece): number =>
  chunk.weights === 0 ? 0 : chunk.weights + start * 8;
export const isSparse = ({ chunk }: Piece): boolean => chunk.offsets !== 0;

/** A chunk as plain data, with the first of its rows that has not been taken. */
interface ChunkState {
  readonly rows: number;
  readonly dim: number;
  readonly start: number;
  readonly values: Float64Array;
  readonly labels: Float64Array;
  readonly weights: Float64Array | null;
  /** Null for dense rows. */
  readonly sparse: { readonly offsets: Int32Array; readonly indices: Int32Array } | null;
}

/** A queue as plain data, with a batch that has been taken and not released. */
export interface RowsState {
  readonly received: number;
  readonly chunks: readonly ChunkState[];
  /** Each with the index of its chunk. */
  readonly taken: readonly (readonly [chunk: number, start: number, rows: number, at: number])[];
}

/** What the queue says about bad rows: who reads them, and the names that the user knows. */
export interface RowNames {
  readonly who: string;
  readonly featuresCol: string;
  readonly labelCol: string;
  readonly weightCol: string | null;
}

export class RowQueue {
  readonly #names: RowNames;
  readonly #kernels: Kernels;
  readonly #arena: Arena;
  #chunks: { readonly chunk: Chunk; start: number }[] = [];
  /** Rows that have not been taken. */
  size = 0;
  /** Rows that were ever added. */
  received = 0;

  constructor(names: RowNames, kernels: Kernels, arena: Arena) {
    this.#names = names;
    this.#kernels = kernels;
    this.#arena = arena;
  }

  /** Copies a table's rows. `dim` is the size that vectors must have. */
  add(table: Table, dim: number): void {
    const chunk = this.#copy(table, dim);
    try {
      this.#check(chunk, dim);
    } catch (error) {
      chunk.segment.free();
      throw error;
    }
    this.#chunks.push({ chunk, start: 0 });
    this.size += chunk.rows;
    this.received += chunk.rows;
  }

  /** Takes the next `rows` rows. Their chunks stay until {@link release}. */
  take(rows: number): Piece[] {
    const pieces: Piece[] = [];
    let at = 0;
    for (const entry of this.#chunks) {
      if (at === rows) break;
      const { chunk, start } = entry;
      const count = Math.min(chunk.rows - start, rows - at);
      if (count === 0) continue;
      pieces.push({ chunk, start, rows: count, at });
      entry.start += count;
      at += count;
    }
    this.size -= at;
    return pieces;
  }

  /** Frees the chunks whose rows have all been taken. */
  release(): void {
    this.#chunks = this.#chunks.filter(({ chunk, start }) => {
      if (start < chunk.rows) return true;
      chunk.segment.free();
      return false;
    });
  }

  close(): void {
    for (const { chunk } of this.#chunks) chunk.segment.free();
    this.#chunks = [];
    this.size = 0;
  }

  /** The rows, in views of kernel memory. @param taken What {@link take} gave and is still used. */
  state(taken: readonly Piece[]): RowsState {
    const chunks = this.#chunks.map(({ chunk, start }): ChunkState => {
      const { rows, dim, offsets, indices, values, labels, weights } = chunk;
      const ends = offsets === 0 ? null : this.#arena.i32(offsets, rows + 1);
      const entries = ends === null ? rows * dim : ends[rows]!;
      return {
        ...{ rows, dim, start },
        values: this.#arena.f64(values, entries),
        labels: this.#arena.f64(labels, rows),
        weights: weights === 0 ? null : this.#arena.f64(weights, rows),
        sparse: ends && { offsets: ends, indices: this.#arena.i32(indices, entries) },
      };
    });
    const indexOf = new Map(this.#chunks.map(({ chunk }, index) => [chunk, index]));
    const pieces = taken.map(({ chunk, start, rows, at }) => {
      return [indexOf.get(chunk)!, start, rows, at] as const;
    });
    return { received: this.received, chunks, taken: pieces };
  }

  /** Goes on from a state. Returns the pieces that had been taken. */
  restore({ received, chunks, taken }: RowsState): Piece[] {
    this.#chunks = chunks.map(({ rows, dim, start, values, labels, weights, sparse }) => {
      return { chunk: this.#store(rows, dim, { values, labels, weights, sparse }), start };
    });
    this.received = received;
    this.size = chunks.reduce((sum, { rows, start }) => sum + rows - start, 0);
    return taken.map(([chunk, start, rows, at]) => {
      return { chunk: this.#chunks[chunk]!.chunk, start, rows, at };
    });
  }

  #copy(table: Table, dim: number): Chunk {
    const features = table.column(FEATURES) as DenseVectorColumn | SparseVectorColumn;
    const labels = (table.column(LABEL) as NumericColumn<Float64Array>).values;
    const weights = table.has(WEIGHT)
      ? (table.column(WEIGHT) as NumericColumn<Float64Array>).values
      : null;
    const size = features.layout === 'sparse' ? features.size : features.dim;
    if (size !== dim) {
      throw new DimensionMismatchError(
        `${this.#names.who}: column "${this.#names.featuresCol}" must have vectors of size ${dim}, ` +
          `got ${size} in row ${this.received}.`,
        { details: { column: this.#names.featuresCol, expected: dim, got: size } },
      );
    }
    // The parts of a slice hold its own rows alone, with offsets from 0.
    const { arrays } = columnToParts(features);
    const values = arrays.values as Float64Array;
    const sparse =
      features.layout === 'sparse'
        ? { offsets: arrays.offsets as Int32Array, indices: arrays.indices as Int32Array }
        : null;
    return this.#store(table.numRows, dim, { values, labels, weights, sparse });
  }

  #store(
    rows: number,
    dim: number,
    {
      values,
      labels,
      weights,
      sparse,
    }: Pick<ChunkState, 'values' | 'labels' | 'weights' | 'sparse'>,
  ): Chunk {
    const bytes = 8 * (values.length + rows + (weights === null ? 0 : rows));
    const sparseBytes = sparse === null ? 0 : 4 * (rows + 2 + values.length);
    const segment = this.#arena.allocate(bytes + sparseBytes + 8);
    let at = segment.address;
    const put = (array: Float64Array) => {
      this.#arena.f64(at, array.length).set(array);
      at += array.length * 8;
      return at - array.length * 8;
    };
    const addresses = {
      values: put(values),
      labels: put(labels),
      weights: weights === null ? 0 : put(weights),
    };
    const putInts = (array: Int32Array) => {
      this.#arena.i32(at, array.length).set(array);
      at += array.length * 4;
      return at - array.length * 4;
    };
    const offsets = sparse === null ? 0 : putInts(sparse.offsets);
    const indices = sparse === null ? 0 : putInts(sparse.indices);
    return { segment, rows, dim, offsets, indices, ...addresses };
  }

  #check({ rows, dim, offsets, values, labels, weights }: Chunk, size: number): void {
    const { allFinite } = this.#kernels.exports;
    const ends = offsets === 0 ? null : this.#arena.i32(offsets, rows + 1);
    const entries = ends === null ? rows * size : ends[rows]!;
    const bad = allFinite(entries, values);
    if (bad >= 0) {
      const row = ends === null ? Math.floor(bad / dim) : ends.findIndex((end) => end > bad) - 1;
      const got = this.#arena.f64(values, entries)[bad];
      throw this.#bad(this.#names.featuresCol, 'must be finite', got, row);
    }
    const isLabel = (label: number) => label === 0 || label === 1;
    this.#checkEach(labels, rows, isLabel, this.#names.labelCol, 'must be 0 or 1');
    if (weights === 0) return;
    const isWeight = (weight: number) => weight >= 0 && weight < Number.POSITIVE_INFINITY;
    this.#checkEach(weights, rows, isWeight, this.#names.weightCol!, 'must be a number >= 0');
  }

  #checkEach(
    address: number,
    rows: number,
    isGood: (value: number) => boolean,
    column: string,
    rule: string,
  ): void {
    const values = this.#arena.f64(address, rows);
    for (let row = 0; row < rows; row++) {
      if (!isGood(values[row]!)) throw this.#bad(column, rule, values[row], row);
    }
  }

  #bad(column: string, rule: string, got: number | undefined, rowOfChunk: number): DataError {
    const row = this.received + rowOfChunk;
    return new DataError(
      `${this.#names.who}: column "${column}" ${rule}, got ${got} in row ${row}.`,
      {
        details: { column, row, got },
      },
    );
  }
}
