import { InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { TableStream, type TableStreamOptions } from '../table/table-stream.js';
import { BadRecordLog, type BadRecords, type OnBadRecord } from './bad-records.js';
import { type Compression, checkCompression } from './compression.js';
import { checkFiles, type FilesLike } from './file-list.js';
import { type FileFormatReader, fileTables } from './file-tables.js';

/** Options of all readers of {@link RecordStream}s. */
export interface RecordReadOptions {
  /** Rows of a batch; fewer where a file ends, or where records are left out. **Default:** 8192. */
  readonly batchSize?: number;
  /** How the files are compressed. **Default:** `'auto'`: by the end of the name. */
  readonly compression?: Compression;
  /** What becomes of a record that cannot be read. **Default:** `'error'`. */
  readonly onBadRecord?: OnBadRecord;
  /** Stops the stream before its next batch, and closes the file. */
  readonly signal?: AbortSignal;
}

/**
 * A stream of tables of files of text, one record a line: what `readCsv`, `readJsonLines` and
 * `readLibsvm` give.
 *
 * @example
 * ```ts
 * const events = readJsonLines('events/*.jsonl.gz', { onBadRecord: 'collect' });
 * for await (const table of events) use(table);
 * console.log(events.badRecords.count, events.badRecords.records[0]?.reason);
 * ```
 */
export class RecordStream extends TableStream {
  /**
   * The records that were left out, as `onBadRecord` says, by the reading that began last. One that
   * goes on from a position counts on; it collects anew.
   */
  readonly badRecords: BadRecords;

  /** For the readers; see {@link checkRecordOptions}. */
  constructor(
    makeReader: () => FileFormatReader<string>,
    badRecords: BadRecords,
    files: readonly string[],
    options: TableStreamOptions,
  ) {
    super(fileTables(makeReader, files), options);
    this.badRecords = badRecords;
  }
}

/** Checks what all these readers are given. */
export function checkRecordOptions(
  who: string,
  files: FilesLike,
  { batchSize = 8192, compression = 'auto', onBadRecord, signal }: RecordReadOptions,
): {
  readonly paths: readonly string[];
  readonly bad: BadRecordLog;
  readonly streamOptions: TableStreamOptions;
} {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new InvalidParamError(
      `${who}: batchSize must be an integer >= 1, got ${showValue(batchSize)}.`,
    );
  }
  checkCompression(who, compression);
  return {
    paths: checkFiles(who, files),
    bad: new BadRecordLog(who, onBadRecord),
    streamOptions: { ...(signal !== undefined && { signal }) },
  };
}
