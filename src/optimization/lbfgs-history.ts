/** What L-BFGS remembers of the curvature: the last steps, and how the gradient changed. */

/** Correction pairs, the oldest first. Plain data; a pair's vectors are never written again. */
export interface History {
  /** Steps s = xₖ₊₁ - xₖ. */
  readonly steps: readonly Float64Array[];
  /** y = gₖ₊₁ - gₖ. */
  readonly changes: readonly Float64Array[];
  /** s·y, above 0. */
  readonly products: readonly number[];
}

/** Pairs that are kept. */
const MEMORY = 10;
/** A pair whose s·y is not above this share of y·y says nothing but rounding errors. */
const LEAST_CURVATURE = 2 ** -52;

export const NO_HISTORY: History = { steps: [], changes: [], products: [] };

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** y ← y + αx. */
function axpy(alpha: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i]! += alpha * x[i]!;
}

/** With the pair of a step; without it where the curvature along the step is not positive. */
export function remember(history: History, step: Float64Array, change: Float64Array): History {
  const product = dot(step, change);
  if (!(product > LEAST_CURVATURE * dot(change, change))) return history;
  return {
    steps: [...history.steps, step].slice(-MEMORY),
    changes: [...history.changes, change].slice(-MEMORY),
    products: [...history.products, product].slice(-MEMORY),
  };
}

/** The pairs without the variables that stay where they are: H is then the inverse for the rest. */
export function restrict(history: History, isFree: readonly boolean[]): History {
  if (isFree.every((free) => free)) return history;
  const masked = (vector: Float64Array) => vector.map((x, i) => (isFree[i] ? x : 0));
  let restricted = NO_HISTORY;
  for (const [i, step] of history.steps.entries()) {
    restricted = remember(restricted, masked(step), masked(history.changes[i]!));
  }
  return restricted;
}

/**
 * -H·gradient by the two-loop recursion, H the approximate inverse of the Hessian: (s·y / y·y) I of
 * the last pair, corrected by all pairs. Without pairs, H = I.
 *
 * @see Nocedal, Wright, Numerical Optimization, 2nd edition, algorithm 7.4.
 */
export function descent(
  { steps, changes, products }: History,
  gradient: Float64Array,
): Float64Array {
  const direction = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    alphas[i] = dot(steps[i]!, direction) / products[i]!;
    axpy(-alphas[i]!, changes[i]!, direction);
  }
  const last = changes.at(-1);
  if (last !== undefined) {
    const scale = products.at(-1)! / dot(last, last);
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  for (let i = 0; i < steps.length; i++) {
    const beta = dot(changes[i]!, direction) / products[i]!;
    axpy(alphas[i]! - beta, steps[i]!, direction);
  }
  return direction;
}
