/** Tables as text for people. */
import { InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { Column } from './column.js';
import type { Table } from './table.js';

/** Options of `Table.toText` and `Table.print`. */
export interface TableTextOptions {
  /** Rows at most, from the first on. **Default:** 10. */
  readonly rows?: number;
  /** Characters of a line at most. **Default:** 100; of `print` the width of the terminal. */
  readonly width?: number;
}

/** Characters of a cell at most. */
const MAX_CELL = 32;
const GAP = '  ';
/** Digits of numbers that are no integers. */
const PRECISION = 6;
/** Entries of a vector or a list at most; those that do not fit are cut off again. */
const MAX_ENTRIES = 12;

/**
 * A header, the types, and the first rows:
 *
 * ```text
 *      id  name    features
 * float64  string  vector
 *       1  ada     [0.5, 1]
 *       2  null    [1.25, -3]
 * 2 rows, 3 columns
 * ```
 */
export function tableText(table: Table, { rows = 10, width = 100 }: TableTextOptions = {}): string {
  checkCount('rows', rows, 0);
  checkCount('width', width, 1);
  const shown = Math.min(rows, table.numRows);
  const columns: TextColumn[] = [];
  let used = 0;
  for (const name of table.columnNames) {
    const column = textColumn(name, table.column(name), shown);
    used += column.width + (columns.length === 0 ? 0 : GAP.length);
    // One is shown however narrow the terminal is.
    if (used > width && columns.length > 0) break;
    columns.push(column);
  }
  const lines = columns.length === 0 ? 0 : shown + 2;
  const text = Array.from({ length: lines }, (_, i) =>
    columns
      .map(({ cells, width: wide, isRight }) => padded(cells[i]!, wide, isRight))
      .join(GAP)
      .trimEnd(),
  );
  return [...text, summary(table, shown, columns.length)].join('\n');
}

/** The cells of a column: name, type, values. */
interface TextColumn {
  readonly cells: readonly string[];
  readonly width: number;
  readonly isRight: boolean;
}

function textColumn(name: string, column: Column, rows: number): TextColumn {
  const values = Array.from({ length: rows }, (_, i) => cellText(column, i));
  const cells = [cut(plain(name)), column.type, ...values];
  const isRight = /^(?:float|int)\d\d$/.test(column.type);
  return { cells, width: Math.max(...cells.map(textWidth)), isRight };
}

function summary({ numRows, columnNames }: Table, rows: number, columns: number): string {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  const hidden = columnNames.slice(columns).map((name) => cut(plain(name)));
  const text = `${count(numRows, 'row')}, ${count(columnNames.length, 'column')}`;
  return [
    text,
    ...(rows < numRows ? [`the first ${rows} rows are shown`] : []),
    ...(hidden.length > 0 ? [`not shown: ${hidden.join(', ')}`] : []),
  ].join('; ');
}

function cellText(column: Column, i: number): string {
  if (column.isNull(i)) return 'null';
  switch (column.layout) {
    case 'int64':
      return String(column.values[i]);
    case 'dense': {
      const { values, dim } = column;
      return listText(dim, (j) => numberText(values[i * dim + j]!));
    }
    case 'sparse': {
      const { offsets, indices, values, size } = column;
      const [start, end] = [offsets[i]!, offsets[i + 1]!];
      const text = listText(
        end - start,
        (k) => `${indices[start + k]}: ${numberText(values[start + k]!)}`,
      );
      return cut(`${size} ${text}`);
    }
    case 'list': {
      const { offsets, child } = column;
      const start = offsets[i]!;
      return listText(offsets[i + 1]! - start, (k) => cellText(child, start + k));
    }
    case 'numeric':
      return numberText(column.values[i]!);
    case 'timestamp':
      return timeText(column.get(i)!);
    default:
      return cut(plain(String(column.get(i))));
  }
}

function timeText(time: Date): string {
  return Number.isNaN(time.getTime()) ? String(time) : time.toISOString();
}

/** Of a long list only the beginning is made. */
function listText(n: number, entry: (k: number) => string): string {
  const entries = Array.from({ length: Math.min(n, MAX_ENTRIES) }, (_, k) => entry(k));
  return cut(`[${entries.join(', ')}${n > MAX_ENTRIES ? ', …' : ''}]`);
}

/** Integers in full, other numbers to six digits. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (!Number.isFinite(value) || Number.isSafeInteger(value)) return String(value);
  return String(Number(value.toPrecision(PRECISION)));
}

/** Control characters as escapes: a cell is one line, and no terminal does what data says. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    if (escaped !== character) return escaped;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function cut(text: string): string {
  if (text.length <= MAX_CELL / 2 || textWidth(text) <= MAX_CELL) return text;
  let kept = '';
  let width = 1;
  for (const character of text) {
    width += characterWidth(character);
    if (width > MAX_CELL) break;
    kept += character;
  }
  return `${kept}…`;
}

function padded(text: string, width: number, isRight: boolean): string {
  const space = ' '.repeat(width - textWidth(text));
  return isRight ? `${space}${text}` : `${text}${space}`;
}

/** Of two columns in a terminal: East Asian characters and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
/** Of none: what is drawn over the character before. */
const NARROW = /\p{Mn}|\p{Me}|\p{Cf}/u;

function characterWidth(character: string): number {
  if (character <= '\u02ff') return 1;
  if (NARROW.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function checkCount(name: string, value: number, least: number): void {
  if ((Number.isInteger(value) && value >= least) || value === Number.POSITIVE_INFINITY) return;
  throw new InvalidParamError(
    `Table.toText: ${name} must be an integer >= ${least}, got ${showValue(value)}.`,
    { details: { got: value } },
  );
}
