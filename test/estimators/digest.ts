/** Digests of tables and models: equal digests are equal bits. */
import { createHash, type Hash } from 'node:crypto';
import type { Table } from '../../src/index.js';
import { type ColumnParts, columnToParts } from '../../src/table/parts.js';

function addBytes(hash: Hash, { buffer, byteOffset, byteLength }: ArrayBufferView): void {
  hash.update(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
}

function addParts(hash: Hash, { arrays, child, ...rest }: ColumnParts): void {
  hash.update(JSON.stringify(rest));
  for (const [name, array] of Object.entries(arrays)) {
    hash.update(name);
    addBytes(hash, array);
  }
  if (child !== undefined) addParts(hash, child);
}

/** Of the names, the types, and every byte that the columns show. */
export function digestOfTable(table: Table): string {
  const hash = createHash('sha256').update(JSON.stringify(table.schema));
  for (const name of table.columnNames) addParts(hash, columnToParts(table.column(name)));
  return hash.digest('hex');
}

function addData(hash: Hash, data: unknown): void {
  if (ArrayBuffer.isView(data)) addBytes(hash, data);
  else if (data !== null && typeof data === 'object') {
    for (const [name, value] of Object.entries(data)) {
      hash.update(name);
      addData(hash, value);
    }
  } else hash.update(String(data));
}

/** Of a model's data: every number of every vector in it. */
export function digestOfData(data: object): string {
  const hash = createHash('sha256');
  addData(hash, data);
  return hash.digest('hex');
}

/** Of one value as a row has it: every number of it, and -0 is not 0. */
export function digestOfCell(value: unknown): string {
  const hash = createHash('sha256').update(typeof value);
  addData(hash, Object.is(value, -0) ? '-0' : value instanceof Date ? value.getTime() : value);
  return hash.digest('hex');
}
