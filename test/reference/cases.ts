/** The table of kernel cases: every build and the reference run each of them. */
import { AGGLOMERATIVE_CASES } from './cases-agglomerative.js';
import { BOX_CASES } from './cases-boxes.js';
import { DICTIONARY_CASES } from './cases-dictionary.js';
import { DISTANCE_CASES } from './cases-distance.js';
import { FTRL_CASES } from './cases-ftrl.js';
import { HASHING_CASES } from './cases-hashing.js';
import { INDEX_CASES } from './cases-indices.js';
import { KMEANS_CASES } from './cases-kmeans.js';
import { LINEAR_CASES } from './cases-linear.js';
import { LINKAGE_CASES } from './cases-linkage.js';
import { MIN_HASH_CASES } from './cases-min-hash.js';
import { NEIGHBOUR_CASES } from './cases-neighbours.js';
import { QUANTILE_CASES } from './cases-quantile.js';
import { ROW_WISE_CASES } from './cases-row-wise.js';
import { TEXT_CASES } from './cases-text.js';
import { VECTOR_CASES } from './cases-vector.js';
import type { KernelCases } from './inputs.js';
import { seeded } from './random.js';
import type { Arg } from './run.js';

export const KERNEL_CASES: readonly KernelCases[] = [
  ...VECTOR_CASES,
  ...DICTIONARY_CASES,
  ...DISTANCE_CASES,
  ...AGGLOMERATIVE_CASES,
  ...BOX_CASES,
  ...FTRL_CASES,
  ...HASHING_CASES,
  ...INDEX_CASES,
  ...KMEANS_CASES,
  ...LINEAR_CASES,
  ...LINKAGE_CASES,
  ...MIN_HASH_CASES,
  ...NEIGHBOUR_CASES,
  ...TEXT_CASES,
  ...QUANTILE_CASES,
  ...ROW_WISE_CASES,
];

/** The inputs of a kernel, the same in every run. */
export function* casesOf(kernel: KernelCases): Iterable<Arg[]> {
  const seed = [...kernel.name].reduce((s, c) => Math.imul(s, 31) + c.charCodeAt(0), 20261122);
  yield* kernel.inputs(seeded(seed));
}
