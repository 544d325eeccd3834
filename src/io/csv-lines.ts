/** The lines of CSV files, on their way to tables. */
import type { CsvError } from 'csv-parse';
import { FormatError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { ColumnType, Schema } from '../table/schema.js';
import { Table } from '../table/table.js';
import type { BadRecordLog } from './bad-records.js';
import type { CsvReadOptions } from './csv.js';
import { inferCellType, NOT_A_VALUE } from './csv-cells.js';
import { checkColumns } from './file-tables.js';
import { csvCellParser } from './json-cells.js';

/** Where a line begins, and what the lines before it have settled. */
export interface LinePlace {
  readonly byte: number;
  readonly line: number;
  /** Of all fields. */
  readonly names: readonly string[];
  /** What ends the lines; null when none has ended yet. */
  readonly lineEnd: string | null;
  readonly encoding: BufferEncoding | null;
}

/** A column to keep: its name, its field, and the texts that wait. */
interface KeptColumn {
  readonly name: string;
  readonly field: number;
  readonly texts: (string | null)[];
}

/** A record that gives no line. */
interface BrokenRecord {
  /** How many of the lines that wait come before it. */
  readonly before: number;
  readonly error: () => FormatError;
  readonly text: () => string;
}

/** The lines of a file that are not in a table yet, column by column. */
export class CsvLines {
  /** Whether a table has been taken. */
  takenAny: boolean;
  readonly #path: string;
  readonly #options: CsvReadOptions;
  readonly #bad: BadRecordLog;
  readonly #nullValue: string;
  /** Of the tables before, in this file and in others. */
  readonly #known: Schema | null;
  /** Of all fields. */
  #names: readonly string[] = [];
  #columns: readonly KeptColumn[] | undefined;
  #lineNumbers: number[] = [];
  /** The byte behind each line. */
  #ends: number[] = [];
  #types: readonly ColumnType[] | undefined;
  /** The last line that was taken, or the header. */
  #last: { readonly line: number; readonly end: number } = { line: 0, end: 0 };
  #broken: BrokenRecord[] = [];
  /** The parser may say more than once that it cannot read a record. */
  #lastBroken: object | undefined;

  constructor(
    path: string,
    options: CsvReadOptions,
    bad: BadRecordLog,
    place: LinePlace | null,
    known: Schema | null,
  ) {
    this.#path = path;
    this.#options = options;
    this.#bad = bad;
    this.#nullValue = options.nullValue ?? '';
    this.#known = known;
    this.takenAny = place !== null;
    if (place !== null) this.#columns = this.#open(place.names);
  }

  /** Whether the names of the columns are known. */
  get hasColumns(): boolean {
    return this.#columns !== undefined;
  }

  /** Whether the text of a broken record is of use to anyone. */
  get wantsText(): boolean {
    return this.#bad.policy === 'collect';
  }

  /** Lines that wait. */
  get rows(): number {
    return this.#lineNumbers.length;
  }

  /** Whether there is enough for a table of `n` rows, or so much that is none that it has to do. */
  isFull(n: number): boolean {
    return this.rows >= n || (this.rows > 0 && this.#broken.length >= n);
  }

  /** Where the line after those that were taken begins. */
  get place(): Pick<LinePlace, 'byte' | 'line' | 'names'> {
    return { byte: this.#last.end, line: this.#last.line + 1, names: this.#names };
  }

  /** Takes the fields of a line; the first one may be the header. `end` is the byte behind it. */
  add(fields: readonly string[], line: number, end: number): void {
    if (this.#columns === undefined) {
      const header = this.#options.header ?? true;
      this.#columns = this.#open(header ? fields : this.#namesFor(fields.length));
      this.#last = { line, end };
      if (header) return;
    }
    const expected = this.#names.length;
    if (fields.length !== expected) {
      const what = `: expected ${expected} fields, got ${fields.length}.`;
      this.#leaveOut({
        before: this.rows,
        error: () => this.#error(line, what, { expected, got: fields.length }),
        text: () => this.#textOf(fields),
      });
      return;
    }
    for (const { field, texts } of this.#columns) {
      const text = fields[field]!;
      texts.push(text === this.#nullValue ? null : text);
    }
    this.#lineNumbers.push(line);
    this.#ends.push(end);
  }

  /**
   * Takes a record whose quotes are not right.
   *
   * @param raw Its text up to there.
   * @param record The same object for all that is wrong with one record.
   */
  addBroken(cause: CsvError, raw: string | undefined, record: object): void {
    const { code, message, lines, column } = cause as CsvError &
      Readonly<Record<'lines' | 'column', number>>;
    const field = column + 1;
    const error = (): FormatError =>
      new FormatError(`readCsv: ${this.#path}, line ${lines}, field ${field}: ${message}.`, {
        details: { file: this.#path, line: lines, column: field, reason: code },
        cause,
      });
    // Without a header there are no records yet.
    if (this.#columns === undefined) throw error();
    if (record === this.#lastBroken) return;
    this.#lastBroken = record;
    this.#leaveOut({ before: this.rows, error, text: () => raw ?? '' });
  }

  /** Without lines that wait there is no place before it. */
  #leaveOut(record: BrokenRecord): void {
    this.#broken.push(record);
    if (this.rows === 0) this.finish();
  }

  /** All lines are taken: those that are none and come behind them are counted too. */
  finish(): void {
    for (const { error, text } of this.#broken) this.#bad.add(error, text);
    this.#broken = [];
  }

  /** So the count is that of the records before a place, however far the parser is ahead of it. */
  #countBefore(taken: number): void {
    const later = this.#broken.findIndex(({ before }) => before >= taken);
    const passed = this.#broken.splice(0, later < 0 ? this.#broken.length : later);
    for (const { error, text } of passed) this.#bad.add(error, text);
    this.#broken = this.#broken.map((broken) => ({ ...broken, before: broken.before - taken }));
  }

  #error(line: number, what: string, details: object): FormatError {
    return new FormatError(`readCsv: ${this.#path}, line ${line}${what}`, {
      details: { file: this.#path, line, ...details },
    });
  }

  #textOf(fields: readonly (string | null)[]): string {
    return fields.map((text) => text ?? this.#nullValue).join(this.#options.delimiter ?? ',');
  }

  #namesFor(fields: number): string[] {
    const names = Object.keys(this.#options.schema ?? {});
    return Array.from({ length: fields }, (_, i) => names[i] ?? `c${i}`);
  }

  #open(names: readonly string[]): KeptColumn[] {
    this.#names = names;
    const { columns, schema = {} } = this.#options;
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) {
      throw new FormatError(
        `readCsv: ${this.#path}: the header names ${JSON.stringify(twice)} twice.`,
        { details: { file: this.#path, line: 1, column: twice } },
      );
    }
    for (const wanted of [...Object.keys(schema), ...(columns ?? [])]) {
      if (names.includes(wanted)) continue;
      const known = names.map((name) => JSON.stringify(name)).join(', ');
      throw new SchemaError(
        `readCsv: ${this.#path} has no column ${JSON.stringify(wanted)}; it has ${known}.`,
        { details: { file: this.#path, column: wanted, columns: names } },
      );
    }
    const told = this.#known;
    if (told !== null) {
      const got = Object.fromEntries(names.map((name) => [name, null]));
      checkColumns('readCsv', this.#path, got, told, columns !== undefined);
    }
    const kept = columns ?? (told === null ? names : Object.keys(told));
    if (told !== null) this.#types = kept.map((name) => told[name]!);
    return kept.map((name) => ({ name, field: names.indexOf(name), texts: [] }));
  }

  /** The first `n` lines that wait (or all there are) as a table. */
  take(n: number): Table {
    this.takenAny = true;
    const columns = this.#columns ?? [];
    const { schema = {} } = this.#options;
    const taken = columns.map(({ texts }) => texts.splice(0, n));
    const lineNumbers = this.#lineNumbers.splice(0, n);
    const ends = this.#ends.splice(0, n);
    if (this.#broken.length > 0) this.#countBefore(ends.length);
    if (ends.length > 0) this.#last = { line: lineNumbers.at(-1)!, end: ends.at(-1)! };
    this.#types ??= columns.map(({ name }, c) =>
      Object.hasOwn(schema, name) ? schema[name]! : inferCellType(taken[c]!),
    );
    const types = this.#types;
    const refused = new Set<number>();
    const cells = columns.map(({ name }, c) => {
      const parseCell = csvCellParser(types[c]!);
      return taken[c]!.map((text, i) => {
        const value = text === null ? null : parseCell(text);
        if (value !== NOT_A_VALUE) return value;
        if (refused.has(i)) return null;
        refused.add(i);
        const what = `: column ${JSON.stringify(name)} must be ${types[c]}, got ${showValue(text)}.`;
        this.#bad.add(
          () => this.#error(lineNumbers[i]!, what, { column: name, got: text }),
          () => this.#textOf(taken.map((texts) => texts[i]!)),
        );
        return null;
      });
    });
    const values = columns.map(({ name }, c): [string, unknown[]] => [
      name,
      refused.size === 0 ? cells[c]! : cells[c]!.filter((_, i) => !refused.has(i)),
    ]);
    return Table.fromColumns(
      new Map(values),
      Object.fromEntries(columns.map(({ name }, c) => [name, types[c]!])),
    );
  }
}
