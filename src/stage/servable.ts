/** Servables: stages that transform a row or a table at once, where a request is answered. */
import { InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { defaultSession, Session } from '../engine/session.js';
import { checkSchema, type Schema } from '../table/schema.js';
import { type Row, Table } from '../table/table.js';
import {
  addNewColumns,
  columnsReadByAny,
  nameIsTaken,
  newColumnsOf,
  type RowScope,
} from './new-columns.js';
import { RowReader } from './row-reader.js';
import type { Transformer } from './stage.js';

/** Options of a servable. */
export interface ServableOptions {
  /**
   * Types of columns, for what a row alone does not tell: that an array is a `'vector'`, that a
   * number is an `'int32'`, and of what type null is. **Default:** as `Table.fromRows` tells them.
   */
  readonly schema?: Schema | undefined;
  /** Whose kernels and memory are used; no job is run. **Default:** those of the default session. */
  readonly session?: Session | undefined;
}

/**
 * A stage, or a pipeline of stages, that answers at once on the calling thread: no job, no worker,
 * no promise. The results are those of `transform`, to the bit (with the same kernel build).
 *
 * Made by `stage.toServable()` or `loadServable(path)`. A servable follows the stages that it was
 * made of: a model that learns on serves with its newest version.
 *
 * Cost of a row: that of the stages, and some microseconds for columns of one row.
 *
 * @see TransformerServable and PipelineModelServable of Flink ML.
 *
 * @example
 * ```ts
 * const { mean, std } = { mean: Vectors.dense(1, 10), std: Vectors.dense(2, 5) };
 * const model = new StandardScalerModel({ withMean: true }).setModelData({ mean, std });
 * const servable = model.toServable({ schema: { input: 'vector' } });
 * const row = servable.transform({ id: 7, input: [3, 20] });
 * console.log(row?.id, String(row?.output)); // 7 [1.0, 2.0]
 * ```
 */
export class Servable {
  readonly #stages: readonly Transformer<unknown>[];
  readonly #session: Session;
  /** Columns made on the way among them: these need not be in a row. */
  readonly #read: readonly string[];
  readonly #reader: RowReader;

  /** @internal @param who The call, for messages: `'KMeansModel.toServable'`. */
  constructor(who: string, stages: readonly Transformer<unknown>[], options: ServableOptions) {
    const { schema = {}, session, ...rest } = options;
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) {
      throw new InvalidParamError(
        `${who} has no option ${JSON.stringify(unknown)}; it has schema, session.`,
        { details: { who, option: unknown } },
      );
    }
    if (session !== undefined && !(session instanceof Session)) {
      throw new InvalidParamError(`${who}: session must be a Session, got ${showValue(session)}.`, {
        details: { who, option: 'session' },
      });
    }
    this.#stages = stages;
    this.#session = session ?? defaultSession();
    this.#read = [...new Set(columnsReadByAny(stages))];
    this.#reader = new RowReader(checkSchema(who, schema), this.#read);
  }

  /**
   * Transforms rows at once.
   *
   * @param input A row gives the row with the stages' values added, or null where a stage drops it
   *   (`handleInvalid: 'skip'`); a table gives a table. Neither is changed. Values of a row are as
   *   in `Table.fromRows`; those that no stage reads are passed through as they are.
   * @throws what `transform` rejects with.
   */
  transform(input: Table): Table;
  transform(input: Row): Row | null;
  transform(input: Table | Row): Table | Row | null {
    if (input instanceof Table) {
      const made = newColumnsOf(this.#stages, input, this.#scope);
      return addNewColumns(input, made, this.#read);
    }
    const { columns, kept } = newColumnsOf(this.#stages, this.#reader.read(input), this.#scope);
    if (kept?.length === 0) return null;
    // Not a spread: adding to what that gives costs as much as a stage does for one row.
    const row: Row = Object.assign({}, input);
    for (const name of Object.keys(columns)) {
      if (Object.hasOwn(input, name) && !this.#read.includes(name)) {
        throw nameIsTaken(name, Object.keys(input));
      }
      row[name] = columns[name]!.get(0);
    }
    return row;
  }

  get #scope(): RowScope {
    const { kernels, arena } = this.#session.inline;
    return { kernels, arena, firstRow: 0 };
  }
}
