import murmur from 'murmurhash3js-revisited';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KernelError } from '../../src/core/errors.js';
import {
  compileKernels,
  compileKernelsSync,
  instantiateKernels,
  type KernelBuild,
  type KernelExports,
  type Kernels,
} from '../../src/memory/kernels.js';
import { casesOf, KERNEL_CASES } from '../reference/cases.js';
import { randomText } from '../reference/cases-hashing.js';
import { seeded } from '../reference/random.js';
import { type Arg, assertClose, assertSame, callKernel, copyArgs } from '../reference/run.js';

const BUILDS: readonly KernelBuild[] = ['simd', 'relaxed'];

const sharedMemory = (pages: number): WebAssembly.Memory =>
  new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });

const kernelsOf: Record<KernelBuild, Kernels> = {
  simd: instantiateKernels(compileKernelsSync('simd'), sharedMemory(256)),
  relaxed: instantiateKernels(compileKernelsSync('relaxed'), sharedMemory(256)),
};

const call = (build: KernelBuild, name: keyof KernelExports, args: Arg[]): unknown =>
  callKernel(kernelsOf[build], name, args);

for (const kernel of KERNEL_CASES) {
  for (const build of BUILDS) {
    const closeness = kernel[build] === 'bits' ? 'agrees to the bit with' : 'is close to';
    test(`${kernel.name} of the ${build} build ${closeness} its reference`, () => {
      let cases = 0;
      for (const args of casesOf(kernel)) {
        const want = { args: copyArgs(args), result: undefined as unknown };
        want.result = (kernel.reference as (...a: Arg[]) => unknown)(...want.args);
        const got = { args: copyArgs(args), result: undefined as unknown };
        got.result = call(build, kernel.name, got.args);
        assertSame(got, want, kernel[build], `${kernel.name} case ${cases++}`, kernel.scratch);
      }
      assert.ok(cases > 0);
    });
  }
}

test('every kernel of both builds is in the table of cases', () => {
  const covered = new Set<string>([...KERNEL_CASES.map((c) => c.name), 'heapBase', 'memory']);
  for (const build of BUILDS) {
    const missing = Object.keys(kernelsOf[build].exports).filter((name) => !covered.has(name));
    assert.equal(missing, []);
  }
});

test('kernels without products of sums have the same bits in both builds', () => {
  for (const name of ['logisticResiduals', 'ftrlUpdate', 'packCosine'] as const) {
    for (const args of casesOf(KERNEL_CASES.find((c) => c.name === name)!)) {
      const [simd, relaxed] = BUILDS.map((build) => {
        const copy = copyArgs(args);
        return { result: call(build, name, copy), args: copy };
      });
      assertSame(relaxed!, simd!, 'bits', name);
    }
  }
});

for (const build of BUILDS) {
  for (const name of ['assign', 'assignManhattan'] as const) {
    test(`${name} of the ${build} build labels a row alike wherever it stands`, () => {
      const random = seeded(11);
      for (const [d, k] of [
        [1, 2],
        [3, 5],
        [20, 17],
        [100, 10],
      ] as const) {
        const n = 23;
        const padded = Math.ceil(k / 4) * 4;
        const points = random.f64(n * d);
        const [panels, bias] = [new Float64Array(padded * d), new Float64Array(padded)];
        const pack = name === 'assign' ? 'packCentroids' : 'packManhattan';
        call(build, pack, [k, d, random.f64(k * d), panels, bias]);
        const run = (from: number, to: number) => {
          const rows = points.slice(from * d, to * d);
          const labels = new Int32Array(to - from);
          const scores = new Float64Array(to - from);
          call(build, name, [to - from, d, k, rows, panels, bias, labels, scores]);
          return { labels, scores };
        };
        const whole = run(0, n);
        for (let from = 0; from < n; from++) {
          for (const to of [from + 1, Math.min(n, from + 6), n]) {
            const part = run(from, to);
            assert.equal(part.labels, whole.labels.slice(from, to));
            assert.equal(part.scores, whole.scores.slice(from, to));
          }
        }
      }
    });
  }

  test(`assign of the ${build} build gives the euclidean distance`, () => {
    const random = seeded(12);
    const [n, d, k] = [40, 7, 6];
    const points = random.f64(n * d);
    const centroids = random.f64(k * d);
    const [panels, bias] = [new Float64Array(8 * d), new Float64Array(8)];
    const [labels, scores, norms] = [new Int32Array(n), new Float64Array(n), new Float64Array(n)];
    call(build, 'packCentroids', [k, d, centroids, panels, bias]);
    call(build, 'assign', [n, d, k, points, panels, bias, labels, scores]);
    call(build, 'squaredNorms', [n, d, points, norms]);
    for (let i = 0; i < n; i++) {
      const distances = Array.from({ length: k }, (_, j) => {
        let sum = 0;
        for (let t = 0; t < d; t++) sum += (points[i * d + t]! - centroids[j * d + t]!) ** 2;
        return sum;
      });
      const nearest = Math.min(...distances);
      assert.is(labels[i], distances.indexOf(nearest));
      assertClose(norms[i]! - 2 * scores[i]!, nearest, { rtol: 0, atol: 1e-13 }, `row ${i}`);
    }
  });

  test(`a row of NaN gets label 0 and a NaN centroid none in the ${build} build`, () => {
    const [panels, bias, labels] = [new Float64Array(8), new Float64Array(4), new Int32Array(4)];
    const scores = new Float64Array(4);
    call(build, 'packCentroids', [2, 2, Float64Array.of(Number.NaN, 0, 1, 1), panels, bias]);
    const points = Float64Array.of(9, 9, Number.NaN, 0, -5, 2, 0, 0);
    call(build, 'assign', [4, 2, 2, points, panels, bias, labels, scores]);
    assert.equal([...labels], [1, 0, 1, 1]);
    assert.is(scores[1], -Infinity);
  });
}

