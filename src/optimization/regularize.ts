/** The regularization of a gradient step. */
import { type ParameterShape, strideOf } from './parameters.js';

/** What is added to the mean loss: reg · (elasticNet · |c|₁ + (1 - elasticNet)/2 · |c|₂²). */
export interface Penalty {
  readonly reg: number;
  readonly elasticNet: number;
}

/**
 * Moves coefficients, in place, against the gradient of the penalty at what they are:
 * c ← c - learningRate · reg · (elasticNet · sign(c) + (1 - elasticNet) · c). A plain subgradient:
 * a step of |c|₁ may go through 0, and 0 stays 0. Intercepts are left alone.
 *
 * @see RegularizationUtils of Flink ML.
 */
export function regularize(
  parameters: Float64Array,
  shape: ParameterShape,
  { reg, elasticNet }: Penalty,
  learningRate: number,
): void {
  if (reg === 0) return;
  const l1 = elasticNet * reg;
  const l2 = (1 - elasticNet) * reg;
  const stride = strideOf(shape);
  for (let start = 0; start < parameters.length; start += stride) {
    for (let i = start; i < start + shape.dim; i++) {
      const c = parameters[i]!;
      parameters[i] = c - learningRate * (l1 * Math.sign(c) + l2 * c);
    }
  }
}
