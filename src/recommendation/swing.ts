/** Swing: items that are bought together, by the pairs of users who bought both. */
import { abortError, InvalidParamError } from '../core/errors.js';
import {
  double,
  int,
  nullable,
  type ParamOptions,
  type ParamTable,
  string,
} from '../core/params.js';
import { requireNoNull } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import { requireColumn } from '../table/require-column.js';
import type { Table } from '../table/table.js';
import { itemsOfUsers, purchasersOfItems } from './behavior.js';
import { idsOf } from './id-codes.js';
import { swingOnBlocks } from './swing-blocks.js';

const WHO = 'Swing.transform';
/** The seed of Flink ML when none is given: the hash of its class's name. */
const DEFAULT_SEED = 438_758_276;

/** Params of {@link Swing}. */
export interface SwingParams {
  /** Column of users: int64. **Default:** `'user'`. */
  readonly userCol: string;
  /** Column of items: int64; in the result too. **Default:** `'item'`. */
  readonly itemCol: string;
  /** Column of the result for the similar items: string. **Default:** `'output'`. */
  readonly outputCol: string;
  /** The most similar items that are given for an item, >= 1. **Default:** 100. */
  readonly k: number;
  /** The most purchasers of an item that are looked at, >= 1; more are sampled. **Default:** 1000. */
  readonly maxUserNumPerItem: number;
  /** Users with fewer distinct items are left out, >= 1. **Default:** 10. */
  readonly minUserBehavior: number;
  /** Users with more distinct items are left out, >= `minUserBehavior`. **Default:** 1000. */
  readonly maxUserBehavior: number;
  /** Added to the number of a user's items in the user's weight, an integer >= 0. **Default:** 15. */
  readonly alpha1: number;
  /** Added to the number of common items of two users, an integer >= 0. **Default:** 0. */
  readonly alpha2: number;
  /** The exponent of the user's weight, >= 0; with 0 all users weigh 1. **Default:** 0.3. */
  readonly beta: number;
  /** Seed of the samples, an integer. **Default:** 438758276, which null means too. */
  readonly seed: number | null;
}

const swingParams: ParamTable<SwingParams> = {
  userCol: string('user'),
  itemCol: string('item'),
  outputCol: string('output'),
  k: int(100, { min: 1 }),
  maxUserNumPerItem: int(1000, { min: 1 }),
  minUserBehavior: int(10, { min: 1 }),
  maxUserBehavior: int(1000, { min: 1 }),
  alpha1: int(15, { min: 0 }),
  alpha2: int(0, { min: 0 }),
  beta: double(0.3, { min: 0 }),
  seed: { ...nullable(int(0)), default: DEFAULT_SEED },
};

/**
 * Finds similar items from who bought what: two items are close when pairs of users bought both, and
 * closer when these pairs have little else in common.
 *
 * s(i, j) = Σ w_u w_v / (alpha2 + |I_u ∩ I_v|) over the pairs {u, v} of users who both bought i and j,
 * where I_u are the items of u, and w_u = 1 / (alpha1 + |I_u|)^beta: users who buy everything say
 * little. A pair is counted once.
 *
 * Input: a row for each purchase, user and item as int64; null is an error, a purchase that comes
 * again counts once, and the order of rows does not matter. Result: a row for each item that has
 * similar ones, by ascending item: `itemCol` (int64) and `outputCol`, the text
 * `item,score;item,score;...` of at most `k` items, the highest score first, of equal scores the
 * smallest item. Numbers are written as Java writes them: `1.0E-4`. Bit-identical on any number of
 * workers.
 *
 * Of an item with more than `maxUserNumPerItem` purchasers a sample is looked at: a reservoir over its
 * users in ascending order, with `java.util.Random` and the same seed for each item.
 *
 * Differences from Flink ML: sampling and the order of equal scores follow ids, not hash tables and
 * arrival, so the result does not depend on parallelism or on the order of rows; the table of an
 * empty input is empty. As there, users and items of another type than int64 are refused, and in the
 * reservoir the first purchaser who comes too late always takes a place.
 *
 * Cost: for each item the items of its purchasers are looked at a few times, and each pair of
 * purchasers once for every further item that they share; lists of purchases are sorted on the
 * calling thread and shared with the workers, which need some numbers an item of memory each.
 *
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` when `maxUserBehavior` is below
 *   `minUserBehavior`, or `outputCol` is `itemCol`.
 * @see Yang et al., Large Scale Product Graph Construction for Recommendation in E-commerce, 2020,
 *   section 3.1; Swing of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns(
 *   { user: [0, 0, 0, 1, 1, 2, 2, 2], item: [10, 11, 12, 13, 12, 10, 11, 12] },
 *   { user: 'int64', item: 'int64' },
 * );
 * const similar = await new Swing({ minUserBehavior: 1, alpha1: 0, beta: 1 }).transform(table);
 * console.log(similar.column('item').toArray()); // [10, 11, 12]
 * console.log(similar.column('output').get(0)); // 11,0.037037037037037035;12,0.037037037037037035
 * ```
 */
export class Swing extends AlgoOperator<SwingParams> {
  static readonly className = 'Swing';
  static readonly params: ParamTable<SwingParams> = swingParams;

  constructor(options: ParamOptions<SwingParams> = {}) {
    super(options);
    const { minUserBehavior, maxUserBehavior, itemCol, outputCol } = this.params;
    if (maxUserBehavior < minUserBehavior) {
      throw new InvalidParamError(
        `Swing.maxUserBehavior must not be below minUserBehavior, got ${maxUserBehavior} and ` +
          `${minUserBehavior}.`,
        { details: { owner: 'Swing', minUserBehavior, maxUserBehavior } },
      );
    }
    if (itemCol === outputCol) {
      throw new InvalidParamError(
        `Swing.outputCol must be another column than itemCol, got "${outputCol}" for both.`,
        { details: { owner: 'Swing', itemCol, outputCol } },
      );
    }
  }

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<Swing> {
    return loadAs(Swing, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<SwingParams>): Swing {
    return new Swing(params);
  }

  protected override async transformTable(table: Table, options: StageOptions): Promise<Table> {
    const { userCol, itemCol, maxUserNumPerItem, seed } = this.params;
    if (options.signal?.aborted) throw abortError(WHO, options.signal);
    const users = idsOf(idColumn(table, userCol));
    const items = idsOf(idColumn(table, itemCol));
    const [userCount, itemCount] = [users.distinct.length, items.distinct.length];
    const bought = itemsOfUsers(users.codes, userCount, items.codes, itemCount, this.params);
    const random = seed ?? DEFAULT_SEED;
    const purchasers = purchasersOfItems(bought, itemCount, maxUserNumPerItem, random);
    const { k, alpha1, alpha2, beta, outputCol } = this.params;
    const params = { k, alpha1, alpha2, beta, itemCol, outputCol };
    const similar = await swingOnBlocks(WHO, items.distinct, bought, purchasers, params, options);
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return similar;
  }
}

function idColumn(table: Table, name: string): BigInt64Array {
  const column = requireColumn(WHO, table, name, ['int64']);
  requireNoNull(WHO, name, column);
  return column.values;
}
