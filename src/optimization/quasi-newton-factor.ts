/** Triangular factors: of what the second derivatives look like, to make them the identity. */

/** What is added to a diagonal of about 1: directions that hardly vary stay within bounds. */
const RIDGE = 1e-6;

/**
 * The lower triangular L, row-major, with L·Lᵀ = matrix + 1e-6·I; null when that is not positive
 * definite.
 *
 * @param matrix n × n, symmetric, of which the lower half is read. Its diagonal is about 1.
 */
export function choleskyFactor(matrix: Float64Array, n: number): Float64Array | null {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * n + j]! + (i === j ? RIDGE : 0);
      for (let k = 0; k < j; k++) rest -= factor[i * n + k]! * factor[j * n + k]!;
      if (i !== j) factor[i * n + j] = rest / factor[j * n + j]!;
      else if (rest > 0) factor[i * n + i] = Math.sqrt(rest);
      else return null;
    }
  }
  return factor;
}

/** x ← L⁻¹x, for the n numbers of x at `start`. */
export function solveLower(factor: Float64Array, n: number, x: Float64Array, start: number): void {
  for (let i = 0; i < n; i++) {
    let rest = x[start + i]!;
    for (let k = 0; k < i; k++) rest -= factor[i * n + k]! * x[start + k]!;
    x[start + i] = rest / factor[i * n + i]!;
  }
}

/** x ← L⁻ᵀx, for the n numbers of x at `start`. */
export function solveUpper(factor: Float64Array, n: number, x: Float64Array, start: number): void {
  for (let i = n - 1; i >= 0; i--) {
    const value = x[start + i]! / factor[i * n + i]!;
    x[start + i] = value;
    for (let k = 0; k < i; k++) x[start + k]! -= factor[i * n + k]! * value;
  }
}
