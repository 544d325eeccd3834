/** What a linear model is learned from: features, labels and weights as the losses read them. */
import { DataError } from '../core/errors.js';
import { denseColumn, numberColumn, vectorColumn } from '../stage/features.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { Table } from '../table/table.js';
import type { LossColumns, LossName } from './loss.js';

/** A linear model to be learned, of rows that have been looked at. */
export interface LinearProblem {
  /** The call, for messages: `'LinearSVC.fit'`. */
  readonly who: string;
  readonly loss: LossName;
  /** 1, or the number of classes of `multinomial`. */
  readonly classes: number;
  /** Has the features. */
  readonly table: Table;
  readonly featuresCol: string;
  /** As the loss reads them, one a row. */
  readonly labels: Float64Array;
  /** One a row; null: all are 1. */
  readonly weights: Float64Array | null;
}

/** Rows of a problem in a table of their own. */
export interface LinearRows {
  readonly table: Table;
  readonly columns: LossColumns;
  readonly dim: number;
  /** Entries that a row stores, about. */
  readonly entries: number;
}

/**
 * The first rows of a problem as the losses read them. Zero-copy but for 32-bit floats.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, or no weight above 0.
 */
export function linearRows(problem: LinearProblem, count: number): LinearRows {
  const { who, table, featuresCol, labels, weights } = problem;
  if (weights?.every((weight) => weight === 0)) {
    throw new DataError(`${who}: some row must have a weight above 0, all have 0.`);
  }
  // Of all rows, so that null is refused wherever it is.
  vectorColumn(who, table, featuresCol);
  const features = featureColumn(who, table.slice(0, count), featuresCol);
  const [labelCol, weightCol] = [`${featuresCol}.label`, `${featuresCol}.weight`];
  return {
    table: Table.fromColumns({
      [featuresCol]: features,
      [labelCol]: labels.subarray(0, count),
      ...(weights !== null && { [weightCol]: weights.subarray(0, count) }),
    }),
    columns: { featuresCol, labelCol, weightCol: weights === null ? null : weightCol },
    dim: features.layout === 'dense' ? features.dim : features.size,
    entries: features.layout === 'dense' ? features.dim : storedIn(features) / count,
  };
}

function storedIn({ offsets, length }: SparseVectorColumn): number {
  return offsets[length]! - offsets[0]!;
}

/** A column of vectors, sparse or of 64-bit floats, without null. */
export function featureColumn(
  who: string,
  table: Table,
  name: string,
): DenseVectorColumn | SparseVectorColumn {
  const column = vectorColumn(who, table, name);
  return column.layout === 'sparse' ? column : denseColumn(who, table, name);
}

/**
 * A column of labels that are numbers.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, NaN or an infinity.
 */
export function labelColumn(who: string, table: Table, name: string): Float64Array {
  const labels = numberColumn(who, table, name);
  const row = labels.findIndex((label) => !Number.isFinite(label));
  if (row < 0) return labels;
  throw new DataError(
    `${who}: column "${name}" must be finite, got ${labels[row]} in row ${row}.`,
    { details: { who, column: name, row, got: labels[row] } },
  );
}
