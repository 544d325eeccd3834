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

/** A byte offset in the kernel memory: 8-byte aligned for f64, 0 where "none" is allowed. */
export type Address = number;

/**
 * Every kernel. Formulas, shapes and the treatment of NaN and ties stand with the kernels in
 * `assembly/`; none checks a bound.
 */
export interface KernelExports {
  /** The first byte that the module does not use. */
  heapBase(): Address;

  dot(n: number, x: Address, y: Address): number;
  axpy(n: number, alpha: number, x: Address, y: Address): void;
  scal(n: number, alpha: number, x: Address): void;
  asum(n: number, x: Address): number;
  nrm2(n: number, x: Address): number;
  sum(n: number, x: Address): number;
  spdot(nnz: number, indices: Address, values: Address, y: Address): number;
  spaxpy(nnz: number, alpha: number, indices: Address, values: Address, y: Address): void;
  f32ToF64(n: number, src: Address, dst: Address): void;
  i32ToF64(n: number, src: Address, dst: Address): void;
  f64ToF32(n: number, src: Address, dst: Address): void;
  allFinite(n: number, x: Address): number;
  allFiniteF32(n: number, x: Address): number;

  packCentroids(k: number, d: number, centroids: Address, panels: Address, bias: Address): void;
  packCosine(k: number, d: number, centroids: Address, panels: Address, bias: Address): void;
  packManhattan(k: number, d: number, centroids: Address, panels: Address, bias: Address): void;
  assign(
    n: number,
    d: number,
    k: number,
    points: Address,
    panels: Address,
    bias: Address,
    labels: Address,
    scores: Address,
  ): void;
  assignAccumulate(
    n: number,
    d: number,
    k: number,
    points: Address,
    panels: Address,
    bias: Address,
    labels: Address,
    sums: Address,
    counts: Address,
  ): number;
  assignManhattan(
    n: number,
    d: number,
    k: number,
    points: Address,
    panels: Address,
    bias: Address,
    labels: Address,
    scores: Address,
  ): void;
  assignManhattanAccumulate(
    n: number,
    d: number,
    k: number,
    points: Address,
    panels: Address,
    bias: Address,
    labels: Address,
    sums: Address,
    counts: Address,
  ): number;
  accumulate(
    n: number,
    d: number,
    points: Address,
    labels: Address,
    sums: Address,
    counts: Address,
  ): void;
  squaredNorms(n: number, d: number, x: Address, out: Address): void;

  ftrlMargins(
    rows: number,
    offsets: Address,
    indices: Address,
    values: Address,
    slots: Address,
    lo: number,
    hi: number,
    margins: Address,
  ): void;
  ftrlGradient(
    rows: number,
    offsets: Address,
    indices: Address,
    values: Address,
    slots: Address,
    lo: number,
    hi: number,
    residuals: Address,
    weights: Address,
    touched: Address,
  ): number;
  ftrlUpdate(
    count: number,
    touched: Address,
    slots: Address,
    lo: number,
    alpha: number,
    beta: number,
    l1: number,
    l2: number,
  ): void;
  ftrlUpdateAll(
    lo: number,
    hi: number,
    slots: Address,
    alpha: number,
    beta: number,
    l1: number,
    l2: number,
  ): void;
  ftrlMarginsDense(
    rows: number,
    d: number,
    values: Address,
    slots: Address,
    lo: number,
    hi: number,
    margins: Address,
  ): void;
  ftrlGradientDense(
    rows: number,
    d: number,
    values: Address,
    slots: Address,
    lo: number,
    hi: number,
    residuals: Address,
  ): void;
  logisticResiduals(
    n: number,
    margins: Address,
    labels: Address,
    probabilities: Address,
    residuals: Address,
  ): number;

  denseMargins(rows: number, d: number, x: Address, w: Address, margins: Address): void;
  sparseMargins(
    rows: number,
    offsets: Address,
    indices: Address,
    values: Address,
    w: Address,
    margins: Address,
  ): void;

