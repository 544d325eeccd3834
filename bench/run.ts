/**
 * Runs benches, each in a process of its own: `npm run bench -- [--quick] [name...]`.
 *
 * `--quick` only sees that they work; its figures mean little. Fails when one of them fails or
 * leaves no JSON.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const folder = new URL('./', import.meta.url);
const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});

/** Those that others are measured by come first. */
const FIRST = ['roof', 'kernels', 'ring', 'superstep'];

function findBenches(): string[] {
  const all = readdirSync(folder)
    .filter((file) => file.endsWith('.js') && file !== basename(fileURLToPath(import.meta.url)))
    .map((file) => basename(file, '.js'))
    .sort();
  return [...FIRST.filter((name) => all.includes(name)), ...all.filter((n) => !FIRST.includes(n))];
}

/**
 * Has glibc ask for huge pages for large arrays, as numpy does by itself; peers get the same. New
 * pages of 4 KiB cost more than what is written to them.
 */
const HUGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

let running: ChildProcess | null = null;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    running?.kill(signal);
    process.exit(1);
  });
}

/** Runs one bench. Resolves with what went wrong, or null. */
async function runBench(name: string): Promise<string | null> {
  const result = new URL(`${name}.json`, folder);
  rmSync(result, { force: true });
  const child = spawn(process.execPath, [fileURLToPath(new URL(`${name}.js`, folder))], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...HUGE_PAGES, ...process.env, ...(values.quick && { GYRE_BENCH_QUICK: '1' }) },
  });
  running = child;
  const code = await new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve(status ?? signal ?? 'no exit code'));
  });
  if (code !== 0) return `ended with ${code}`;
  return statSync(result, { throwIfNoEntry: false }) === undefined ? 'left no JSON' : null;
}

const benches = findBenches();
const unknown = positionals.filter((name) => !benches.includes(name));
if (unknown.length > 0) {
  console.error(`bench: there is no ${unknown.join(', ')}; there are ${benches.join(', ')}`);
  process.exit(1);
}
const failures: string[] = [];
for (const name of positionals.length > 0 ? positionals : benches) {
  const failure = await runBench(name);
  if (failure !== null) failures.push(`${name} ${failure}`);
}
for (const failure of failures) console.error(`bench: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
