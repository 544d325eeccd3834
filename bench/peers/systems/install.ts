/** Installing other systems under build/peers, by the clients of their registries. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Command } from './command.js';

const sources = new URL('../../../../bench/peers/', import.meta.url);
const installed = new URL('../../../peers/', import.meta.url);

/** A file of bench/peers. */
export const sourceOf = (name: string): string => fileURLToPath(new URL(name, sources));
/** A file under build/peers. */
export const installedAt = (name: string): string => fileURLToPath(new URL(name, installed));

/** Packages that are large take minutes. */
const LIMIT_SECONDS = 900;

/** Runs a client to its end. Returns its standard output. */
export function runInstaller({ file, args }: Command): string {
  const { error, status, signal, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    timeout: LIMIT_SECONDS * 1000,
    maxBuffer: 1 << 26,
  });
  if (error !== undefined) throw error;
  if (status === 0) return stdout;
  const lines = `${stderr}\n${stdout}`.split('\n').filter((line) => /error/i.test(line));
  throw new Error(
    `${file} ${args[0]} ended with ${status ?? signal}: ${lines[0] ?? stderr.trim()}`,
  );
}

/**
 * Installs once: the folder is made anew unless it was completed for the same key, which is written
 * last.
 */
export function installOnce(folder: string, key: string, install: () => void): void {
  const stamp = installedAt(`${folder}/installed.txt`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return;
  rmSync(installedAt(folder), { recursive: true, force: true });
  mkdirSync(installedAt(folder), { recursive: true });
  install();
  writeFileSync(stamp, key);
}

/** A virtual environment with packages in fixed versions. Returns its folder of programs. */
export function virtualEnvironment(folder: string, requirements: readonly string[]): string {
  const path = installedAt(folder);
  const isWindows = process.platform === 'win32';
  const programs = `${path}/${isWindows ? 'Scripts' : 'bin'}`;
  runInstaller({ file: isWindows ? 'python' : 'python3', args: ['-m', 'venv', path] });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements];
  runInstaller({ file: `${programs}/python`, args: pip });
  return programs;
}

/** A whole number of megabytes: that share of the machine's memory. */
export const memoryShare = (share: number): string =>
  `${Math.floor((totalmem() * share) / (1 << 20))}m`;

/** What JVMs are given, as users who care for speed do: SIMD for BLAS, and huge pages. */
export const JAVA_OPTIONS: readonly string[] = [
  '--add-modules=jdk.incubator.vector',
  '-XX:+UseTransparentHugePages',
];

/** The version that a JVM tells. @throws Error when there is none. */
export function javaVersion(): string {
  const { error, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`java: ${error.message}`);
  return stderr.split('\n', 1)[0]!.replace('version ', '').replaceAll('"', '');
}
