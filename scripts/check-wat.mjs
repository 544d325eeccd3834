/**
 * Checks what the design promises of the kernel modules: they import nothing but the shared memory,
 * hold no data, table or mutable state, and both builds export the same names.
 *
 * Run after the kernels were built: `node scripts/check-wat.mjs`.
 */
import { readFileSync } from 'node:fs';

/**
 * Data segments that are known to be constants, as the exact text of their bytes in the `.wat`,
 * with the reason. Every instance over a memory writes its segments again, so only tables that
 * never change may stand here. No kernel needs one today.
 *
 * @type {ReadonlyMap<string, string>}
 */
const CONSTANT_TABLES = new Map();

const MEMORY = /^"env" "memory" \(memory \$\S+ 1 65536 shared\)$/;

const problems = [];
const exportsOf = {};

for (const build of ['simd', 'relaxed']) {
  let wat;
  try {
    wat = readFileSync(new URL(`../build/wasm/${build}.wat`, import.meta.url), 'utf8');
  } catch {
    problems.push(`${build}: build/wasm/${build}.wat is missing; build the kernels first`);
    continue;
  }
  const lines = wat.split('\n').map((line) => line.trim());
  const found = (/** @type {RegExp} */ form) => lines.filter((line) => form.test(line));

  const imports = found(/^\(import /).map((line) => line.slice('(import '.length, -1));
  if (imports.length !== 1 || !MEMORY.test(imports[0])) {
    problems.push(
      `${build}: must import env.memory (1 to 65536 pages, shared) alone, imports ${imports.join('; ') || 'nothing'}`,
    );
  }
  for (const line of found(/^\(data /)) {
    const bytes = line.match(/"(.*)"\)$/)?.[1];
    if (bytes === undefined || !CONSTANT_TABLES.has(bytes)) {
      problems.push(
        `${build}: data segment that is not a known constant table: ${line.slice(0, 120)}`,
      );
    }
  }
  for (const line of found(/^\((table|elem|start|tag)\b/)) {
    problems.push(
      `${build}: a kernel module has no table or start function: ${line.slice(0, 120)}`,
    );
  }
  for (const line of found(/^\(global \S+ \(mut /)) {
    problems.push(`${build}: a kernel module keeps no state of its own: ${line.slice(0, 120)}`);
  }
  const names = found(/^\(export /).map((line) => line.match(/^\(export "([^"]+)"/)?.[1]);
  exportsOf[build] = new Set(names);
}

const { simd, relaxed } = exportsOf;
if (simd && relaxed) {
  const only = (a, b) => [...a].filter((name) => !b.has(name));
  for (const name of only(simd, relaxed)) problems.push(`only simd exports ${name}`);
  for (const name of only(relaxed, simd)) problems.push(`only relaxed exports ${name}`);
}

if (problems.length > 0) {
  console.error(
    `check-wat: ${problems.length} problem(s)\n${problems.map((p) => `  ${p}`).join('\n')}`,
  );
  process.exit(1);
}
console.log(`check-wat: ${simd.size} exports in both builds, env.memory the only import, no data.`);
