/** What `Knn` and `KnnRegression` keep: the rows that they were given. */
import { DimensionMismatchError, FormatError, ModelDataError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import type { Points } from './knn-points.js';

/** A matrix of features: one row of the table a column. */
export interface PackedFeatures {
  /** The size of the vectors. */
  readonly numRows: number;
  /** The number of vectors. */
  readonly numCols: number;
  /** Column-major: vector after vector. */
  readonly values: Float64Array;
}

/** What {@link Knn} and {@link KnnRegression} keep. */
export interface KnnModelData {
  /** The features of all rows, in their order. */
  readonly packedFeatures: PackedFeatures;
  /** The squared euclidean length of each. */
  readonly featureNormSquares: DenseVector;
  /** The label of each. */
  readonly labels: DenseVector;
}

/** The model data of rows; the arrays are taken as they are. */
export function modelDataOf({ values, dim, numRows }: Points, labels: Float64Array): KnnModelData {
  const norms = new Float64Array(numRows);
  for (let row = 0; row < numRows; row++) {
    let squares = 0;
    for (let at = row * dim; at < (row + 1) * dim; at++) squares += values[at]! * values[at]!;
    norms[row] = squares;
  }
  return {
    packedFeatures: { numRows: dim, numCols: numRows, values },
    featureNormSquares: new DenseVector(norms),
    labels: new DenseVector(labels),
  };
}

/**
 * Checks model data: at least one row, sizes that agree, finite features and labels.
 *
 * @throws ModelDataError `ERR_GYRE_MODEL`, DimensionMismatchError `ERR_GYRE_DIMENSION`.
 */
export function checkModelData(className: string, data: KnnModelData): void {
  const who = `${className}.setModelData`;
  const { packedFeatures, featureNormSquares, labels } = data;
  const { values, numRows, numCols } = packedFeatures ?? {};
  if (!(values instanceof Float64Array)) {
    throw new ModelDataError(
      `${who}: packedFeatures must be { numRows, numCols, values: Float64Array }, ` +
        `got ${showValue(packedFeatures)}.`,
    );
  }
  for (const [name, vector] of Object.entries({ featureNormSquares, labels })) {
    if (vector instanceof DenseVector) continue;
    throw new ModelDataError(
      `${who}: ${name} must be a DenseVector, see Vectors.dense, got ${showValue(vector)}.`,
      { details: { name } },
    );
  }
  if (!(numCols >= 1)) {
    throw new ModelDataError(`${who}: there must be at least one row, got ${showValue(numCols)}.`);
  }
  const sizes = [featureNormSquares.size, labels.size];
  if (values.length !== numRows * numCols || sizes.some((size) => size !== numCols)) {
    throw new DimensionMismatchError(
      `${who}: ${numCols} vectors of size ${numRows} must have as many values, norms and labels, ` +
        `got ${values.length} values, ${sizes.join(' norms, ')} labels.`,
      { details: { numRows, numCols, values: values.length, sizes } },
    );
  }
  const stray = [...[values, labels.values].entries()].find(([, v]) => !v.every(Number.isFinite));
  if (stray === undefined) return;
  const name = stray[0] === 0 ? 'packedFeatures' : 'labels';
  throw new ModelDataError(`${who}: ${name} must be finite numbers.`, { details: { name } });
}

/** The table that is saved: a row for each that was learned from. */
export function modelDataToTable({ packedFeatures, labels }: KnnModelData): Table {
  return Table.fromColumns({
    features: Column.dense(packedFeatures.values, packedFeatures.numRows),
    label: labels.values,
  });
}

/** The model data of a saved table. @throws FormatError `ERR_GYRE_FORMAT`. */
export function modelDataOfTable(className: string, table: Table): KnnModelData {
  if (table.schema.features !== 'vector' || table.schema.label !== 'float64') {
    throw new FormatError(`${className}.load: the data must have features and label columns.`, {
      details: { schema: table.schema },
    });
  }
  const features = table.column('features', 'vector');
  const labels = table.column('label', 'float64').values;
  if (features.layout !== 'dense' || !(features.values instanceof Float64Array)) {
    throw new FormatError(`${className}.load: features must be dense vectors of 64-bit floats.`);
  }
  const { values, dim, length } = features;
  return modelDataOf({ values, dim, numRows: length }, labels as Float64Array);
}
