/** Parameters of linear models: for each class its coefficients, then its intercept. */

/** Where what lies among the parameters: rows of `dim`, each followed by an intercept, or not. */
export interface ParameterShape {
  readonly dim: number;
  /** Rows. */
  readonly classes: number;
  readonly fitIntercept: boolean;
}

/** Parameters of a row. */
export function strideOf({
  dim,
  fitIntercept,
}: Pick<ParameterShape, 'dim' | 'fitIntercept'>): number {
  return fitIntercept ? dim + 1 : dim;
}

/** Coefficients and intercepts of a linear model. */
export interface SplitParameters {
  /** classes × dim, row-major. */
  readonly coefficient: Float64Array;
  /** By class; zeros without intercepts. */
  readonly intercept: Float64Array;
}

/** Coefficients and intercepts in arrays of their own. */
export function splitParameters(shape: ParameterShape, parameters: Float64Array): SplitParameters {
  const { dim, classes, fitIntercept } = shape;
  const stride = strideOf(shape);
  const coefficient = new Float64Array(classes * dim);
  const intercept = new Float64Array(classes);
  for (let k = 0; k < classes; k++) {
    coefficient.set(parameters.subarray(k * stride, k * stride + dim), k * dim);
    if (fitIntercept) intercept[k] = parameters[k * stride + dim]!;
  }
  return { coefficient, intercept };
}
