/** Bytes of LIBSVM files to rows: straight into arrays, no text per line or entry. */
import { FormatError } from '../core/errors.js';
import { bitmap, setBit } from '../table/bitmap.js';
import { float64, int32, int64 } from '../table/buffers.js';
import type { Column } from '../table/column.js';
import { Int64Column } from '../table/int64-column.js';
import { NumericColumn } from '../table/numeric-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { Table } from '../table/table.js';
import type { BadRecordLog } from './bad-records.js';
import { cellParser, NOT_A_VALUE } from './csv-cells.js';

/** What the rows are made of. */
export interface LibsvmColumns {
  readonly labelCol: string;
  readonly featuresCol: string;
  readonly qidCol: string | undefined;
  readonly zeroBased: boolean;
}

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const HASH = 35;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const QID = Buffer.from('qid:');

/** Powers of ten that are doubles. */
const POWERS: readonly number[] = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** As many digits always are an integer below 2^53. */
const EXACT_DIGITS = 15;
const MAX_INDEX = 0x7fff_fffe;

const parseNumber = cellParser('float64');
const parseInt64 = cellParser('int64');

/** What is wrong with a line: not an error yet, since it knows no file. */
class Malformed {
  readonly what: string;
  /** Where in the block. */
  readonly at: number;

  constructor(what: string, at: number) {
    this.what = what;
    this.at = at;
  }
}

/** Rows that are not in a table yet. */
export class LibsvmRows {
  readonly #path: string;
  readonly #columns: LibsvmColumns;
  readonly #bad: BadRecordLog;
  /** The size of the vectors as it was given; null when it is found out. */
  readonly #limit: number | null;
  readonly #labels: number[] = [];
  readonly #qids: (bigint | number | null)[] = [];
  readonly #offsets: number[] = [0];
  #indices = new Int32Array(1024);
  #values = new Float64Array(1024);
  /** Entries so far. */
  #used = 0;
  #maxIndex = -1;
  /** Where the next token begins. */
  #at = 0;

  constructor(path: string, columns: LibsvmColumns, bad: BadRecordLog, limit: number | null) {
    this.#path = path;
    this.#columns = columns;
    this.#bad = bad;
    this.#limit = limit;
  }

  get count(): number {
    return this.#labels.length;
  }

  /** The largest index of all rows so far, from 0; -1 when there is none. */
  get maxIndex(): number {
    return this.#maxIndex;
  }

