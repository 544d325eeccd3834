/** Kernels against their references in TypeScript. */
import type { Rivals } from '../harness/cpu-ratio.js';
import { kernelCases } from '../harness/kernel-cases.js';
import { checkCase, kernelWork, newKernels, referenceWork } from '../harness/kernel-work.js';

/**
 * One of each family, by the names of the kernel cases: of those whose data stay in a cache. What
 * gathers from all over the memory is twice as slow beside others who use it.
 */
const GUARDED = [
  'dot, n=16384',
  'assignAccumulate, 1024 x 100, k=10',
  'denseMargins, 1024 x 100',
  'logisticResiduals, n=8192',
  'linearLoss, 1024 x 100',
  'columnMoments, 1024 x 100',
  'scaleRows, 1024 x 100',
  'murmur3Utf8Batch, n=8192',
] as const;

/** The strict build: which one a session takes depends on the Node that it runs on. */
const BUILD = 'simd';

/** The cases, whose results have been compared. */
export function kernelRivals(): Rivals[] {
  const cases = new Map(kernelCases().map((kernelCase) => [kernelCase.what, kernelCase]));
  const kernels = newKernels(BUILD);
  return GUARDED.map((name) => {
    const kernelCase = cases.get(name);
    if (kernelCase === undefined) throw new Error(`there is no kernel case ${name}`);
    checkCase(kernelCase, kernels, BUILD);
    return {
      name: `kernel ${name}`,
      guarded: kernelWork(kernelCase, newKernels(BUILD)),
      plain: referenceWork(kernelCase),
    };
  });
}
