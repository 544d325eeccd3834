/** TensorFlow.js on its WebAssembly backend: the work of models, put together from its operators. */
import type * as Core from '@tensorflow/tfjs-core';
import type { Bench } from '../harness/duel.js';
import { type Parts, timed } from '../harness/duel.js';
import { npmLibrary } from '../harness/library-peers.js';
import { check } from '../harness/measure.js';

export type Tfjs = typeof Core;
type Tensor = Core.Tensor;

/** A matrix, and its transpose: matMul of what it is to transpose itself is a plain loop. */
export interface Both {
  readonly x: Tensor;
  readonly columns: Tensor;
}

/** Row-major values. */
export interface Rows {
  readonly values: Float64Array;
  readonly rows: number;
  readonly dim: number;
}

/** The library, ready to compute in WebAssembly; null where it cannot be had. */
export async function loadTfjs(bench: Bench): Promise<Tfjs | null> {
  const load = await npmLibrary(bench, 'tfjs');
  if (load === null) return null;
  const tf = load('@tensorflow/tfjs-core') as Tfjs;
  // Registers the backend, by being loaded.
  load('@tensorflow/tfjs-backend-wasm');
  check(await tf.setBackend('wasm'), 'tfjs has its WebAssembly backend');
  return tf;
}

export function tensorOf(tf: Tfjs, { values, rows, dim }: Rows): Tensor {
  return tf.tensor2d(Float32Array.from(values.subarray(0, rows * dim)), [rows, dim]);
}

/** Seconds, and the numbers that come of it. */
export type Computed = Promise<readonly [Parts, ArrayLike<number>]>;

/** Work whose result is the last of some tensors, each made from the one before. */
async function repeat(
  tf: Tfjs,
  times: number,
  start: () => Tensor,
  step: (before: Tensor) => Tensor,
): Computed {
  const [fit, result] = await timed(() => {
    let last = start();
    for (let i = 0; i < times; i++) {
      const next = tf.tidy(() => step(last));
      last.dispose();
      last = next;
    }
    const values = last.dataSync();
    last.dispose();
    return values;
  });
  return [{ fit }, result];
}

/** Rounds of Lloyd's algorithm. Gives the centroids, row-major. */
export function lloydRounds(tf: Tfjs, x: Tensor, start: Tensor, rounds: number): Computed {
  const k = start.shape[0]!;
  return repeat(
    tf,
    rounds,
    () => tf.clone(start),
    (centroids) => {
      const products = tf.matMul(x, tf.transpose(centroids));
      const distances = tf.sub(tf.sum(tf.square(centroids), 1), tf.mul(products, 2));
      // Not oneHot of float32, which writes the bits of an integer one.
      const belongs = tf.cast(tf.oneHot(tf.argMin(distances, 1), k), 'float32');
      const counts = tf.expandDims(tf.sum(belongs, 0), 1);
      const means = tf.div(tf.matMul(tf.transpose(belongs), x), counts);
      return tf.where(tf.greater(counts, 0), means, centroids);
    },
  );
}

/** Steps of gradient descent on the mean logistic loss. Gives the coefficients. */
export function gradientSteps(
  tf: Tfjs,
  { x, columns }: Both,
  y: Tensor,
  steps: number,
  rate: number,
): Computed {
  const [rows, dim] = x.shape as readonly [number, number];
  return repeat(
    tf,
    steps,
    () => tf.zeros([dim, 1]),
    (coefficients) => {
      const residuals = tf.sub(tf.sigmoid(tf.matMul(x, coefficients)), y);
      return tf.sub(coefficients, tf.mul(tf.matMul(columns, residuals), rate / rows));
    },
  );
}

/** The k nearest points, given as columns, of each query, nearest first. */
export async function nearest(tf: Tfjs, points: Tensor, queries: Tensor, k: number): Computed {
  const [transform, indices] = await timed(() => {
    const found = tf.tidy(() => {
      const products = tf.matMul(queries, points);
      // Less the squared norm of the query, which is the same for all points; the largest are near.
      return tf.topk(tf.sub(tf.mul(products, 2), tf.sum(tf.square(points), 0)), k).indices;
    });
    const values = found.dataSync();
    found.dispose();
    return values;
  });
  return [{ transform }, indices] as const;
}
