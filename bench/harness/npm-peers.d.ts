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
