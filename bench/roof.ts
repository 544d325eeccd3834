/** What can this machine do at most: how many bytes and multiply-adds a second, from WebAssembly? */
import { compileKernelsSync, instantiateKernels, type KernelBuild } from '../src/memory/kernels.js';
import { time } from './harness/measure.js';
import { Report } from './harness/report.js';
import { CACHED_BYTES, MEMORY_BYTES, measureRoof } from './harness/roof.js';

const report = new Report(import.meta.url, 'what can one core of this machine do at most?');
const roof = await measureRoof();
for (const [what, { samples, amounts }] of Object.entries(roof.samples)) {
  report.add({ what, who: 'loop', samples, amounts });
}

// What kernels make of it: the plainest one for bytes, the one that KMeans lives on for flops.
const pages = MEMORY_BYTES / 65_536 + 64;
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
new Uint8Array(memory.buffer).fill(0, 65_536);
const builds: KernelBuild[] = roof.flops.relaxed === null ? ['simd'] : ['simd', 'relaxed'];
for (const build of builds) {
  const { exports, heapBase } = instantiateKernels(compileKernelsSync(build), memory);
  const base = Math.ceil(heapBase / 65_536) * 65_536;
  const [n, d, k] = [64, 100, 12];
  const panels = base + n * d * 8;
  const bias = panels + k * d * 8;
  const labels = bias + k * 8;
  const samples = time({
    cached: () => exports.sum(CACHED_BYTES / 8, base),
    memory: () => exports.sum(MEMORY_BYTES / 8, base),
    assign: () => exports.assign(n, d, k, base, panels, bias, labels, 0),
  });
  report.add({
    ...{ what: 'kernel sum, in cache', who: build, samples: samples.cached },
    amounts: { B: CACHED_BYTES },
    roof: { unit: 'B', perSecond: roof.readCached },
  });
  report.add({
    ...{ what: 'kernel sum, memory', who: build, samples: samples.memory },
    amounts: { B: MEMORY_BYTES },
    roof: { unit: 'B', perSecond: roof.readMemory },
  });
  report.add({
    ...{ what: `kernel assign ${n} x ${d}, k=${k}`, who: build, samples: samples.assign },
    amounts: { flop: 2 * n * d * k },
    roof: { unit: 'flop', perSecond: roof.flops[build]! },
  });
}
report.end();
