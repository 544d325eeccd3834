/** DenseVectorGenerator: a column of vectors. */
import { int, type ParamTable } from '../core/params.js';
import type { JavaRandom } from '../core/random.js';
import { float64 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import {
  InputGenerator,
  type InputGeneratorParams,
  inputGeneratorParams,
} from './input-generator.js';

/** Params of {@link DenseVectorGenerator}. */
export interface DenseVectorGeneratorParams extends InputGeneratorParams {
  /** Entries of a vector, >= 1. **Default:** 1. */
  readonly vectorDim: number;
}

/** Vectors with entries uniform in [0, 1). */
export class DenseVectorGenerator extends InputGenerator<DenseVectorGeneratorParams> {
  static readonly className = 'DenseVectorGenerator';
  static readonly fullName: string =
    'org.apache.flink.ml.benchmark.datagenerator.common.DenseVectorGenerator';
  static readonly params: ParamTable<DenseVectorGeneratorParams> = {
    ...inputGeneratorParams(1),
    vectorDim: int(1, { min: 1 }),
  };

  override get bytesPerRow(): number {
    return 8 * this.params.vectorDim;
  }

  protected override drawColumns(rows: number, random: JavaRandom): readonly Column[] {
    return [drawVectors(rows, this.params.vectorDim, random)];
  }
}

/** The next `rows` vectors, uniform in [0, 1). */
export function drawVectors(rows: number, dim: number, random: JavaRandom): DenseVectorColumn {
  const values = float64(rows * dim);
  for (let i = 0; i < values.length; i++) values[i] = random.nextDouble();
  return Column.dense(values, dim);
}
