/** DenseVectorArrayGenerator: a column of lists of vectors. */
import { int, type ParamTable } from '../core/params.js';
import type { JavaRandom } from '../core/random.js';
import { Column } from '../table/column.js';
import { type DenseVectorGeneratorParams, drawVectors } from './dense-vector-generator.js';
import { evenOffsets } from './even-offsets.js';
import { InputGenerator, inputGeneratorParams } from './input-generator.js';

/** Params of {@link DenseVectorArrayGenerator}. */
export interface DenseVectorArrayGeneratorParams extends DenseVectorGeneratorParams {
  /** Vectors of a list, >= 1. **Default:** 1. */
  readonly arraySize: number;
}

/** Lists of vectors with entries uniform in [0, 1). */
export class DenseVectorArrayGenerator extends InputGenerator<DenseVectorArrayGeneratorParams> {
  static readonly className = 'DenseVectorArrayGenerator';
  static readonly fullName: string =
    'org.apache.flink.ml.benchmark.datagenerator.common.DenseVectorArrayGenerator';
  static readonly params: ParamTable<DenseVectorArrayGeneratorParams> = {
    ...inputGeneratorParams(1),
    vectorDim: int(1, { min: 1 }),
    arraySize: int(1, { min: 1 }),
  };

  override get bytesPerRow(): number {
    return 4 + 8 * this.params.vectorDim * this.params.arraySize;
  }

  protected override drawColumns(rows: number, random: JavaRandom): readonly Column[] {
    const { vectorDim, arraySize } = this.params;
    const vectors = drawVectors(rows * arraySize, vectorDim, random);
    return [Column.list(evenOffsets(rows, arraySize), vectors)];
  }
}
