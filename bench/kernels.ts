/** How much faster are the kernels than plain TypeScript, and what share of the roof do they reach? */
import type { KernelBuild } from '../src/memory/kernels.js';
import { type KernelCase, kernelCases } from './harness/kernel-cases.js';
import { checkCase, kernelWork, newKernels, referenceWork } from './harness/kernel-work.js';
import { time } from './harness/measure.js';
import { Report } from './harness/report.js';
import { CACHED_BYTES, measureRoof } from './harness/roof.js';

const report = new Report(
  import.meta.url,
  'how much faster are kernels than plain TypeScript, and what share of the roof do they reach?',
);
const roof = await measureRoof();
const builds: KernelBuild[] = roof.flops.relaxed === null ? ['simd'] : ['simd', 'relaxed'];
const kernelsOf = new Map(builds.map((build) => [build, newKernels(build)]));

/** The part of the roof that is nearest: the one that the case would be the last to hit. */
function roofOf({ bytes, flop, lines }: KernelCase, build: KernelBuild) {
  const parts = [
    { unit: 'B', perSecond: roof.readCached, amount: bytes },
    { unit: 'flop', perSecond: roof.flops[build] ?? Number.NaN, amount: flop ?? 0 },
    { unit: 'lines', perSecond: roof.gather, amount: lines ?? 0 },
  ];
  const seconds = parts.map(({ perSecond, amount }) => amount / perSecond);
  return parts[seconds.indexOf(Math.max(...seconds))]!;
}

for (const kernelCase of kernelCases()) {
  const { what, rows, bytes, flop, lines } = kernelCase;
  for (const build of builds) checkCase(kernelCase, kernelsOf.get(build)!, build);
  const reference = 'TypeScript';
  const timed: Record<string, readonly number[]> = time({
    [reference]: referenceWork(kernelCase),
    ...Object.fromEntries(
      builds.map((build) => [build, kernelWork(kernelCase, kernelsOf.get(build)!)]),
    ),
  });
  const amounts = {
    ...{ rows, B: bytes },
    ...(flop !== undefined && { flop }),
    ...(lines !== undefined && { lines }),
  };
  report.add({ what, who: reference, samples: timed[reference]!, amounts });
  for (const build of builds) {
    report.add({
      ...{ what, who: build, samples: timed[build]!, amounts },
      against: { who: reference, samples: timed[reference]! },
      roof: roofOf(kernelCase, build),
    });
  }
}
report.remark(
  `Roof: reading ${CACHED_BYTES / 1024} KiB over and over, multiply-adds in registers, or random ` +
    'lines of 16 MiB, whichever binds first. Bytes are those that have to move, once each; a share ' +
    'above 100 % of the lines means that the few popular features stay in a nearer cache.',
);
report.remark(
  'TypeScript: the references of test/reference, which are written to be read and to add in the ' +
    'same order, not to be fast.',
);
report.end();
