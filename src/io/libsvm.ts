/** LIBSVM files to table streams. */
import { InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { Mark } from '../table/stream-items.js';
import type { Table } from '../table/table.js';
import { BadRecordLog } from './bad-records.js';
import { readPieces } from './byte-source.js';
import type { Compression } from './compression.js';
import type { FilesLike } from './file-list.js';
import type { FileFormatReader } from './file-tables.js';
import { type LibsvmColumns, LibsvmRows } from './libsvm-rows.js';
import { checkRecordOptions, type RecordReadOptions, RecordStream } from './record-stream.js';

/** Options of {@link readLibsvm}. */
export interface LibsvmReadOptions extends RecordReadOptions {
  /** The size of the vectors. **Default:** the largest index, for which all files are read twice. */
  readonly numFeatures?: number;
  /** Whether the first feature has the index 0. **Default:** false: it has the index 1. */
  readonly zeroBased?: boolean;
  /** The column of labels. **Default:** `'label'`. */
  readonly labelCol?: string;
  /** The column of vectors. **Default:** `'features'`. */
  readonly featuresCol?: string;
  /** The column for `qid:n`, null where a line has none. **Default:** none: a qid is refused. */
  readonly qidCol?: string;
}

/**
 * Reads LIBSVM (SVMlight) files, `label index:value index:value ...` a line, as a stream of tables of
 * a `float64` label and a sparse vector.
 *
 * Indices ascend within a line. Empty lines, and what follows a `#`, are skipped; labels and values
 * may be `nan` or `inf`. Numbers are the nearest doubles. A position is a byte of a file: to go on
 * from there, nothing before it is read. A batch is of one file.
 *
 * @param files A path, a `file:` URL, a folder (its files that end in `.libsvm`, `.svm` or
 *   `.svmlight`), a pattern such as `train/*.svm.gz`, or an array of such.
 * @throws (when read) {@link FormatError} `ERR_GYRE_FORMAT` with file, line and character for a line
 *   of another form and for an index out of range, unless `onBadRecord` says otherwise.
 *
 * @example
 * ```ts
 * const rows = readLibsvm('a9a.libsvm', { numFeatures: 123 });
 * for await (const table of rows) console.log(table.column('features', 'sparseVector').size);
 * ```
 */
export function readLibsvm(files: FilesLike, options: LibsvmReadOptions = {}): RecordStream {
  const { labelCol = 'label', featuresCol = 'features', qidCol, zeroBased = false } = options;
  const { numFeatures, batchSize = 8192, compression = 'auto' } = options;
  const { paths, bad, streamOptions } = checkRecordOptions('readLibsvm', files, options);
  const isSize = Number.isInteger(numFeatures) && numFeatures! > 0 && numFeatures! < 2 ** 31;
  if (numFeatures !== undefined && !isSize) {
    throw new InvalidParamError(
      `readLibsvm: numFeatures must be an integer in [1, 2^31), got ${showValue(numFeatures)}.`,
      { details: { got: numFeatures } },
    );
  }
  const names = [labelCol, featuresCol, ...(qidCol === undefined ? [] : [qidCol])];
  if (new Set(names).size < names.length) {
    throw new InvalidParamError(
      `readLibsvm: labelCol, featuresCol and qidCol must be different, got ${names.join(', ')}.`,
      { details: { got: names } },
    );
  }
  const columns = { labelCol, featuresCol, qidCol, zeroBased };
  const makeReader = () => new LibsvmReader(columns, bad, batchSize, compression, numFeatures);
  return new RecordStream(makeReader, bad, paths, {
    ...streamOptions,
    schema: {
      [labelCol]: 'float64',
      ...(qidCol !== undefined && { [qidCol]: 'int64' }),
      [featuresCol]: 'sparseVector',
    },
  });
}

/** Where a line begins, and what all files together have settled. */
interface LinePlace {
  readonly byte: number;
  readonly line: number;
  readonly numFeatures: number;
}

/** One reading of files. */
class LibsvmReader implements FileFormatReader<string> {
  readonly who = 'readLibsvm';
  readonly extensions: readonly string[] = ['libsvm', 'svm', 'svmlight'];
  readonly bad: BadRecordLog;
  readonly #columns: LibsvmColumns;
  readonly #batchSize: number;
  readonly #compression: Compression;
  readonly #given: number | undefined;
  #numFeatures: number | undefined;

  constructor(
    columns: LibsvmColumns,
    bad: BadRecordLog,
    batchSize: number,
    compression: Compression,
    numFeatures: number | undefined,
  ) {
    this.#columns = columns;
    this.bad = bad;
    this.#batchSize = batchSize;
    this.#compression = compression;
    this.#given = numFeatures;
    this.#numFeatures = numFeatures;
  }

  /** Finds the largest index, unless it is known. */
  async begin(paths: readonly string[], from: unknown): Promise<void> {
    this.#numFeatures ??= (from as LinePlace | null)?.numFeatures;
    if (this.#numFeatures !== undefined) return;
    // What cannot be read is reported when it is read for its rows.
    const unheard = new BadRecordLog(this.who, 'skip');
    let largest = -1;
    for (const path of paths) {
      const rows = new LibsvmRows(path, this.#columns, unheard, null);
      for await (const _ of this.#blocks(path, { byte: 0, line: 1 }, rows)) rows.clear();
      largest = Math.max(largest, rows.maxIndex);
    }
    this.#numFeatures = largest + 1;
  }

  async *tables(path: string, from: unknown, _: unknown, mark: Mark): AsyncGenerator<Table> {
    const place = (from as LinePlace | null) ?? { byte: 0, line: 1 };
    const numFeatures = this.#numFeatures!;
    const rows = new LibsvmRows(path, this.#columns, this.bad, this.#given ?? null);
    for await (const next of this.#blocks(path, place, rows)) {
      const table = rows.take(numFeatures);
      mark({ ...next, numFeatures });
      yield table;
    }
  }

  /** Fills `rows` again and again; tells where the line after them begins. */
  async *#blocks(
    path: string,
    place: Pick<LinePlace, 'byte' | 'line'>,
    rows: LibsvmRows,
  ): AsyncGenerator<Pick<LinePlace, 'byte' | 'line'>> {
    let { byte, line } = place;
    let kept: Buffer[] = [];
    for await (const piece of readPieces(this.who, path, byte, this.#compression)) {
      const last = piece.lastIndexOf(NEWLINE);
      if (last < 0) {
        kept.push(piece);
        continue;
      }
      const block = kept.length === 0 ? piece : Buffer.concat([...kept, piece]);
      const ends = block.length - piece.length + last + 1;
      kept = ends < block.length ? [block.subarray(ends)] : [];
      for (let start = 0; start < ends; line++) {
        const end = block.indexOf(NEWLINE, start);
        rows.addLine(block, start, end, line);
        byte += end + 1 - start;
        start = end + 1;
        if (rows.count === this.#batchSize) yield { byte, line: line + 1 };
      }
    }
    const rest = Buffer.concat(kept);
    if (rest.length > 0) rows.addLine(rest, 0, rest.length, line++);
    byte += rest.length;
    if (rows.count > 0) yield { byte, line };
  }
}

const NEWLINE = 10;
