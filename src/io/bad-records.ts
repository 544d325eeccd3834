/** Records of a file that cannot be read: refused, or counted and left out. */
import { type FormatError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';

/**
 * What becomes of a record that cannot be read: `'error'` ends the reading with an error that says
 * where it is, `'skip'` leaves it out and counts it, `'collect'` keeps it too.
 */
export type OnBadRecord = 'error' | 'skip' | 'collect';

/** A record that was left out. */
export interface BadRecord {
  readonly file: string;
  /** The line that it is on; of one over several lines, the one where the failure showed. From 1. */
  readonly line: number;
  /** The name of the column, or the number of the field or of the character, where one is known. */
  readonly column: string | number | null;
  /** How the record begins: 200 characters at most. */
  readonly text: string;
  /** The message that the error would have. */
  readonly reason: string;
}

/** The records that were left out. */
export interface BadRecords {
  /** How many there have been. */
  readonly count: number;
  /** With `'collect'` the first {@link MAX_COLLECTED} of them, in order; else none. */
  readonly records: readonly BadRecord[];
}

/** Records that are kept at most; all are counted. */
export const MAX_COLLECTED = 1000;
const MAX_TEXT = 200;

const POLICIES: readonly OnBadRecord[] = ['error', 'skip', 'collect'];

/** What a reader does with the records that it cannot read. */
export class BadRecordLog implements BadRecords {
  readonly policy: OnBadRecord;
  #count = 0;
  #records: BadRecord[] = [];

  constructor(who: string, policy: OnBadRecord = 'error') {
    if (!POLICIES.includes(policy)) {
      throw new InvalidParamError(
        `${who}: onBadRecord must be "error", "skip" or "collect", got ${showValue(policy)}.`,
        { details: { got: policy } },
      );
    }
    this.policy = policy;
  }

  get count(): number {
    return this.#count;
  }

  get records(): readonly BadRecord[] {
    return this.#records;
  }

  /** A reading begins. @param count Of the records before its first one. */
  begin(count: number): void {
    this.#count = count;
    this.#records = [];
  }

  /**
   * Throws the error, or leaves the record out.
   *
   * @param makeError With `file`, `line` and, if known, `column` in its details. It and the text are
   *   made only for who wants them: there may be many.
   */
  add(makeError: () => FormatError, makeText: () => string): void {
    if (this.policy === 'error') throw makeError();
    this.#count++;
    if (this.policy === 'skip' || this.#records.length === MAX_COLLECTED) return;
    const error = makeError();
    const text = makeText();
    const { file, line, column } = error.details as Partial<BadRecord>;
    this.#records.push({
      file: String(file),
      line: line ?? 0,
      column: column ?? null,
      text: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text,
      reason: error.message,
    });
  }
}
