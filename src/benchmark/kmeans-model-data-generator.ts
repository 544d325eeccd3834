/** KMeansModelDataGenerator: data of a KMeansModel. */
import type { KMeansModelData } from '../clustering/kmeans-model.js';
import {
  int,
  nullable,
  type ParamOptions,
  type ParamTable,
  resolveParams,
} from '../core/params.js';
import { DenseVector } from '../table/vector.js';
import { drawVectors } from './dense-vector-generator.js';
import { randomOf } from './seeds.js';

/** Params of {@link KMeansModelDataGenerator}. */
export interface KMeansModelDataGeneratorParams {
  /** Centroids, >= 1. **Default:** 1. */
  readonly arraySize: number;
  /** Entries of a centroid, >= 1. **Default:** 1. */
  readonly vectorDim: number;
  /** Seed, an integer. **Default:** null, which is the hash of Flink ML's class name. */
  readonly seed: number | null;
}

/** Centroids with entries uniform in [0, 1), and weights of 0. */
export class KMeansModelDataGenerator {
  static readonly className = 'KMeansModelDataGenerator';
  static readonly fullName: string =
    'org.apache.flink.ml.benchmark.datagenerator.clustering.KMeansModelDataGenerator';
  static readonly params: ParamTable<KMeansModelDataGeneratorParams> = {
    arraySize: int(1, { min: 1 }),
    vectorDim: int(1, { min: 1 }),
    seed: nullable(int(0)),
  };
  readonly params: Readonly<KMeansModelDataGeneratorParams>;

  /** @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for an unknown name or an invalid value. */
  constructor(options: ParamOptions<KMeansModelDataGeneratorParams>) {
    const { className, params } = KMeansModelDataGenerator;
    this.params = resolveParams(className, params, options);
  }

  modelData(): KMeansModelData {
    const { arraySize, vectorDim, seed } = this.params;
    const random = randomOf(seed, KMeansModelDataGenerator.fullName);
    const centroids = drawVectors(arraySize, vectorDim, random).toArray() as DenseVector[];
    return { centroids, weights: new DenseVector(new Float64Array(arraySize)) };
  }
}
