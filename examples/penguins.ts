/** A least-squares problem from real data: what a penguin weighs, told from its other measures. */
import { readJson } from './data.js';

export interface LeastSquares {
  /** One row a penguin: 1, and its measures, each of mean 0 and variance 1. */
  readonly x: readonly Float64Array[];
  /** Kilograms. */
  readonly y: Float64Array;
}

type Penguin = Readonly<Record<string, string | number | null>>;

const MEASURES = ['Beak Length (mm)', 'Beak Depth (mm)', 'Flipper Length (mm)'];

/** The penguins of which all is known. */
export async function readPenguins(): Promise<LeastSquares> {
  const all = await readJson<Penguin[]>('penguins.json');
  const whole = all.filter((each) => Object.values(each).every((v) => v !== null && v !== '.'));
  const columns = [
    ...MEASURES.map((name) => whole.map((each) => Number(each[name]))),
    whole.map(({ Sex }) => (Sex === 'MALE' ? 1 : 0)),
    whole.map(({ Species }) => (Species === 'Gentoo' ? 1 : 0)),
  ].map(standardized);
  return {
    x: whole.map((_, i) => Float64Array.from([1, ...columns.map((column) => column[i]!)])),
    y: Float64Array.from(whole, (each) => Number(each['Body Mass (g)']) / 1000),
  };
}

function standardized(values: readonly number[]): number[] {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return values.map((v) => (v - mean) / Math.sqrt(variance));
}

/** The mean squared error of weights, in kg². */
export function meanSquaredError({ x, y }: LeastSquares, weights: Float64Array): number {
  const squares = x.map((row, i) => row.reduce((sum, v, j) => sum + v * weights[j]!, -y[i]!) ** 2);
  return squares.reduce((a, b) => a + b) / squares.length;
}

/** The weights of the least error: the normal equations, by elimination. */
export function solve({ x, y }: LeastSquares): Float64Array {
  const size = x[0]!.length;
  const rows = Array.from({ length: size }, (_, i) => {
    const products = Array.from({ length: size }, (__, j) =>
      x.reduce((sum, row) => sum + row[i]! * row[j]!, 0),
    );
    return [...products, x.reduce((sum, row, n) => sum + row[i]! * y[n]!, 0)];
  });
  // No pivots: the matrix is symmetric and positive definite.
  rows.forEach((pivot, i) => {
    rows.forEach((row, k) => {
      if (k === i) return;
      const factor = row[i]! / pivot[i]!;
      for (let j = i; j <= size; j++) row[j]! -= factor * pivot[j]!;
    });
  });
  return Float64Array.from(rows, (row, i) => row[size]! / row[i]!);
}
