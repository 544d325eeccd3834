/**
 * The kernels: compiled once a process, instantiated once a memory.
 *
 * The only file that knows `@assemblyscript/loader` and where the `.wasm` files are. A
 * {@link CompiledKernels} may be posted to workers, which instantiate it over their own memory.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { instantiateSync } from '@assemblyscript/loader';
import { KernelError } from '../core/errors.js';
import type { Address, KernelExports } from './kernel-exports.js';

export type { Address, KernelExports };

/**
 * Which of the two builds of the kernels: `simd` gives the same bits on every CPU; `relaxed` may
 * fuse multiplication and addition, which is faster and gives the same bits on one machine.
 */
export type KernelBuild = 'simd' | 'relaxed';

/** What a user may ask for. `auto` is `relaxed` where this Node accepts it, else `simd`. */
export type KernelOption = 'auto' | KernelBuild;

/** A build, ready to be instantiated here or in a worker (it survives `postMessage`). */
export interface CompiledKernels {
  readonly build: KernelBuild;
  readonly module: WebAssembly.Module;
}

/** Kernels over one memory. */
export interface Kernels {
  readonly build: KernelBuild;
  readonly memory: WebAssembly.Memory;
  /** The memory's bytes as they were at instantiation. */
  readonly buffer: SharedArrayBuffer;
  /** The first byte that an arena may use. */
  readonly heapBase: Address;
  readonly exports: KernelExports;
}

const compiled = new Map<KernelBuild, CompiledKernels>();

const wasmUrl = (build: KernelBuild): URL => new URL(`../../wasm/${build}.wasm`, import.meta.url);

/** The builds to try for an option, the preferred one first. */
const candidates = (option: KernelOption): readonly KernelBuild[] =>
  option === 'auto' ? ['relaxed', 'simd'] : [option];

/** Whether this Node runs a build. Asking for `relaxed` by name switches it on where it is a flag. */
function accepts(
  build: KernelBuild,
  option: KernelOption,
  bytes: NodeJS.NonSharedUint8Array,
): boolean {
  if (WebAssembly.validate(bytes)) return true;
  if (option !== 'relaxed' || build !== 'relaxed') return false;
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(bytes);
}

function refused(option: KernelOption): KernelError {
  return new KernelError(
    `The '${option}' kernels need a Node that accepts them, got Node ${process.versions.node} ` +
      `(V8 ${process.versions.v8}); use { kernels: 'auto' } or 'simd', or Node >= 20.19 with SIMD.`,
    { details: { option, node: process.versions.node, v8: process.versions.v8 } },
  );
}

function unreadable(build: KernelBuild, cause: unknown): KernelError {
  const file = wasmUrl(build).href;
  return new KernelError(
    `The '${build}' kernels cannot be read from ${file}; the package is not installed whole.`,
    { details: { build, file }, cause },
  );
}

/**
 * Compiles a build, or returns it from the cache of this thread.
 *
 * @param option `auto` takes `relaxed` where this Node accepts relaxed SIMD, else `simd`. `relaxed`
 *   switches V8's flag on for the whole process on Node 20, which has it behind a flag.
 * @throws {@link KernelError} `ERR_GYRE_KERNEL` when this Node does not accept the build, or its
 *   file is missing.
 */
export async function compileKernels(option: KernelOption): Promise<CompiledKernels> {
  for (const build of candidates(option)) {
    const known = compiled.get(build);
    if (known !== undefined) return known;
    const bytes = await readFile(wasmUrl(build)).catch((cause: unknown) => {
      throw unreadable(build, cause);
    });
    if (!accepts(build, option, bytes)) continue;
    const kernels = { build, module: await WebAssembly.compile(bytes) };
    // Two callers may have compiled at once; the first one's module serves both.
    const first = compiled.get(build) ?? kernels;
    compiled.set(build, first);
    return first;
  }
  throw refused(option);
}

/** {@link compileKernels} without a promise: blocks for the milliseconds that compilation takes. */
export function compileKernelsSync(option: KernelOption): CompiledKernels {
  for (const build of candidates(option)) {
    const known = compiled.get(build);
    if (known !== undefined) return known;
    let bytes: NodeJS.NonSharedUint8Array;
    try {
      bytes = readFileSync(wasmUrl(build));
    } catch (cause) {
      throw unreadable(build, cause);
    }
    if (!accepts(build, option, bytes)) continue;
    const kernels = { build, module: new WebAssembly.Module(bytes) };
    compiled.set(build, kernels);
    return kernels;
  }
  throw refused(option);
}

/**
 * Instantiates kernels over a memory, which they do not own: see `Arena`.
 *
 * @param memory Shared, of at least one page and at most 65536.
 * @throws {@link KernelError} `ERR_GYRE_KERNEL` when the memory is not shared or too small.
 */
export function instantiateKernels(kernels: CompiledKernels, memory: WebAssembly.Memory): Kernels {
  const { build, module } = kernels;
  const buffer = memory.buffer as ArrayBufferLike;
  if (!(buffer instanceof SharedArrayBuffer)) {
    throw new KernelError(
      'Kernels need a shared WebAssembly.Memory, got one that is not shared; create it with ' +
        '{ initial, maximum, shared: true }.',
      { details: { build } },
    );
  }
  try {
    // The raw exports: the loader's own wrap every call in a closure with rest arguments. Its
    // imports object must be a fresh one, since it writes into it.
    const { instance } = instantiateSync(module, { env: { memory } });
    const exports = instance.exports as unknown as KernelExports;
    return { build, memory, buffer, heapBase: exports.heapBase(), exports };
  } catch (cause) {
    throw new KernelError(
      `The '${build}' kernels cannot be instantiated over a memory of ${buffer.byteLength} bytes; ` +
        'it must have 1 to 65536 pages.',
      { details: { build, bytes: buffer.byteLength }, cause },
    );
  }
}
