/** DoubleGenerator: columns of numbers. */
import { int, type ParamTable } from '../core/params.js';
import type { JavaRandom } from '../core/random.js';
import { float64 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import {
  InputGenerator,
  type InputGeneratorParams,
  inputGeneratorParams,
  nextValue,
} from './input-generator.js';

/** Params of {@link DoubleGenerator}. */
export interface DoubleGeneratorParams extends InputGeneratorParams {
  /** Numbers are 0 .. arity - 1; with 0, uniform in [0, 1). >= 0. **Default:** 0. */
  readonly arity: number;
}

/** Columns of numbers, as many as there are names. */
export class DoubleGenerator extends InputGenerator<DoubleGeneratorParams> {
  static readonly className = 'DoubleGenerator';
  static readonly fullName: string =
    'org.apache.flink.ml.benchmark.datagenerator.common.DoubleGenerator';
  static readonly params: ParamTable<DoubleGeneratorParams> = {
    ...inputGeneratorParams(null),
    arity: int(0, { min: 0, max: 2 ** 31 - 1 }),
  };

  override get bytesPerRow(): number {
    return 8 * this.params.colNames[0]!.length;
  }

  protected override drawColumns(rows: number, random: JavaRandom): readonly Column[] {
    const columns = this.params.colNames[0]!.map(() => float64(rows));
    for (let row = 0; row < rows; row++) {
      for (const values of columns) values[row] = nextValue(random, this.params.arity);
    }
    return columns.map((values) => Column.numeric(values));
  }
}
