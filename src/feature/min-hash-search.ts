/** Searching by min-hashes: which rows are candidates, and whether what was given can be searched. */
import { DataError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';
import { DenseVector, SparseVector, type Vector } from '../table/vector.js';
import { type Signatures, sameHashes } from './hash-buckets.js';
import { itemSetOf } from './item-sets.js';

/** The rows whose hashes are the key's in some hash table, ascending. */
export function candidateRows(
  { hashes, width }: Signatures,
  key: Float64Array,
  perTable: number,
): Int32Array {
  const found: number[] = [];
  for (let row = 0; row * width < hashes.length; row++) {
    for (let at = 0; at < width; at += perTable) {
      if (!sameHashes(hashes, row * width + at, key, at, perTable)) continue;
      found.push(row);
      break;
    }
  }
  return Int32Array.from(found);
}

/**
 * The hashes that a table has, which need not come from the very model that reads them.
 *
 * @throws DataError `ERR_GYRE_DATA` when their number is another in some row.
 */
export function signaturesOf(
  who: string,
  hashed: Table,
  name: string,
  tables: number,
  perTable: number,
): Signatures {
  const column = hashed.column(name);
  const { length } = column;
  if (column.layout === 'list' && column.child.layout === 'dense' && column.nullCount === 0) {
    const { offsets, child } = column;
    const first = offsets[0]!;
    const vectors = child.slice(first, offsets[length]!);
    const fits = offsets.every((offset, row) => offset === first + row * tables);
    if (fits && vectors.dim === perTable && vectors.nullCount === 0) {
      return { hashes: Float64Array.from(vectors.values), width: tables * perTable };
    }
  }
  throw new DataError(
    `${who}: column "${name}" must have ${tables} vectors of ${perTable} hashes in each row, as ` +
      `transform gives them, got a column of ${column.type} with others.`,
    { details: { who, column: name, got: column.type } },
  );
}

/** The set of a vector as a column of one row. */
export function columnOfKey(key: Vector): SparseVectorColumn {
  const { offsets, items } = itemSetOf(key);
  return new SparseVectorColumn(key.size, offsets, items, new Float64Array(items.length));
}

export function checkKey(who: string, key: unknown): asserts key is Vector {
  const isVector = key instanceof DenseVector || key instanceof SparseVector;
  checkThat(who, 'the key', key, 'a vector', isVector);
  if (itemSetOf(key as Vector).items.length > 0) return;
  throw new DataError(
    `${who}: the key must have at least one entry that is not zero, got ${String(key)}.`,
  );
}

export function checkName(who: string, distCol: unknown): void {
  const isName = typeof distCol === 'string' && distCol !== '';
  checkThat(who, 'distCol', distCol, 'a string that is not empty', isName);
}

export function checkThat(
  who: string,
  name: string,
  got: unknown,
  expected: string,
  ok: boolean,
): void {
  if (ok) return;
  throw new InvalidParamError(`${who}: ${name} must be ${expected}, got ${showValue(got)}.`, {
    details: { who, param: name, expected },
  });
}
