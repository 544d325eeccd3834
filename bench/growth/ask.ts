/** Points of the growth bench are measured in processes of their own: their memory is theirs. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Runs a script of this folder with params, and resolves with what it answers. */
export async function ask<T>(script: string, params: object): Promise<T> {
  const path = fileURLToPath(new URL(`${script}.js`, import.meta.url));
  const child = spawn(process.execPath, [path, JSON.stringify(params)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve(status ?? signal ?? 'no exit code'));
  });
  if (code !== 0) throw new Error(`${script} ${JSON.stringify(params)} ended with ${code}`);
  return JSON.parse(Buffer.concat(chunks).toString()) as T;
}

/** Answers the process that asked. */
export async function answer<P, T>(work: (params: P) => Promise<T>): Promise<void> {
  process.stdout.write(JSON.stringify(await work(JSON.parse(process.argv[2]!) as P)));
}

/** What a call takes. */
export interface Measured {
  /** Of each call. */
  readonly seconds: readonly number[];
  /** The largest resident set while the first call ran, above what was resident before. */
  readonly bytes: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Measures a call that has been made before, so that its code and its threads are there. */
export async function measure(call: () => Promise<unknown>, seconds: number): Promise<Measured> {
  collectGarbage();
  const before = resident('VmRSS');
  forgetPeak();
  const samples = [await timed(call)];
  const bytes = Math.max(0, resident('VmHWM') - before);
  while (samples.reduce((sum, s) => sum + s, 0) < seconds) samples.push(await timed(call));
  return { seconds: samples, bytes };
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return (performance.now() - start) / 1000;
}

/** Linux alone lets a process ask for its peak from now on; elsewhere it is that of its whole life. */
function forgetPeak(): void {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
}

function resident(field: 'VmRSS' | 'VmHWM'): number {
  if (process.platform !== 'linux') {
    const { rss } = process.memoryUsage();
    return field === 'VmRSS' ? rss : process.resourceUsage().maxRSS * 1024;
  }
  const status = readFileSync('/proc/self/status', 'utf8');
  return 1024 * Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)![1]);
}
