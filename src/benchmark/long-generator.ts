/** LongGenerator: columns of ids. Flink ML has no such generator. */
import { int, type ParamTable } from '../core/params.js';
import type { JavaRandom } from '../core/random.js';
import { int64, numberToWords, words } from '../table/buffers.js';
import { Column } from '../table/column.js';
import {
  InputGenerator,
  type InputGeneratorParams,
  inputGeneratorParams,
} from './input-generator.js';

/** Params of {@link LongGenerator}. */
export interface LongGeneratorParams extends InputGeneratorParams {
  /** Ids are 0 .. arity - 1. >= 1. **Default:** 10. */
  readonly arity: number;
}

/** Columns of 64-bit integers, as many as there are names. */
export class LongGenerator extends InputGenerator<LongGeneratorParams> {
  static readonly className = 'LongGenerator';
  static readonly fullName: string = 'LongGenerator';
  static readonly params: ParamTable<LongGeneratorParams> = {
    ...inputGeneratorParams(null),
    arity: int(10, { min: 1, max: 2 ** 31 - 1 }),
  };

  override get bytesPerRow(): number {
    return 8 * this.params.colNames[0]!.length;
  }

  protected override drawColumns(rows: number, random: JavaRandom): readonly Column[] {
    const columns = this.params.colNames[0]!.map(() => int64(rows));
    const halves = columns.map(words);
    for (let row = 0; row < rows; row++) {
      for (const column of halves) numberToWords(column, row, random.nextInt(this.params.arity));
    }
    return columns.map((values) => Column.numeric(values));
  }
}
