/** Features as the points that distances are taken of. */
import { DataError, DimensionMismatchError } from '../core/errors.js';
import { denseColumn } from '../stage/features.js';
import { float64 } from '../table/buffers.js';
import type { Table } from '../table/table.js';
import type { NeighbourDistance, Queries } from './neighbours.js';

/** The vectors of a column as dense rows. */
export interface Points extends Queries {
  readonly dim: number;
}

/**
 * Reads a column of vectors, dense or sparse, of any precision: finite, and not zero where the
 * distance is the cosine.
 *
 * @param firstRow Where in the whole table the first row is, for messages.
 * @throws SchemaError `ERR_GYRE_SCHEMA`, DataError `ERR_GYRE_DATA`.
 */
export function pointsOf(
  who: string,
  table: Table,
  name: string,
  distance: NeighbourDistance,
  firstRow = 0,
): Points {
  const { values, dim, length } = denseColumn(who, table, name);
  const points: Points = { values: values as Float64Array, numRows: length, dim };
  requireFinite(who, name, points, firstRow);
  if (distance === 'cosine') requireLength(who, name, points, firstRow);
  return points;
}

/** @throws DimensionMismatchError `ERR_GYRE_DIMENSION`. */
export function requireDim(who: string, name: string, { dim }: Points, expected: number): void {
  if (dim === expected) return;
  throw new DimensionMismatchError(
    `${who}: column "${name}" must have vectors of size ${expected}, got ${dim}.`,
    { details: { who, column: name, expected, got: dim } },
  );
}

function requireFinite(who: string, name: string, { values, dim }: Points, firstRow: number): void {
  for (let at = 0; at < values.length; at++) {
    const got = values[at]!;
    if (got - got === 0) continue;
    const row = firstRow + Math.floor(at / dim);
    throw new DataError(
      `${who}: column "${name}" must be finite, got ${got} in row ${row}, entry ${at % dim}.`,
      { details: { who, column: name, row, entry: at % dim, got } },
    );
  }
}

function requireLength(who: string, name: string, points: Points, firstRow: number): void {
  const { values, dim, numRows } = points;
  for (let i = 0; i < numRows; i++) {
    let isZero = true;
    for (let at = i * dim; isZero && at < (i + 1) * dim; at++) isZero = values[at] === 0;
    if (!isZero) continue;
    const row = firstRow + i;
    throw new DataError(
      `${who}: with distanceMeasure 'cosine', column "${name}" must have no vector of zeros, got one in row ${row}.`,
      { details: { who, column: name, row } },
    );
  }
}

/** The points between which euclidean distances stand for cosine ones: those of length 1. */
export function unitPoints({ values, dim, numRows }: Points): Points {
  const units = float64(values.length);
  for (let row = 0; row < numRows; row++) {
    const [start, end] = [row * dim, (row + 1) * dim];
    let largest = 0;
    for (let at = start; at < end; at++) largest = Math.max(largest, Math.abs(values[at]!));
    let squares = 0;
    for (let at = start; at < end; at++) squares += (values[at]! / largest) ** 2;
    const length = Math.sqrt(squares);
    for (let at = start; at < end; at++) units[at] = values[at]! / largest / length;
  }
  return { values: units, dim, numRows };
}
