/** RandomStringGenerator: columns of strings. */
import { int, type ParamTable } from '../core/params.js';
import type { JavaRandom } from '../core/random.js';
import { int32, uint8 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import {
  InputGenerator,
  type InputGeneratorParams,
  inputGeneratorParams,
} from './input-generator.js';

/** Params of {@link RandomStringGenerator}. */
export interface RandomStringGeneratorParams extends InputGeneratorParams {
  /** Strings are the integers 0 .. numDistinctValues - 1 in decimal. >= 1. **Default:** 10. */
  readonly numDistinctValues: number;
}

/** Columns of the decimal text of random integers, as many as there are names. */
export class RandomStringGenerator extends InputGenerator<RandomStringGeneratorParams> {
  static readonly className = 'RandomStringGenerator';
  static readonly fullName: string =
    'org.apache.flink.ml.benchmark.datagenerator.common.RandomStringGenerator';
  static readonly params: ParamTable<RandomStringGeneratorParams> = {
    ...inputGeneratorParams(null),
    numDistinctValues: int(10, { min: 1, max: 2 ** 31 - 1 }),
  };

  override get bytesPerRow(): number {
    const { colNames, numDistinctValues } = this.params;
    return colNames[0]!.length * bytesOfString(numDistinctValues);
  }

  protected override drawColumns(rows: number, random: JavaRandom): readonly Column[] {
    const { colNames, numDistinctValues } = this.params;
    const columns = colNames[0]!.map(() => int32(rows));
    for (let row = 0; row < rows; row++) {
      for (const values of columns) values[row] = random.nextInt(numDistinctValues);
    }
    return columns.map(decimalText);
  }
}

/** Bytes of a string and its offset, at most. */
export function bytesOfString(numDistinctValues: number): number {
  return String(numDistinctValues - 1).length + 4;
}

/** Integers >= 0 as a column of their decimal text, digit by digit: no string is made. */
export function decimalText(values: Int32Array): Column {
  const offsets = int32(values.length + 1);
  for (let i = 0; i < values.length; i++) offsets[i + 1] = offsets[i]! + digitsOf(values[i]!);
  const bytes = uint8(offsets[values.length]!);
  for (let i = 0; i < values.length; i++) {
    let rest = values[i]!;
    for (let at = offsets[i + 1]! - 1; at >= offsets[i]!; at--) {
      bytes[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
  return Column.utf8(bytes, offsets);
}

/** `'0'` in ASCII. */
const ZERO = 48;

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}
