/** RandomStringArrayGenerator: columns of lists of strings. */
import { int, type ParamTable } from '../core/params.js';
import type { JavaRandom } from '../core/random.js';
import { int32 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import { evenOffsets } from './even-offsets.js';
import { InputGenerator, inputGeneratorParams } from './input-generator.js';
import {
  bytesOfString,
  decimalText,
  type RandomStringGeneratorParams,
} from './random-string-generator.js';

/** Params of {@link RandomStringArrayGenerator}. */
export interface RandomStringArrayGeneratorParams extends RandomStringGeneratorParams {
  /** Strings of a list, >= 1. **Default:** 1. */
  readonly arraySize: number;
}

/** Columns of lists of the decimal text of random integers, as many as there are names. */
export class RandomStringArrayGenerator extends InputGenerator<RandomStringArrayGeneratorParams> {
  static readonly className = 'RandomStringArrayGenerator';
  static readonly fullName: string =
    'org.apache.flink.ml.benchmark.datagenerator.common.RandomStringArrayGenerator';
  static readonly params: ParamTable<RandomStringArrayGeneratorParams> = {
    ...inputGeneratorParams(null),
    numDistinctValues: int(10, { min: 1, max: 2 ** 31 - 1 }),
    arraySize: int(1, { min: 1 }),
  };

  override get bytesPerRow(): number {
    const { colNames, arraySize, numDistinctValues } = this.params;
    return colNames[0]!.length * (4 + arraySize * bytesOfString(numDistinctValues));
  }

  protected override drawColumns(rows: number, random: JavaRandom): readonly Column[] {
    const { colNames, arraySize, numDistinctValues } = this.params;
    const columns = colNames[0]!.map(() => int32(rows * arraySize));
    for (let row = 0; row < rows; row++) {
      for (const values of columns) {
        const end = (row + 1) * arraySize;
        for (let i = row * arraySize; i < end; i++) values[i] = random.nextInt(numDistinctValues);
      }
    }
    return columns.map((values) => Column.list(evenOffsets(rows, arraySize), decimalText(values)));
  }
}
