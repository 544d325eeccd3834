/** What is used of packages that come without types. */
declare module 'ml-logistic-regression' {
  import type { Matrix } from 'ml-matrix';

  // biome-ignore lint/style/noDefaultExport: that is how the package exports it.
  export default class LogisticRegression {
    constructor(options: { readonly numSteps: number; readonly learningRate: number });
    train(x: Matrix, y: Matrix): void;
  }
}

declare module 'ml-knn' {
  // biome-ignore lint/style/noDefaultExport: that is how the package exports it.
  export default class KNN {
    constructor(
      points: readonly number[][],
      labels: readonly number[],
      options: { readonly k: number },
    );
    predict(points: readonly number[][]): number[];
  }
}

declare module 'ml-naivebayes' {
  class Classifier {
    train(points: readonly number[][], labels: readonly number[]): void;
    predict(points: readonly number[][]): number[];
  }
  export class GaussianNB extends Classifier {}
  export class MultinomialNB extends Classifier {}
}

declare module '@tensorflow/tfjs-core' {
  export interface Tensor {
    readonly shape: readonly number[];
    dataSync(): ArrayLike<number>;
    dispose(): void;
  }
  export function setBackend(name: 'wasm'): Promise<boolean>;
  export function tidy(work: () => Tensor): Tensor;
  export function tensor2d(values: Float32Array, shape: readonly [number, number]): Tensor;
  export function zeros(shape: readonly number[]): Tensor;
  export function clone(x: Tensor): Tensor;
  export function gather(x: Tensor, indices: readonly number[]): Tensor;
  export function transpose(x: Tensor): Tensor;
  export function matMul(a: Tensor, b: Tensor): Tensor;
  export function sub(a: Tensor, b: Tensor): Tensor;
  export function mul(a: Tensor, b: Tensor | number): Tensor;
  export function div(a: Tensor, b: Tensor): Tensor;
  export function greater(a: Tensor, b: number): Tensor;
  export function where(condition: Tensor, a: Tensor, b: Tensor): Tensor;
  export function sum(x: Tensor, axis: number): Tensor;
  export function square(x: Tensor): Tensor;
  export function sigmoid(x: Tensor): Tensor;
  export function argMin(x: Tensor, axis: number): Tensor;
  export function expandDims(x: Tensor, axis: number): Tensor;
  export function topk(x: Tensor, k: number): { readonly indices: Tensor };
  export function oneHot(indices: Tensor, depth: number): Tensor;
  export function cast(x: Tensor, type: 'float32'): Tensor;
}

declare module '@stdlib/ndarray-ctor' {
  export interface Ndarray {
    readonly data: Float64Array;
    get(...indices: number[]): number;
  }
  export type Constructor = (
    type: 'float64',
    data: Float64Array,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    order: 'row-major',
  ) => Ndarray;
}

declare module '@stdlib/ml-incr-kmeans' {
  import type { Ndarray } from '@stdlib/ndarray-ctor';

  export type Constructor = (
    centroids: Ndarray,
  ) => (vector?: Ndarray) => { readonly centroids: Ndarray };
}

declare module '@stdlib/ml-incr-binary-classification' {
  import type { Ndarray } from '@stdlib/ndarray-ctor';

  export interface Accumulator {
    (vector: Ndarray, label: 1 | -1): Ndarray;
    predict(vector: Ndarray, kind: 'probability'): Ndarray;
  }
  export type Constructor = (
    size: number,
    options: {
      readonly intercept: boolean;
      readonly lambda: number;
      readonly learningRate: readonly ['constant', number];
    },
  ) => Accumulator;
}