  columnMoments(
    n: number,
    d: number,
    x: Address,
    shift: Address,
    sums: Address,
    squares: Address,
  ): void;
  columnMinMax(n: number, d: number, x: Address, min: Address, max: Address): number;
  columnMaxAbs(n: number, d: number, x: Address, max: Address): void;
  affineRows(n: number, d: number, x: Address, scale: Address, offset: Address, out: Address): void;
  scaleRows(n: number, d: number, x: Address, shift: Address, scale: Address, out: Address): void;
  sparseMoments(nnz: number, indices: Address, values: Address, moments: Address): void;
  scaleSparse(nnz: number, indices: Address, values: Address, scale: Address, out: Address): void;

  dictionaryAdd(
    start: number,
    n: number,
    offsets: Address,
    width: number,
    bytes: Address,
    size: number,
    validity: Address,
    weights: Address,
    slots: Address,
    mask: number,
    entries: Address,
    room: number,
  ): number;
  dictionaryFind(
    n: number,
    offsets: Address,
    width: number,
    bytes: Address,
    size: number,
    validity: Address,
    slots: Address,
    mask: number,
    missing: number,
    out: Address,
  ): number;
  dictionaryGrow(slots: Address, entries: Address, larger: Address, mask: number): void;
  dictionaryList(
    slots: Address,
    entries: Address,
    offsets: Address,
    bytes: Address,
    values: Address,
  ): number;

  selectBetween(n: number, x: Address, low: number, high: number, out: Address): number;
  countKeys(
    n: number,
    x: Address,
    low: Address,
    shift: number,
    parts: number,
    counts: Address,
  ): void;
  transposeRows(n: number, d: number, x: Address, out: Address): void;
  countEdges(
    n: number,
    d: number,
    x: Address,
    offsets: Address,
    edges: Address,
    out: Address,
  ): void;

  minHash(
    rows: number,
    offsets: Address,
    indices: Address,
    functions: number,
    a: Address,
    b: Address,
    out: Address,
  ): number;
  nonZeros(rows: number, d: number, x: Address, offsets: Address, indices: Address): number;

  normalizeRows(n: number, d: number, p: number, x: Address, out: Address): void;
  normalizeSparse(n: number, offsets: Address, p: number, values: Address, out: Address): void;
  expandRows(
    n: number,
    d: number,
    size: number,
    count: number,
    nodes: Address,
    x: Address,
    out: Address,
  ): void;
  cosineByTables(
    n: number,
    d: number,
    inverse: number,
    even: Address,
    odd: Address,
    x: Address,
    scratch: Address,
    out: Address,
  ): void;
  cosineByFourier(
    n: number,
    d: number,
    inverse: number,
    order: Address,
    turns: Address,
    twiddles: Address,
    x: Address,
    scratch: Address,
    out: Address,
  ): void;
  cosineByChirp(
    n: number,
    d: number,
    m: number,
    pre: Address,
    post: Address,
    spectrum: Address,
    twiddles: Address,
    x: Address,
    scratch: Address,
    out: Address,
  ): void;

  murmur3Utf16(units: Address, count: number, seed: number): number;
  murmur3Utf16Batch(
    n: number,
    offsets: Address,
    units: Address,
    prefix: Address,
    prefixUnits: number,
    out: Address,
  ): void;
  murmur3Utf8Batch(
    n: number,
    offsets: Address,
    bytes: Address,
    prefix: Address,
    prefixUnits: number,
    scratch: Address,
    out: Address,
  ): void;
  slotsOfHashes(n: number, hashes: Address, numFeatures: number, out: Address): void;
  gatherI32(n: number, codes: Address, table: Address, out: Address): void;
  assembleRows(
    rows: number,
    cols: number,
    indices: Address,
    values: Address,
    outOffsets: Address,
    outIndices: Address,
    outValues: Address,
  ): number;

  splitWhitespace(
    rows: number,
    offsets: Address,
    bytes: Address,
    lower: number,
    keepEmpty: number,
    outLists: Address,
    outOffsets: Address,
    outBytes: Address,
  ): number;
  floorMods(n: number, hashes: Address, divisor: number, out: Address): void;
  countSlots(
    rows: number,
    offsets: Address,
    slots: Address,
    minCount: number,
    minShare: number,
    binary: number,
    outOffsets: Address,
    outIndices: Address,
    outValues: Address,
  ): number;
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
