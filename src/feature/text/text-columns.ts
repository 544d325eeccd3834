/** Columns of text and of tokens, in the forms that the text stages read. */
import { DataError } from '../../core/errors.js';
import { requireNoNull } from '../../stage/features.js';
import type { Column } from '../../table/column.js';
import type { DictionaryColumn } from '../../table/dictionary-column.js';
import type { ListColumn } from '../../table/list-column.js';
import { requireColumn } from '../../table/require-column.js';
import type { Table } from '../../table/table.js';
import { takeColumn } from '../../table/take-columns.js';
import { encodeStrings } from '../../table/utf8-builder.js';
import { Utf8Column } from '../../table/utf8-column.js';

/** A column of strings, whatever its layout. */
export type TextColumn = Utf8Column | DictionaryColumn;

/** Lists of strings: the tokens of documents. */
export interface TokensColumn extends ListColumn {
  readonly child: TextColumn;
}

/** What a code of a dictionary costs beside the bytes of the labels, in bytes looked at. */
const CODE_WORK = 8;

/**
 * A column of strings, without null.
 *
 * @param firstRow Where in the whole table the first row is, for the message.
 * @throws SchemaError `ERR_GYRE_SCHEMA`, DataError `ERR_GYRE_DATA` for null.
 */
export function textColumn(who: string, table: Table, name: string, firstRow: number): TextColumn {
  const column = requireColumn(who, table, name, ['string']);
  requireNoNull(who, name, column, firstRow);
  return column;
}

/**
 * A column of lists of strings, none of them null. Strings in the lists may be.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`, DataError `ERR_GYRE_DATA` for a list that is null.
 */
export function tokensColumn(
  who: string,
  table: Table,
  name: string,
  firstRow: number,
): TokensColumn {
  const column = requireColumn(who, table, name, ['string[]']);
  requireNoNull(who, name, column, firstRow);
  return column as TokensColumn;
}

/** Throws {@link DataError} for the first token that is null. */
export function requireNoNullTokens(
  who: string,
  name: string,
  { child, offsets, length }: TokensColumn,
  firstRow: number,
): void {
  if (child.nullCount === 0) return;
  for (let i = 0; i < length; i++) {
    for (let at = offsets[i]!; at < offsets[i + 1]!; at++) {
      if (!child.isNull(at)) continue;
      const [row, token] = [firstRow + i, at - offsets[i]!];
      throw new DataError(
        `${who}: column "${name}" must not have null, got null in row ${row}, token ${token}.`,
        { details: { who, column: name, row, token } },
      );
    }
  }
}

/** Strings as UTF-8. */
export function utf8Of(texts: readonly string[]): Utf8Column {
  const { bytes, offsets } = encodeStrings(texts);
  return new Utf8Column(bytes, offsets);
}

/** A column without null as UTF-8: itself where it is. */
export function asUtf8(column: TextColumn): Utf8Column {
  if (column.layout === 'utf8') return column;
  if (column.labels.length > column.length) return utf8Of(column.toArray() as string[]);
  return takeColumn(utf8Of(column.labels), column.codes) as Utf8Column;
}

/**
 * Maps strings row by row: a dictionary with no more labels than rows once for each label.
 *
 * @param map Makes as many rows as the column has; none may depend on another.
 */
export function mapText<C extends Column>(column: TextColumn, map: (texts: Utf8Column) => C): C {
  if (column.layout === 'utf8') return map(column);
  if (column.labels.length > column.length) return map(asUtf8(column));
  return takeColumn(map(utf8Of(column.labels)), column.codes) as C;
}

/** What a column of strings costs, in bytes looked at. */
export function textWork(column: TextColumn): number {
  if (column.layout === 'dictionary') return column.length * CODE_WORK;
  return column.offsets[column.length]! - column.offsets[0]!;
}

/** What tokens cost, in bytes looked at. */
export function tokensWork({ offsets, length, child }: ListColumn): number {
  const [from, to] = [offsets[0]!, offsets[length]!];
  const tokens = (to - from) * CODE_WORK;
  return child.layout === 'utf8' ? tokens + child.offsets[to]! - child.offsets[from]! : tokens;
}