  /** Takes bytes `start` to `end`: one line without its end. */
  addLine(bytes: Buffer, start: number, end: number, line: number): void {
    this.#at = start;
    this.#skipSpace(bytes, end);
    if (this.#at === end || bytes[this.#at] === HASH) return;
    const used = this.#used;
    const rows = this.#labels.length;
    try {
      this.#row(bytes, end);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#used = used;
      this.#labels.length = rows;
      this.#qids.length = Math.min(this.#qids.length, rows);
      this.#refuse(error, bytes, start, end, line);
      return;
    }
    this.#offsets.push(this.#used);
    if (this.#used > used)
      this.#maxIndex = Math.max(this.#maxIndex, this.#indices[this.#used - 1]!);
  }

  /** The rows as a table; none are left. @param size Of the vectors. */
  take(size: number): Table {
    const { labelCol, featuresCol, qidCol } = this.#columns;
    const labels = float64(this.#labels.length);
    labels.set(this.#labels);
    const offsets = int32(this.#offsets.length);
    offsets.set(this.#offsets);
    const indices = int32(this.#used);
    indices.set(this.#indices.subarray(0, this.#used));
    const values = float64(this.#used);
    values.set(this.#values.subarray(0, this.#used));
    const columns = new Map<string, Column>([[labelCol, new NumericColumn(labels)]]);
    if (qidCol !== undefined) columns.set(qidCol, qidColumn(this.#qids));
    columns.set(featuresCol, new SparseVectorColumn(size, offsets, indices, values));
    this.clear();
    return Table.fromColumns(columns);
  }

  clear(): void {
    this.#labels.length = 0;
    this.#qids.length = 0;
    this.#offsets.length = 1;
    this.#used = 0;
  }

  /** `label [qid:n] index:value ...` */
  #row(bytes: Buffer, end: number): void {
    this.#labels.push(this.#number(bytes, end, 'the label'));
    this.#skipSpace(bytes, end);
    if (this.#columns.qidCol !== undefined) this.#qids.push(null);
    if (startsWithQid(bytes, this.#at, end)) this.#qid(bytes, end);
    const first = this.#columns.zeroBased ? 0 : 1;
    let before = -1;
    for (;;) {
      this.#skipSpace(bytes, end);
      if (this.#at === end || bytes[this.#at] === HASH) return;
      const start = this.#at;
      const index = this.#index(bytes, end) - first;
      this.#checkIndex(index, before, start);
      before = index;
      const value = this.#number(bytes, end, 'a value');
      if (this.#used === this.#indices.length) this.#grow();
      this.#indices[this.#used] = index;
      this.#values[this.#used++] = value;
    }
  }

  #checkIndex(index: number, before: number, at: number): void {
    const first = this.#columns.zeroBased ? 0 : 1;
    if (index < 0) {
      throw new Malformed(
        'an index must be at least 1, got 0; set zeroBased if they are from 0',
        at,
      );
    }
    if (index <= before) {
      throw new Malformed(`indices must ascend, got ${index + first} after ${before + first}`, at);
    }
    if (this.#limit !== null && index >= this.#limit) {
      const last = this.#limit - 1 + first;
      throw new Malformed(`an index must be at most ${last}, got ${index + first}`, at);
    }
  }

  #grow(): void {
    const [indices, values] = [this.#indices, this.#values];
    this.#indices = new Int32Array(indices.length * 2);
    this.#indices.set(indices);
    this.#values = new Float64Array(values.length * 2);
    this.#values.set(values);
  }

  #qid(bytes: Buffer, end: number): void {
    const start = this.#at;
    if (this.#columns.qidCol === undefined) {
      throw new Malformed('it has a qid; name the column for it with qidCol', start);
    }
    this.#at += QID.length;
    const qid = parseInt64(this.#token(bytes, end));
    if (qid === NOT_A_VALUE) throw new Malformed('a qid must be an integer', start);
    this.#qids[this.#qids.length - 1] = qid as bigint | number;
  }

  /** Digits up to a colon, which is passed. */
  #index(bytes: Buffer, end: number): number {
    const start = this.#at;
    let at = start;
    let index = 0;
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      index = index * 10 + digit;
      if (index > MAX_INDEX) throw new Malformed(`an index must be at most ${MAX_INDEX}`, start);
    }
    if (at === start || at === end || bytes[at] !== COLON) {
      const got = JSON.stringify(this.#token(bytes, end));
      throw new Malformed(`an entry must be index:value, got ${got}`, start);
    }
    this.#at = at + 1;
    return index;
  }

  /**
   * A number up to a space. Few digits and a small power of ten give the nearest double in one
   * operation, since both are doubles; other numbers are left to JavaScript.
   */
  #number(bytes: Buffer, end: number, what: string): number {
    const start = this.#at;
    let at = start;
    const sign = bytes[at];
    if (sign === MINUS || sign === PLUS) at++;
    let mantissa = 0;
    let digits = 0;
    let scale = 0;
    let point = 0;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte >= ZERO && byte <= NINE) {
        mantissa = mantissa * 10 + (byte - ZERO);
        digits++;
        scale += point;
      } else if (byte === POINT && point === 0) point = 1;
      else break;
    }
    if (digits > 0 && digits <= EXACT_DIGITS && endsToken(bytes, at, end)) {
      this.#at = at;
      const value = mantissa / POWERS[scale]!;
      return sign === MINUS ? -value : value;
    }
    const token = this.#token(bytes, end);
    const value = parseNumber(token);
    if (token !== '' && value !== NOT_A_VALUE) return value as number;
    throw new Malformed(`${what} must be a number, got ${JSON.stringify(token)}`, start);
  }

  #skipSpace(bytes: Buffer, end: number): void {
    while (this.#at < end && isSpace(bytes[this.#at]!)) this.#at++;
  }

  /** The text up to a space. */
  #token(bytes: Buffer, end: number): string {
    const start = this.#at;
    while (!endsToken(bytes, this.#at, end)) this.#at++;
    return bytes.toString('utf8', start, this.#at);
  }

  #refuse({ what, at }: Malformed, bytes: Buffer, start: number, end: number, line: number): void {
    const column = at - start + 1;
    const error = (): FormatError =>
      new FormatError(`readLibsvm: ${this.#path}, line ${line}, character ${column}: ${what}.`, {
        details: { file: this.#path, line, column },
      });
    this.#bad.add(error, () => bytes.toString('utf8', start, end));
  }
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN;
}

function endsToken(bytes: Buffer, at: number, end: number): boolean {
  return at === end || isSpace(bytes[at]!) || bytes[at] === HASH || bytes[at] === NEWLINE;
}

function startsWithQid(bytes: Buffer, at: number, end: number): boolean {
  return (
    bytes[at] === QID[0] &&
    end - at >= QID.length &&
    bytes.compare(QID, 0, QID.length, at, at + QID.length) === 0
  );
}

function qidColumn(qids: readonly (bigint | number | null)[]): Int64Column {
  const values = int64(qids.length);
  const validity = bitmap(qids.length);
  let nulls = 0;
  for (const [i, qid] of qids.entries()) {
    if (qid === null) nulls++;
    else {
      values[i] = BigInt(qid);
      setBit(validity, i);
    }
  }
  return new Int64Column(values, nulls === 0 ? null : validity);
}
