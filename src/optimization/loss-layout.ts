/** Parameters of several classes as the kernels take them: classes side by side. */
import type { LossParams } from './loss.js';

type Shape = Pick<LossParams, 'dim' | 'classes' | 'fitIntercept'>;

/** Classes, made even: two go to a vector. */
export function paddedClasses({ classes }: Shape): number {
  return classes + (classes % 2);
}

/**
 * From classes × (dim + fitIntercept) to (dim + 1) × padded classes, the intercepts in the last
 * row. The class that pads has coefficients of 0 and the intercept -Infinity: no share of anything.
 */
export function classesBySide(parameters: Float64Array, shape: Shape, into: Float64Array): void {
  const { dim, classes, fitIntercept } = shape;
  const padded = paddedClasses(shape);
  const stride = dim + (fitIntercept ? 1 : 0);
  into.fill(0);
  for (let k = 0; k < classes; k++) {
    for (let t = 0; t < stride; t++) into[t * padded + k] = parameters[k * stride + t]!;
  }
  if (padded > classes) into[dim * padded + classes] = -Infinity;
}

/** The way back, as a new array. */
export function classesByRow(from: Float64Array, shape: Shape): Float64Array {
  const { dim, classes, fitIntercept } = shape;
  const padded = paddedClasses(shape);
  const stride = dim + (fitIntercept ? 1 : 0);
  const parameters = new Float64Array(classes * stride);
  for (let k = 0; k < classes; k++) {
    for (let t = 0; t < stride; t++) parameters[k * stride + t] = from[t * padded + k]!;
  }
  return parameters;
}
