/**
 * Builds what is stale: kernels (assembly/ to build/wasm/) and TypeScript (src, test, bench, examples to the
 * same folders under build/).
 *
 *   node scripts/build.mjs [--kernels] [--types] [--force]
 *
 * Fresh is decided by content: build/.kernels and build/.types hold a hash of everything that went in, written
 * after a build without errors and removed before the next one, and every output must exist.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = dirname(import.meta.dirname);
const KERNEL_TARGETS = ['simd', 'relaxed'];
const SOURCE_FOLDERS = ['src', 'test', 'bench', 'examples'];
const OUTPUT_SUFFIX = /\.(js|js\.map|d\.ts|d\.ts\.map)$/;

/** Paths of all files under a folder, relative to the root, sorted, with forward slashes. */
function filesUnder(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(path) : [path];
    })
    .sort();
}

/** A hash of the names and contents of files; a file that is missing counts as empty. */
function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const full = join(root, path);
    const content = existsSync(full) ? readFileSync(full) : Buffer.alloc(0);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function isFresh(stamp, hash, outputs) {
  const path = join(root, 'build', stamp);
  return (
    existsSync(path) &&
    readFileSync(path, 'utf8') === hash &&
    outputs.every((output) => existsSync(join(root, output)))
  );
}

/** Writes a file (path absolute or relative to the root) so that a reader sees the old content or the new, never a part. */
function writeWhole(path, content) {
  const full = resolve(root, path);
  mkdirSync(dirname(full), { recursive: true });
  const temporary = `${full}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, full);
}

const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

async function buildKernels(force) {
  const outputs = KERNEL_TARGETS.flatMap((name) => [
    `build/wasm/${name}.wasm`,
    `build/wasm/${name}.wat`,
  ]);
  const hash = fingerprint([
    ...filesUnder('assembly'),
    'asconfig.json',
    'node_modules/assemblyscript/package.json',
  ]);
  if (!force && isFresh('.kernels', hash, outputs)) return true;
  const start = performance.now();
  rmSync(join(root, 'build/.kernels'), { force: true });
  const { default: asc } = await import('assemblyscript/asc');
  const sizes = [];
  for (const target of KERNEL_TARGETS) {
    const { error, stderr } = await asc.main(
      ['--config', 'asconfig.json', '--target', target, '--baseDir', root],
      {
        writeFile: (name, content) => {
          writeWhole(name, content);
          if (name.endsWith('.wasm')) sizes.push(`${target} ${content.length} bytes`);
        },
      },
    );
    const messages = stderr.toString();
    if (messages !== '') process.stderr.write(messages);
    if (error !== null) {
      console.error(`build: kernels (${target}) failed: ${error.message}`);
      return false;
    }
  }
  writeWhole('build/.kernels', hash);
  console.log(`build: kernels, ${sizes.join(', ')}, ${seconds(start)}`);
  return true;
}

/** Removes outputs whose source is gone: a test file that was deleted must not run. */
function removeOrphans(sources) {
  const known = new Set(sources);
  let removed = 0;
  for (const output of SOURCE_FOLDERS.flatMap((folder) => filesUnder(`build/${folder}`))) {
    if (!OUTPUT_SUFFIX.test(output)) continue;
    if (known.has(output.slice('build/'.length).replace(OUTPUT_SUFFIX, '.ts'))) continue;
    rmSync(join(root, output));
    removed += output.endsWith('.js') ? 1 : 0;
  }
  if (removed > 0) console.log(`build: removed ${removed} outputs whose source is gone`);
}

/** Exit code of a script that runs under this Node, its output passed on. */
function run(script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, script), ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

async function buildTypes(force) {
  const sources = SOURCE_FOLDERS.flatMap(filesUnder).filter((path) => path.endsWith('.ts'));
  const compiled = sources.filter((path) => !path.endsWith('.d.ts'));
  const outputs = compiled.map((path) => `build/${path.slice(0, -3)}.js`);
  const hash = fingerprint([...sources, 'tsconfig.json', 'package.json', 'package-lock.json']);
  removeOrphans(compiled);
  if (!force && isFresh('.types', hash, outputs)) return true;
  const start = performance.now();
  rmSync(join(root, 'build/.types'), { force: true });
  // tsc trusts its build info and does not look whether the outputs are still there.
  if (force || !outputs.every((output) => existsSync(join(root, output)))) {
    rmSync(join(root, 'build/tsconfig.tsbuildinfo'), { force: true });
  }
  const code = await run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']);
  if (code !== 0) {
    console.error('build: TypeScript failed, see the messages above');
    return false;
  }
  writeWhole('build/.types', hash);
  console.log(`build: TypeScript, ${compiled.length} files, ${seconds(start)}`);
  return true;
}

/**
 * Builds what is stale.
 *
 * @returns {Promise<boolean>} false when something did not compile; messages are on standard error
 */
export async function build({ kernels = true, types = true, force = false } = {}) {
  const done = await Promise.all([
    types ? buildTypes(force) : true,
    kernels ? buildKernels(force) : true,
  ]);
  return done.every(Boolean);
}

if (import.meta.url === pathToFileURL(realpathSync(process.argv[1] ?? '.')).href) {
  const flags = process.argv.slice(2);
  const unknown = flags.find((flag) => !['--kernels', '--types', '--force'].includes(flag));
  if (unknown !== undefined) {
    console.error(`build: ${unknown} is not known; use --kernels, --types, --force`);
    process.exit(1);
  }
  const all = !flags.includes('--kernels') && !flags.includes('--types');
  const ok = await build({
    kernels: all || flags.includes('--kernels'),
    types: all || flags.includes('--types'),
    force: flags.includes('--force'),
  });
  process.exitCode = ok ? 0 : 1;
}
