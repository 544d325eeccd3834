/** How much faster are the kernels than plain TypeScript, and what share of the roof do they reach? */
import { Arena } from '../src/memory/arena.js';
import {
  compileKernelsSync,
  instantiateKernels,
  type KernelBuild,
  type Kernels,
} from '../src/memory/kernels.js';
import { KERNEL_CASES } from '../test/reference/cases.js';
import { type Arg, assertSame, callKernel, copyArgs } from '../test/reference/run.js';
import { type KernelCase, kernelCases } from './harness/kernel-cases.js';
import { consume, time, type Work } from './harness/measure.js';
import { Report } from './harness/report.js';
import { CACHED_BYTES, measureRoof } from './harness/roof.js';

const report = new Report(
  import.meta.url,
  'how much faster are kernels than plain TypeScript, and what share of the roof do they reach?',
);
const roof = await measureRoof();
const newKernels = (build: KernelBuild, pages: number): Kernels =>
  instantiateKernels(
    compileKernelsSync(build),
    new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }),
  );
const builds: KernelBuild[] = roof.flops.relaxed === null ? ['simd'] : ['simd', 'relaxed'];
const kernelsOf = new Map(builds.map((build) => [build, newKernels(build, 2048)]));

const copyStepArgs = ({ steps }: KernelCase): Arg[][] => {
  // One copy of all, so that what steps share stays one array.
  const copied = copyArgs(steps.flatMap(({ args }) => args));
  return steps.map(({ args }) => copied.splice(0, args.length));
};

/** Every step's results are those of its reference, as close as the kernel's tests demand. */
function checkCase(kernelCase: KernelCase, build: KernelBuild): void {
  const wanted = copyStepArgs(kernelCase);
  const gotten = copyStepArgs(kernelCase);
  for (const [i, { kernel, reference, scratch }] of kernelCase.steps.entries()) {
    const [want, got] = [wanted[i]!, gotten[i]!];
    const results = {
      want: (reference as (...args: Arg[]) => unknown)(...want),
      got: callKernel(kernelsOf.get(build)!, kernel, got),
    };
    assertSame(
      { args: got, result: results.got },
      { args: want, result: results.want },
      KERNEL_CASES.find(({ name }) => name === kernel)![build],
      `${kernelCase.what} (${build})`,
      scratch,
    );
  }
}

function referenceWork(kernelCase: KernelCase): Work {
  const args = copyStepArgs(kernelCase);
  const calls = kernelCase.steps.map(({ reference }, i) => {
    const [run, own] = [reference as (...a: Arg[]) => unknown, args[i]!];
    return () => run(...own);
  });
  return () => {
    for (const call of calls) consume(call());
  };
}

/** The steps over arrays that lie in kernel memory. */
function kernelWork({ steps }: KernelCase, { memory, heapBase, exports }: Kernels): Work {
  const arena = new Arena(memory, { base: heapBase });
  const addresses = new Map<Arg, number>();
  const addressOf = (arg: Arg): number => {
    if (arg === null) return 0;
    if (typeof arg === 'number') return arg;
    const known = addresses.get(arg);
    if (known !== undefined) return known;
    const { address } = arena.allocate(arg.byteLength);
    const bytes = new Uint8Array(arg.buffer, arg.byteOffset, arg.byteLength);
    arena.u8(address, arg.byteLength).set(bytes);
    addresses.set(arg, address);
    return address;
  };
  const calls = steps.map(({ kernel, args }) => {
    const [run, own] = [exports[kernel] as (...a: number[]) => unknown, args.map(addressOf)];
    return () => run(...own);
  });
  return () => {
    for (const call of calls) consume(call());
  };
}

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
  for (const build of builds) checkCase(kernelCase, build);
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
