/**
 * V8 runs a kernel first as its baseline compiler made it and later as the optimising one did; when
 * it changes over depends on timing. Results must not.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compileKernelsSync,
  instantiateKernels,
  type KernelBuild,
} from '../../src/memory/kernels.js';
import { casesOf, KERNEL_CASES } from '../reference/cases.js';
import { callKernel } from '../reference/run.js';

const BUILDS: readonly KernelBuild[] = ['simd', 'relaxed'];

/** A digest of every result of every case; NaN counts as one value whatever its bits. */
function digest(build: KernelBuild): string {
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
  const kernels = instantiateKernels(compileKernelsSync(build), memory);
  const hash = createHash('sha256');
  const add = (v: unknown): void => {
    hash.update(Object.is(v, -0) ? '-0 ' : `${v} `);
  };
  for (const kernel of KERNEL_CASES) {
    for (const args of casesOf(kernel)) {
      add(callKernel(kernels, kernel.name, args));
      for (const arg of args) if (typeof arg === 'object') arg?.forEach(add);
    }
  }
  return hash.digest('hex');
}

if (process.argv[2] === 'digest') {
  console.log(BUILDS.map(digest).join('\n'));
} else {
  test('both builds give the same bits in both tiers of V8', () => {
    const run = (...flags: string[]): string[] =>
      execFileSync(process.execPath, [...flags, fileURLToPath(import.meta.url), 'digest'], {
        encoding: 'utf8',
      }).split('\n');
    const baseline = run('--liftoff-only', '--no-wasm-tier-up');
    assert.match(baseline[0]!, /^[0-9a-f]{64}$/);
    assert.equal(run('--no-liftoff'), baseline);
  });

  test.run();
}
