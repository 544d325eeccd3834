/** Runs a kernel on plain typed arrays, so that it can be called as its reference is. */
import * as assert from 'uvu/assert';
import { Arena } from '../../src/memory/arena.js';
import type { KernelExports, Kernels } from '../../src/memory/kernels.js';

type Values = Float64Array | Float32Array | Int32Array | Uint16Array | Uint8Array;

/** An argument of a kernel: a number, an array in memory, or null for "none". */
export type Arg = number | Values | null;

/** How close two results must be. `'bits'`: equal, NaN to NaN and -0 to -0. */
export type Tolerance = 'bits' | { readonly rtol: number; readonly atol: number };

const GUARD = 64;
const FILL = 0xa5;

/**
 * Copies the arrays into kernel memory (one array given twice is one address), calls, and copies
 * them back. Fails when a kernel wrote beside its arrays.
 */
export function callKernel(
  kernels: Kernels,
  name: keyof KernelExports,
  args: readonly Arg[],
): unknown {
  const arena = new Arena(kernels.memory, { base: kernels.heapBase });
  const bytesOf = (v: Values): Uint8Array => new Uint8Array(v.buffer, v.byteOffset, v.byteLength);
  return arena.scoped(() => {
    const addresses = new Map<Values, number>();
    const place = (v: Values): number => {
      const guard = arena.scratch(v.byteLength + 2 * GUARD);
      arena.u8(guard, v.byteLength + 2 * GUARD).fill(FILL);
      arena.u8(guard + GUARD, v.byteLength).set(bytesOf(v));
      addresses.set(v, guard + GUARD);
      return guard + GUARD;
    };
    const raw = args.map((arg) => {
      if (arg === null) return 0;
      return typeof arg === 'number' ? arg : (addresses.get(arg) ?? place(arg));
    });
    const kernel = kernels.exports[name] as (...numbers: number[]) => unknown;
    const result = kernel(...raw);
    for (const [v, address] of addresses) {
      const beside = [
        ...arena.u8(address - GUARD, GUARD),
        ...arena.u8(address + v.byteLength, GUARD),
      ];
      assert.ok(
        beside.every((b) => b === FILL),
        `${name} wrote outside of an array of ${v.length}`,
      );
      bytesOf(v).set(arena.u8(address, v.byteLength));
    }
    return result;
  });
}

/** Fails with the place and both values when two numbers are not as close as demanded. */
export function assertClose(got: number, want: number, tolerance: Tolerance, where: string): void {
  if (Object.is(got, want)) return;
  if (tolerance !== 'bits') {
    const by = Math.abs(got - want);
    if (got === want || by <= tolerance.atol + tolerance.rtol * Math.abs(want)) return;
  }
  assert.unreachable(`${where}: got ${got}, the reference has ${want}`);
}

/** Compares results and every array of two calls, but for those in `scratch`. */
export function assertSame(
  got: { readonly result: unknown; readonly args: readonly Arg[] },
  want: { readonly result: unknown; readonly args: readonly Arg[] },
  tolerance: Tolerance,
  where: string,
  scratch: readonly number[] = [],
): void {
  if (want.result !== undefined) {
    assertClose(got.result as number, want.result as number, tolerance, `${where} result`);
  }
  for (const [a, expected] of want.args.entries()) {
    if (expected === null || typeof expected === 'number' || scratch.includes(a)) continue;
    const actual = got.args[a] as Values;
    // Integers have no rounding to forgive.
    const near = expected instanceof Float64Array ? tolerance : 'bits';
    for (const [i, v] of expected.entries())
      assertClose(actual[i]!, v, near, `${where} arg ${a}[${i}]`);
  }
}

/** A deep copy that keeps which arguments are one array. */
export function copyArgs(args: readonly Arg[]): Arg[] {
  const copies = new Map<Arg, Arg>();
  return args.map((arg) => {
    if (arg === null || typeof arg === 'number') return arg;
    const copy = copies.get(arg) ?? arg.slice();
    copies.set(arg, copy);
    return copy;
  });
}
