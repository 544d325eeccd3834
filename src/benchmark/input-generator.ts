/** Generators of input: what they have in common. */
import {
  int,
  nullable,
  type Param,
  type ParamOptions,
  type ParamTable,
  resolveParams,
} from '../core/params.js';
import type { JavaRandom } from '../core/random.js';
import type { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { randomOf } from './seeds.js';

/** Flink ML draws one row in so many, and repeats them. */
const ROWS_PER_DISTINCT_ROW = 1000;
/** It draws so many at least. */
const FEWEST_DISTINCT_ROWS = 100;

/** Params of every generator of input. */
export interface InputGeneratorParams {
  /** Names of the columns, in a list of their own. Required. */
  readonly colNames: readonly (readonly string[])[];
  /** Rows, >= 1. **Default:** 10. */
  readonly numValues: number;
  /** Seed, an integer. **Default:** null, which is the hash of the full class name. */
  readonly seed: number | null;
  /**
   * Rows that are drawn, >= 1; after them they come again from the first. **Default:** null, which
   * is max(100, numValues / 1000), as Flink ML draws on one subtask.
   */
  readonly numDistinctRows: number | null;
}

/** @param columns How many columns there are; null for one or more. */
export function inputGeneratorParams(columns: number | null): ParamTable<InputGeneratorParams> {
  return {
    colNames: colNamesParam(columns),
    numValues: int(10, { min: 1 }),
    seed: nullable(int(0)),
    numDistinctRows: nullable(int(1, { min: 1 })),
  };
}

function colNamesParam(columns: number | null): Param<readonly (readonly string[])[]> {
  const names = columns === 1 ? '1 column name' : `${columns ?? 'one or more'} column names`;
  const isColNames = (v: unknown): boolean =>
    Array.isArray(v) &&
    v.every((name) => typeof name === 'string' && name !== '') &&
    (columns === null ? v.length > 0 : v.length === columns) &&
    new Set(v).size === v.length;
  const unlike = Array.from({ length: (columns ?? 0) + 1 }, () => 'same');
  return {
    expected: `a list of one list of ${names}, all different`,
    default: undefined as unknown as readonly (readonly string[])[],
    accepts: (v) => Array.isArray(v) && v.length === 1 && isColNames(v[0]),
    invalid: [null, 'a', [], ['a'], [[]], [[1]], [['']], [['a'], ['b']], [[...unlike, 'same']]],
  };
}

/** What the class of a generator says of itself. */
export interface GeneratorClass<V> {
  readonly className: string;
  /** With its package, if it is of Flink ML: the seed by default is its hash. */
  readonly fullName: string;
  readonly params: ParamTable<V>;
}

/** Makes the rows of a benchmark, from a seed. */
export abstract class InputGenerator<V extends InputGeneratorParams = InputGeneratorParams> {
  readonly params: Readonly<V>;

  /** @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for an unknown name or an invalid value. */
  constructor(options: ParamOptions<V>) {
    const { className, params } = this.constructor as unknown as GeneratorClass<V>;
    this.params = resolveParams(className, params, options);
  }

  get generatorClass(): Omit<GeneratorClass<V>, 'params'> {
    return this.constructor as unknown as GeneratorClass<V>;
  }

  /** Bytes of a row in a table, more or less. */
  abstract get bytesPerRow(): number;

  /** The next rows of each column: numbers are drawn row by row, and in a row from left to right. */
  protected abstract drawColumns(rows: number, random: JavaRandom): readonly Column[];

  /** Rows before they repeat, of those that there are. */
  get distinctRows(): number {
    const { numValues, numDistinctRows } = this.params;
    const share = Math.floor(numValues / ROWS_PER_DISTINCT_ROW);
    return Math.min(numValues, numDistinctRows ?? Math.max(FEWEST_DISTINCT_ROWS, share));
  }

  /** Random numbers from the start. */
  random(): JavaRandom {
    return randomOf(this.params.seed, this.generatorClass.fullName);
  }

  /** A table of the next rows. */
  draw(rows: number, random: JavaRandom): Table {
    const [names] = this.params.colNames;
    const columns = this.drawColumns(rows, random);
    return Table.over(new Map(columns.map((column, c) => [names![c]!, column])));
  }
}

/** An integer below `arity`, or a number in [0, 1) where that is 0. */
export function nextValue(random: JavaRandom, arity: number): number {
  return arity === 0 ? random.nextDouble() : random.nextInt(arity);
}
