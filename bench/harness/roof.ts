/**
 * The machine's roof: loops that do nothing but read, copy, gather, or multiply and add, compiled as
 * the kernels are and run on the same engine. What share of it a kernel reaches does not depend on
 * the machine as much as its speed does.
 */
import { setFlagsFromString } from 'node:v8';
import asc from 'assemblyscript/asc';
import { QUICK, time } from './measure.js';
import { quantile, type Samples } from './samples.js';

const PAGE_BYTES = 65_536;
const MIB = 1 << 20;
const ACCUMULATORS = 12;
const NAMES = Array.from({ length: ACCUMULATORS }, (_, i) => `a${i}`);

/** Bytes that lie in the caches of one core, and bytes that lie in none. */
export const CACHED_BYTES = 131_072;
export const MEMORY_BYTES: number = QUICK ? 64 * MIB : 512 * MIB;
const GATHERED = 65_536;

/** Twelve independent chains: enough for two units of each kind with a latency of three or four. */
const chains = (name: string, step: string): string => `
  export function ${name}(rounds: i32): f64 {
    const x = f64x2.splat(0.999999);
    const y = f64x2.splat(0.000001);
    ${NAMES.map((a, i) => `let ${a} = f64x2.splat(${i + 1});`).join(' ')}
    for (let i = 0; i < rounds; ++i) {
      ${NAMES.map((a) => `${a} = ${step.replaceAll('$', a)};`).join('\n      ')}
    }
    return f64x2.extract_lane(${NAMES.reduce((sum, a) => `f64x2.add(${sum}, ${a})`)}, 0);
  }`;

const EIGHT = NAMES.slice(0, 8);

const SOURCE = `
  export function read(at: usize, bytes: usize): i64 {
    ${EIGHT.map((a) => `let ${a} = i64x2.splat(0);`).join(' ')}
    const end = at + bytes;
    for (; at < end; at += 128) {
      ${EIGHT.map((a, i) => `${a} = v128.xor(${a}, v128.load(at, ${16 * i}));`).join('\n      ')}
    }
    return i64x2.extract_lane(${EIGHT.reduce((sum, a) => `v128.xor(${sum}, ${a})`)}, 0);
  }
  export function copy(from: usize, to: usize, bytes: usize): void {
    const end = from + bytes;
    for (; from < end; from += 64, to += 64) {
      const a = v128.load(from);
      const b = v128.load(from, 16);
      const c = v128.load(from, 32);
      const e = v128.load(from, 48);
      v128.store(to, a);
      v128.store(to, b, 16);
      v128.store(to, c, 32);
      v128.store(to, e, 48);
    }
  }
  export function copyAtOnce(from: usize, to: usize, bytes: usize): void {
    memory.copy(to, from, bytes);
  }
  export function gather(lines: usize, count: i32, table: usize): f64 {
    let a: f64 = 0;
    let b: f64 = 0;
    for (const end = lines + (usize(count) << 2); lines < end; lines += 8) {
      a += load<f64>(table + (usize(load<u32>(lines)) << 6));
      b += load<f64>(table + (usize(load<u32>(lines, 4)) << 6));
    }
    return a + b;
  }
  ${chains('multiplyAdd', 'f64x2.add(f64x2.mul($, x), y)')}
`;
const RELAXED_SOURCE: string = chains('fusedMultiplyAdd', 'v128.relaxed_madd<f64>($, x, y)');

interface RoofExports {
  read(at: number, bytes: number): bigint;
  copy(from: number, to: number, bytes: number): void;
  copyAtOnce(from: number, to: number, bytes: number): void;
  gather(lines: number, count: number, table: number): number;
  multiplyAdd(rounds: number): number;
}

async function compile(source: string, relaxed: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const { error, stderr, binary } = await asc.compileString(source, {
    runtime: 'stub',
    optimizeLevel: 3,
    enable: ['simd', 'threads', ...(relaxed ? ['relaxed-simd'] : [])],
    importMemory: true,
    sharedMemory: true,
    initialMemory: 1,
    maximumMemory: PAGE_BYTES,
    noAssert: true,
  });
  if (error !== null || binary === null) {
    throw new Error(`the roof does not compile: ${stderr.toString()}`, { cause: error });
  }
  return Uint8Array.from(binary);
}

