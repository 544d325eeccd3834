/**
 * Checks the package as users get it: packs the tarball, looks at what is in it, installs it with its
 * dependencies in an empty folder outside the repository, and there imports every entry, fits a KMeans inline
 * and on two threads, compiles a TypeScript file against the types, and calls the `gyre` command.
 *
 * Needs a finished build. Prints one line per check; exit code 1 when one fails.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { npm } from './npm.mjs';

const root = dirname(import.meta.dirname);
/** What the package may weigh, in bytes; raise it knowingly. */
const BUDGET = { tarball: 2_100_000, unpacked: 9_000_000 };
const STEP_TIMEOUT_MS = 300_000;

const ALLOWED = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^build\/src\/.+\.(js|js\.map|d\.ts)$/,
  /^build\/wasm\/(simd|relaxed)\.wasm$/,
  /^src\/.+\.ts$/,
  // Of data that is not ours.
  /^src\/.+\/LICENSE-[a-z-]+\.txt$/,
  /^docs\/.+\.md$/,
];

/** Runs in the empty project. Bits are compared, so `centroids` need no name here. */
const CONSUMER_JS = `
import assert from 'node:assert/strict';
import { Column, KMeans, Session, Table } from 'gyre';
for (const entry of ['gyre/engine', 'gyre/worker', 'gyre/kernels']) {
  assert.ok(Object.keys(await import(entry)).length > 0, entry + ' exports nothing');
}
const rows = 60_000;
const dim = 4;
const values = new Float64Array(rows * dim).map((_, i) => (Math.floor(i / dim) % 3) * 10 + ((i * 7919) % 1000) / 1000);
const table = Table.fromColumns({ features: Column.dense(values, dim) });
const predictions = [];
for (const threads of [0, 2]) {
  const session = new Session({ threads });
  const kmeans = new KMeans({ k: 3, seed: 1, maxIter: 10 });
  const model = await kmeans.fit(table, { session });
  const result = await model.transform(table, { session });
  predictions.push([...result.column('prediction').values]);
  await session.close();
}
assert.equal(new Set(predictions[0]).size, 3, 'three clusters are found');
for (let i = 3; i < rows; i++) assert.equal(predictions[0][i], predictions[0][i % 3]);
assert.deepEqual(predictions[1], predictions[0], 'the same on two threads');
`;

const CONSUMER_TS = `
import { KMeans, Table } from 'gyre';
const kmeans = new KMeans({ k: 3, maxIter: 10, seed: 1 });
const table = Table.fromRows([{ x: 1 }]);
export const rows: number = table.numRows;
// @ts-expect-error A param that does not exist: the types are really there.
new KMeans({ clusters: 3 });
// @ts-expect-error Not a number.
export const wrong: number = kmeans;
`;

const CONSUMER_TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
  },
  files: ['consumer.ts'],
};

/** Path and content of every regular file in a tar.gz that npm packed, without the `package/` prefix. */
function readTarball(path) {
  const tar = gunzipSync(readFileSync(path));
  const text = (from, length) => tar.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  const files = new Map();
  let longName;
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const type = text(at + 156, 1);
    const content = tar.subarray(at + 512, at + 512 + size);
    if (type === 'x') {
      longName = content.toString('utf8').match(/\d+ path=(.*)\n/)?.[1];
    } else {
      const prefix = text(at + 345, 155);
      const name = longName ?? (prefix === '' ? '' : `${prefix}/`) + text(at, 100);
      longName = undefined;
      if (type === '0' || type === '') files.set(name.replace(/^package\//, ''), content);
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/** Every path that package.json points to. */
function entryPaths(manifest) {
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  return [...targets, ...Object.values(manifest.bin)].map((path) => posix.normalize(path));
}

/** What is wrong with the list of packed files, as sentences. */
function checkFiles(files, manifest) {
  const problems = [];
  for (const path of files.keys()) {
    if (!ALLOWED.some((pattern) => pattern.test(path))) problems.push(`${path} does not belong`);
  }
  const required = ['README.md', 'LICENSE', 'build/wasm/simd.wasm', 'build/wasm/relaxed.wasm'];
  for (const path of [...required, ...entryPaths(manifest)]) {
    if (!files.has(path)) problems.push(`${path} is missing`);
  }
  for (const path of Object.values(manifest.bin)) {
    if (!files.get(posix.normalize(path))?.toString().startsWith('#!/usr/bin/env node\n')) {
      problems.push(`${path} does not start with #!/usr/bin/env node`);
    }
  }
  for (const [path, content] of files) {
    const beside = (name) => posix.join(posix.dirname(path), name);
    if (path.endsWith('.js')) {
      const map = content.toString().match(/^\/\/# sourceMappingURL=(.+)$/m)?.[1];
      if (map !== undefined && !files.has(beside(map))) problems.push(`${path}: no ${map}`);
    } else if (path.endsWith('.js.map')) {
      for (const source of JSON.parse(content.toString()).sources) {
        if (!files.has(beside(source)))
          problems.push(`${path}: its source ${source} is not packed`);
      }
    }
  }
  return problems;
}

/** Runs a program in the empty project; returns what is wrong, as sentences. */
function runIn(cwd, command, args) {
  const result = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: STEP_TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) return [];
  const ending = result.error?.message ?? `exit code ${result.status ?? result.signal}`;
  return [`${ending}\n${result.stdout ?? ''}${result.stderr ?? ''}`];
}

let failures = 0;

/** Prints the outcome of one check. */
function report(name, problems) {
  if (problems.length > 0) failures += 1;
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} pack: ${name}`);
  for (const problem of problems)
    console.log(`     ${problem.trimEnd().replaceAll('\n', '\n     ')}`);
}

function pack(folder) {
  const { status, stdout } = npm(
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    { cwd: root, timeoutMs: STEP_TIMEOUT_MS },
  );
  if (status !== 0) throw new Error(`npm pack failed with exit code ${status}`);
  const parsed = JSON.parse(stdout);
  const [entry] = Array.isArray(parsed) ? parsed : Object.values(parsed);
  return { path: join(folder, entry.filename), size: entry.size, unpacked: entry.unpackedSize };
}

function check(folder) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const tarball = pack(folder);
  const files = readTarball(tarball.path);
  report(`${files.size} files, no more and no less than should be`, checkFiles(files, manifest));

  const sizes =
    `tarball ${tarball.size} of ${BUDGET.tarball} bytes, ` +
    `unpacked ${tarball.unpacked} of ${BUDGET.unpacked}`;
  const tooLarge = tarball.size > BUDGET.tarball || tarball.unpacked > BUDGET.unpacked;
  report(sizes, tooLarge ? ['over the budget'] : []);

  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const install = npm(['install', '--omit=dev', tarball.path], {
    cwd: project,
    timeoutMs: STEP_TIMEOUT_MS,
  });
  const installed = install.status === 0;
  report('installs in an empty folder', installed ? [] : [`exit code ${install.status}`]);
  if (!installed) return;

  writeFileSync(join(project, 'consumer.js'), CONSUMER_JS);
  report(
    'entries import, KMeans fits inline and on 2 threads',
    runIn(project, process.execPath, ['consumer.js']),
  );
  writeFileSync(join(project, 'consumer.ts'), CONSUMER_TS);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(CONSUMER_TSCONFIG));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  report('types compile', runIn(project, process.execPath, [tsc, '-p', '.']));
  report('gyre info', runIn(project, 'npx', ['--no-install', 'gyre', 'info']));
}

const folder = mkdtempSync(join(tmpdir(), 'gyre-pack-'));
try {
  check(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
