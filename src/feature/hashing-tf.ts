/** HashingTF: lists of terms to vectors of how often they occur, by hashing. */
import { boolean, int, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { requireNoNull } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { Transformer } from '../stage/stage.js';
import type { ListColumn } from '../table/list-column.js';
import { requireColumn } from '../table/require-column.js';
import type { Table } from '../table/table.js';
import { countRows } from './text/count-rows.js';
import { type ElementColumn, slotsOfElements } from './text/hash-elements.js';
import { tokensWork } from './text/text-columns.js';

const WHO = 'HashingTF.transform';

/** Types of lists whose elements can be hashed. */
const LIST_TYPES = [
  'string[]',
  'boolean[]',
  'int32[]',
  'int64[]',
  'float32[]',
  'float64[]',
] as const;

/** Params of {@link HashingTF}. */
export interface HashingTFParams {
  /** Column of lists of terms. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the sparse vectors. **Default:** `'output'`. */
  readonly outputCol: string;
  /** Whether every term that occurs counts as 1. **Default:** false. */
  readonly binary: boolean;
  /** Size of the vectors, >= 1. **Default:** 262144. */
  readonly numFeatures: number;
}

const hashingTFParams: ParamTable<HashingTFParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  binary: boolean(false),
  numFeatures: int(262_144, { min: 1, max: 2 ** 31 - 1 }),
};

/**
 * Counts how often each term occurs in a list, in a sparse vector of fixed size, with the hash of a
 * term as its index: no vocabulary to learn, to keep or to grow.
 *
 * A term has the index floorMod(h, `numFeatures`), where h is MurmurHash3 x86 32, seed 0; terms that
 * meet are counted together. The value is how many elements of the list have the index, or 1 with
 * `binary`. The type of the lists decides what is hashed, so the number 1 has another index as an
 * integer than as a double:
 *
 * | type | hashed |
 * | --- | --- |
 * | `string[]` | the UTF-16 code units |
 * | `int32[]`, `float32[]` | the 32 bits |
 * | `int64[]`, `float64[]` | the 64 bits, low half first |
 * | `boolean[]` | the 32-bit integers 1 and 0 |
 *
 * All NaN are one term; 0 and -0 are two. An element that is null has the hash 0, as the empty string
 * has. A list that is null is an error (`ERR_GYRE_DATA`, with its row).
 *
 * The indices are Flink ML's. They are not those of {@link FeatureHasher}, which takes |h|.
 *
 * Cost: O(bytes, and elements · log(elements of the row)), in kernels; each label of a dictionary is
 * hashed once. Large tables run on all threads.
 *
 * @see HashingTF of Flink ML; Weinberger et al., Feature hashing for large scale multitask learning,
 *   2009.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: [['to', 'be', 'or', 'not', 'to', 'be'], []] });
 * const counts = await new HashingTF({ numFeatures: 1000 }).transform(table);
 * console.log(counts.column('output').toArray().join(' ')); // (1000, [...], [...]) (1000, [], [])
 * ```
 */
export class HashingTF extends Transformer<HashingTFParams> {
  static readonly className = 'HashingTF';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<HashingTFParams> = hashingTFParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<HashingTF> {
    return loadAs(HashingTF, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<HashingTFParams>): HashingTF {
    return new HashingTF(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const { outputCol, binary, numFeatures } = this.params;
    const lists = this.#lists(table, scope.firstRow);
    const slots = slotsOfElements(lists.child as ElementColumn, numFeatures, scope);
    const counting = { size: numFeatures, minCount: 0, minShare: 0, binary };
    return { columns: { [outputCol]: countRows(lists, slots, counting, scope) } };
  }

  protected override workOf(table: Table): number {
    return tokensWork(this.#lists(table, 0));
  }

  #lists(table: Table, firstRow: number): ListColumn {
    const { inputCol } = this.params;
    const column = requireColumn(WHO, table, inputCol, LIST_TYPES);
    requireNoNull(WHO, inputCol, column, firstRow);
    return column;
  }
}
