/** Gyre and its peers in turns at the same work, and the figures and goals that come of it. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Session } from '../../src/index.js';
import { check, QUICK } from './measure.js';
import type { Answer, PythonPeer } from './python-peer.js';
import type { RawFiles } from './raw-files.js';
import type { Amounts, Report } from './report.js';
import { median } from './samples.js';

export const THREADS = 2;
export const SEED = 11;
/** Samples of each that are taken at least: with its warm-up, a call more. */
const FEWEST = 6;

/** What all cases work with. */
export interface Bench {
  readonly report: Report;
  readonly session: Session;
  readonly files: RawFiles;
  /** Null where there is no Python: Gyre is timed alone. */
  readonly python: PythonPeer | null;
}

/** Seconds of each part of a run, such as `fit` and `transform`. */
export type Parts = Readonly<Record<string, number>>;

/** One of those that do the work. */
export interface Contender {
  readonly who: string;
  readonly run: () => Promise<Parts>;
  /** How many times more rows Gyre has: samples are scaled by it. */
  readonly scale?: number;
  /** How many times faster Gyre is to be. */
  readonly goal?: number;
}

export interface Duel {
  readonly what: string;
  readonly amounts: Amounts;
  readonly gyre: () => Promise<Parts>;
  readonly peers: readonly Contender[];
  /** Fewer for what has no goal. */
  readonly fewest?: number;
}

const total = (parts: Parts): number => Object.values(parts).reduce((sum, s) => sum + s, 0);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Collects garbage first, untimed: other languages free the result of the last run when it is dropped,
 * and the next one gets its pages.
 */
async function collected(run: () => Promise<Parts>): Promise<Parts> {
  collectGarbage();
  return run();
}

/** Takes samples A B B A, after a warm-up each, and reports them. */
export async function duel({ report }: Bench, work: Duel): Promise<void> {
  const { what, amounts, peers, fewest = FEWEST } = work;
  const gyre: Contender = { who: `gyre, threads: ${THREADS}`, run: () => collected(work.gyre) };
  const all = [gyre, ...peers].map((contender) => ({ contender, runs: [] as Parts[] }));
  for (const { contender } of all) await contender.run();
  const turns = QUICK ? 1 : Math.ceil(fewest / 2);
  for (let turn = 0; turn < turns; turn++) {
    for (const { contender, runs } of [...all, ...[...all].reverse()]) {
      runs.push(await contender.run());
    }
  }
  const [ours, ...theirs] = all.map(({ contender, runs }) => ({
    contender,
    who: nameOf(contender),
    samples: runs.map((parts) => (contender.scale ?? 1) * total(parts)),
  }));
  const { who, samples } = ours!;
  report.add({ what, who, samples, amounts });
  for (const peer of theirs) {
    report.add({ what, who: peer.who, samples: peer.samples, amounts, against: { who, samples } });
    const ratio = median(peer.samples) / median(samples);
    const { goal } = peer.contender;
    const wanted = goal === undefined ? {} : { atLeast: goal };
    report.note(`${what}: against ${peer.who}`, ratio, 'x', wanted);
  }
  for (const { contender, runs } of all) noteParts(report, what, contender, runs);
}

const nameOf = ({ who, scale = 1 }: Contender): string =>
  scale === 1 ? who : `${who}, 1/${Math.round(scale)} of the rows, scaled up`;

/** Where the time goes, for work of more than one part. */
function noteParts(report: Report, what: string, contender: Contender, runs: Parts[]): void {
  const names = Object.keys(runs[0]!);
  if (names.length < 2) return;
  for (const name of names) {
    const seconds = (contender.scale ?? 1) * median(runs.map((parts) => parts[name]!));
    report.note(`${what}, ${nameOf(contender)}: ${name}`, seconds, 's');
  }
}

/** Seconds that work takes, and what comes of it. */
export async function timed<T>(work: () => T | Promise<T>): Promise<readonly [number, T]> {
  const start = performance.now();
  const result = await work();
  return [(performance.now() - start) / 1000, result];
}

/** A case of the Python process, from its data being read to its being dropped. */
export class PythonCase {
  readonly #python: PythonPeer;
  readonly #name: string;

  private constructor(python: PythonPeer, name: string) {
    this.#python = python;
    this.#name = name;
  }

  /** Has the process read the data of a case. */
  static async open(python: PythonPeer, name: string, data: object): Promise<PythonCase> {
    await python.ask({ do: 'open', case: name, data });
    return new PythonCase(python, name);
  }

  async run(): Promise<Parts> {
    const { seconds } = await this.#python.ask({ do: 'run', case: this.#name });
    return seconds as Parts;
  }

  /** What the last run came to; `data` is what the process needs to tell. */
  async facts(data: object = {}): Promise<Answer> {
    return this.#python.ask({ do: 'facts', case: this.#name, data });
  }

  async close(): Promise<void> {
    await this.#python.ask({ do: 'close', case: this.#name });
  }
}

/** Numbers that are to be equal but for rounding, in relation to the larger of 1 and the wanted one. */
export function checkClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  check(got.length === want.length, `${what}: ${got.length} numbers, expected ${want.length}`);
  for (let i = 0; i < got.length; i++) {
    const isClose = Math.abs(got[i]! - want[i]!) <= tolerance * Math.max(1, Math.abs(want[i]!));
    check(isClose, `${what}: number ${i} is ${got[i]}, expected ${want[i]}`);
  }
}
