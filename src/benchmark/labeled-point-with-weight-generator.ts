/** LabeledPointWithWeightGenerator: points with a label and a weight. */
import { int, type ParamTable } from '../core/params.js';
import type { JavaRandom } from '../core/random.js';
import { float64 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import type { DenseVectorGeneratorParams } from './dense-vector-generator.js';
import { InputGenerator, inputGeneratorParams, nextValue } from './input-generator.js';

/** Params of {@link LabeledPointWithWeightGenerator}. */
export interface LabeledPointWithWeightGeneratorParams extends DenseVectorGeneratorParams {
  /** Entries are 0 .. featureArity - 1; with 0, uniform in [0, 1). >= 0. **Default:** 2. */
  readonly featureArity: number;
  /** Labels are 0 .. labelArity - 1; with 0, uniform in [0, 1). >= 0. **Default:** 2. */
  readonly labelArity: number;
}

/** Three columns: vectors, labels, and weights, which are uniform in [0, 1). */
export class LabeledPointWithWeightGenerator extends InputGenerator<LabeledPointWithWeightGeneratorParams> {
  static readonly className = 'LabeledPointWithWeightGenerator';
  static readonly fullName: string =
    'org.apache.flink.ml.benchmark.datagenerator.common.LabeledPointWithWeightGenerator';
  static readonly params: ParamTable<LabeledPointWithWeightGeneratorParams> = {
    ...inputGeneratorParams(3),
    vectorDim: int(1, { min: 1 }),
    featureArity: int(2, { min: 0, max: 2 ** 31 - 1 }),
    labelArity: int(2, { min: 0, max: 2 ** 31 - 1 }),
  };

  override get bytesPerRow(): number {
    return 8 * (this.params.vectorDim + 2);
  }

  protected override drawColumns(rows: number, random: JavaRandom): readonly Column[] {
    const { vectorDim, featureArity, labelArity } = this.params;
    const features = float64(rows * vectorDim);
    const labels = float64(rows);
    const weights = float64(rows);
    for (let row = 0; row < rows; row++) {
      const end = (row + 1) * vectorDim;
      for (let i = row * vectorDim; i < end; i++) features[i] = nextValue(random, featureArity);
      labels[row] = nextValue(random, labelArity);
      weights[row] = random.nextDouble();
    }
    return [Column.dense(features, vectorDim), Column.numeric(labels), Column.numeric(weights)];
  }
}
