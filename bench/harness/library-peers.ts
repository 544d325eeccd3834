/**
 * Libraries that are installed by themselves, on their first use. One that cannot be had is left out,
 * and the report says so loudly.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  NPM_LIBRARIES,
  type NpmName,
  PYTHON_LIBRARIES,
  type PythonName,
} from '../peers/libraries.js';
import { type Bench, THREADS } from './duel.js';
import { PythonPeer } from './python-peer.js';

/** What is installed: the environment of PythonPeer, and a folder for each npm library. */
const installed = new URL('../../peers/', import.meta.url);
const requirements = new URL('../../../bench/peers/requirements.txt', import.meta.url);
const pathOf = (name: string, base: URL = installed): string => fileURLToPath(new URL(name, base));

/** Whether each is there, of those that were asked for. */
const tried = new Map<string, boolean>();

/** Installs a library unless it is there, and remarks what differs, or why it is left out. */
function prepared(
  { report }: Bench,
  name: PythonName | NpmName,
  differs: string,
  install: () => void,
): boolean {
  const before = tried.get(name);
  if (before !== undefined) return before;
  try {
    install();
    report.remark(`${name}: ${differs}`);
    tried.set(name, true);
    return true;
  } catch (error) {
    const line = `${name}: NOT MEASURED, it cannot be installed: ${(error as Error).message}`;
    console.error(`bench: ${line}`);
    report.remark(line);
    tried.set(name, false);
    return false;
  }
}

/** Starts the process of a library, or returns null. There is none without the Python of the bench. */
export function startLibrary(bench: Bench, name: PythonName): PythonPeer | null {
  if (bench.python === null) return null;
  const { script, packages, differs } = PYTHON_LIBRARIES[name];
  const named = `${packages.join(', ')}; ${differs}`;
  if (!prepared(bench, name, named, () => installPython(name, packages))) return null;
  return PythonPeer.start(script, THREADS);
}

/** Into the environment that is there, whose packages stay what they are. */
function installPython(name: string, packages: readonly string[]): void {
  const windows = process.platform === 'win32';
  const python = pathOf(windows ? 'venv/Scripts/python.exe' : 'venv/bin/python');
  once(name, pathOf(`${name}.txt`), packages.join('\n'), () => {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const args = [...pip, '-c', fileURLToPath(requirements), ...packages];
    const { error, status, stderr } = spawnSync(python, args, { encoding: 'utf8' });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`pip: ${stderr.trim().split('\n').at(-1)}`);
  });
}

/** The packages of an npm library, by name, or null. */
export async function npmLibrary(
  bench: Bench,
  name: NpmName,
): Promise<((id: string) => unknown) | null> {
  const { npm } = (await import(pathOf('../../scripts/npm.mjs'))) as {
    npm(args: string[], options: { cwd: string; timeoutMs: number }): { status: number | null };
  };
  const { dependencies, overrides, differs } = NPM_LIBRARIES[name];
  const folder = pathOf(`js/${name}/`);
  const manifest = JSON.stringify({ private: true, dependencies, overrides });
  const versions = Object.entries(dependencies).map(([id, version]) => `${id}@${version}`);
  const isThere = prepared(bench, name, `${versions.join(', ')}; ${differs}`, () => {
    once(name, pathOf(`js/${name}.json`), manifest, () => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}package.json`, manifest);
      // From its folder, not by --prefix, which would also move the global npmrc.
      const { status } = npm(['install', '--ignore-scripts'], { cwd: folder, timeoutMs: 300_000 });
      if (status !== 0) throw new Error(`npm install ended with ${status}`);
    });
  });
  return isThere ? createRequire(`${folder}package.json`) : null;
}

/** Installs unless a file, which is written last, says that just this is there. */
function once(name: string, marker: string, wanted: string, install: () => void): void {
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  rmSync(marker, { force: true });
  console.error(`bench: installing ${name}`);
  install();
  writeFileSync(marker, wanted);
}
