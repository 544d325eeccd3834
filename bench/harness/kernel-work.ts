/** Cases of kernels as work: by their references, and by a build over arrays in kernel memory. */
import { Arena } from '../../src/memory/arena.js';
import {
  compileKernelsSync,
  instantiateKernels,
  type KernelBuild,
  type Kernels,
} from '../../src/memory/kernels.js';
import { KERNEL_CASES } from '../../test/reference/cases.js';
import { type Arg, assertSame, callKernel, copyArgs } from '../../test/reference/run.js';
import type { KernelCase } from './kernel-cases.js';
import { consume, type Work } from './measure.js';

/** A build in a memory of its own, with room for the arrays of every case. */
export function newKernels(build: KernelBuild): Kernels {
  const pages = 2048;
  return instantiateKernels(
    compileKernelsSync(build),
    new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }),
  );
}

const copyStepArgs = ({ steps }: KernelCase): Arg[][] => {
  // One copy of all, so that what steps share stays one array.
  const copied = copyArgs(steps.flatMap(({ args }) => args));
  return steps.map(({ args }) => copied.splice(0, args.length));
};

/** Every step's results are those of its reference, as close as the kernel's tests demand. */
export function checkCase(kernelCase: KernelCase, kernels: Kernels, build: KernelBuild): void {
  const wanted = copyStepArgs(kernelCase);
  const gotten = copyStepArgs(kernelCase);
  for (const [i, { kernel, reference, scratch }] of kernelCase.steps.entries()) {
    const [want, got] = [wanted[i]!, gotten[i]!];
    const results = {
      want: (reference as (...args: Arg[]) => unknown)(...want),
      got: callKernel(kernels, kernel, got),
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

/** The steps by their references. */
export function referenceWork(kernelCase: KernelCase): Work {
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
export function kernelWork({ steps }: KernelCase, { memory, heapBase, exports }: Kernels): Work {
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