test('murmur3 equals murmurhash3js-revisited on the UTF-16LE bytes of random strings', () => {
  const random = seeded(13);
  for (let i = 0; i < 500; i++) {
    const text = randomText(random, random.below(60));
    const bytes = Buffer.from(text, 'utf16le');
    const units = Uint16Array.from({ length: text.length }, (_, u) => text.charCodeAt(u));
    const seed = i % 2 === 0 ? 0 : random.below(2 ** 31);
    const hash = call('simd', 'murmur3Utf16', [units, units.length, seed]) as number;
    assert.is(hash >>> 0, murmur.x86.hash32(bytes, seed), JSON.stringify(text));
  }
});

test('sparse moments give the variance of the whole column without cancellation', () => {
  const random = seeded(14);
  const [rows, stored] = [1000, 300];
  const values = random.f64(stored).map((v) => 1e8 + v);
  const moments = new Float64Array(4);
  call('simd', 'sparseMoments', [stored, new Int32Array(stored), values, moments]);
  const [shift, count, sum, squares] = moments as unknown as [number, number, number, number];
  const mean = shift + sum / count;
  const within = squares - (sum * sum) / count;
  const exact = values.reduce((s, v) => s + (v - mean) ** 2, 0);
  assertClose(within, exact, { rtol: 1e-9, atol: 0 }, 'squares of the stored entries');
  const total = within + (mean * mean * count * (rows - count)) / rows;
  const columnMean = (mean * count) / rows;
  const column = exact + count * (mean - columnMean) ** 2 + (rows - count) * columnMean ** 2;
  assertClose(total, column, { rtol: 1e-12, atol: 0 }, 'squares of the column');
});

test('compiled kernels are cached, and the asynchronous way gives the same module', async () => {
  for (const build of BUILDS) {
    const first = await compileKernels(build);
    assert.is(first.build, build);
    assert.is(await compileKernels(build), first);
    assert.is(compileKernelsSync(build), first);
  }
});

test("'auto' takes the relaxed build where this Node accepts it", () => {
  // Asking for 'relaxed' above has switched the flag on where there is one.
  assert.is(compileKernelsSync('auto').build, 'relaxed');
});

test('a memory that is not shared is refused with a KernelError', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  assert.throws(
    () => instantiateKernels(compileKernelsSync('simd'), memory),
    (e: unknown) => e instanceof KernelError && e.code === 'ERR_GYRE_KERNEL',
  );
  const empty = sharedMemory(0);
  assert.throws(
    () => instantiateKernels(compileKernelsSync('simd'), empty),
    (e: unknown) => e instanceof KernelError && e.cause instanceof WebAssembly.LinkError,
  );
});

test('kernels reach the last bytes of a memory of 4 GiB', () => {
  const kernels = instantiateKernels(compileKernelsSync('simd'), sharedMemory(65536));
  const address = 2 ** 32 - 64 - 8 * 9;
  new Float64Array(kernels.memory.buffer, address, 9).fill(2);
  assert.is(kernels.exports.dot(9, address, address), 36);
});

test.run();