function instantiate<E>(bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory): E {
  const module = new WebAssembly.Module(bytes);
  return new WebAssembly.Instance(module, { env: { memory } }).exports as E;
}

export interface Roof {
  /** Bytes read per second: in a core's caches, and from memory. */
  readonly readCached: number;
  readonly readMemory: number;
  /** Floating-point operations per second of f64, by kernel build; a fused one counts two. */
  readonly flops: { readonly simd: number; readonly relaxed: number | null };
  /** Independent reads of random lines of 64 bytes per second, in 16 MiB. */
  readonly gather: number;
  /** By loop, with what one call does. */
  readonly samples: Readonly<
    Record<string, { readonly samples: Samples; readonly amounts: Record<string, number> }>
  >;
}

/** Measures the roof of one core; takes some seconds. */
export async function measureRoof(): Promise<Roof> {
  const pages = (2 * MEMORY_BYTES) / PAGE_BYTES + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const strict = instantiate<RoofExports>(await compile(SOURCE, false), memory);
  const relaxed = await instantiateRelaxed(memory);
  const [base, half] = [PAGE_BYTES, PAGE_BYTES + MEMORY_BYTES];
  // Pages cost their first write, which is not what is measured.
  new Uint8Array(memory.buffer).fill(1);
  const lines = new Uint32Array(memory.buffer, base, GATHERED);
  for (let i = 0, line = 1; i < GATHERED; i++) {
    line = (Math.imul(line, 1_664_525) + 1_013_904_223) >>> 0;
    lines[i] = line >>> 14;
  }
  const rounds = 10_000;
  const amounts: Record<string, Record<string, number>> = {
    'read, in cache': { B: CACHED_BYTES },
    'read, memory': { B: MEMORY_BYTES },
    'copy by v128, in cache': { B: 2 * CACHED_BYTES },
    'copy by v128, memory': { B: 2 * MEMORY_BYTES },
    'memory.copy, memory': { B: 2 * MEMORY_BYTES },
    'gather of lines, 16 MiB': { lines: GATHERED },
    'multiply, add (strict)': { flop: rounds * ACCUMULATORS * 4 },
    ...(relaxed && { 'multiply-add (relaxed)': { flop: rounds * ACCUMULATORS * 4 } }),
  };
  const work: Record<string, () => unknown> = {
    'read, in cache': () => Number(strict.read(base, CACHED_BYTES)),
    'read, memory': () => Number(strict.read(base, MEMORY_BYTES)),
    'copy by v128, in cache': () => strict.copy(base, half, CACHED_BYTES),
    'copy by v128, memory': () => strict.copy(base, half, MEMORY_BYTES),
    'memory.copy, memory': () => strict.copyAtOnce(base, half, MEMORY_BYTES),
    'gather of lines, 16 MiB': () => strict.gather(base, GATHERED, half),
    'multiply, add (strict)': () => strict.multiplyAdd(rounds),
    ...(relaxed && { 'multiply-add (relaxed)': () => relaxed.fusedMultiplyAdd(rounds) }),
  };
  const timed = time(work);
  // A roof is what is reached when nobody disturbs: the fastest tenth, not the median.
  const rate = (name: string, unit: string): number =>
    amounts[name]![unit]! / quantile(timed[name]!, 0.1);
  return {
    readCached: rate('read, in cache', 'B'),
    readMemory: rate('read, memory', 'B'),
    flops: {
      simd: rate('multiply, add (strict)', 'flop'),
      relaxed: relaxed && rate('multiply-add (relaxed)', 'flop'),
    },
    gather: rate('gather of lines, 16 MiB', 'lines'),
    samples: Object.fromEntries(
      Object.entries(timed).map(([name, samples]) => [name, { samples, amounts: amounts[name]! }]),
    ),
  };
}

/** The fused loop, or null where this Node has no relaxed SIMD; Node 20 has it behind a flag. */
async function instantiateRelaxed(
  memory: WebAssembly.Memory,
): Promise<{ fusedMultiplyAdd(rounds: number): number } | null> {
  const bytes = await compile(RELAXED_SOURCE, true);
  if (!WebAssembly.validate(bytes)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(bytes) ? instantiate(bytes, memory) : null;
}
