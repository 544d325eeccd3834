/** A bench of several cases, each against peers in one Python process. */
import { Session } from '../../src/index.js';
import { type Bench, THREADS } from './duel.js';
import { PythonPeer } from './python-peer.js';
import { RawFiles } from './raw-files.js';
import { Report } from './report.js';

/** Some cases only: `GYRE_BENCH_ONLY=strings,scalers npm run bench -- stages`. */
const ONLY = process.env.GYRE_BENCH_ONLY?.split(',');

/** Cases by name. */
export type Cases = Readonly<Record<string, (bench: Bench) => Promise<void>>>;

/** What a bench of cases is. */
export interface CasesBench {
  /** `import.meta.url` of the bench file. */
  readonly url: string;
  readonly question: string;
  /** The script of bench/peers. */
  readonly peer: string;
  readonly cases: Cases;
  /** How it is measured, and what is checked. */
  readonly remark: string;
}

/** Runs the cases, one after the other, and reports. */
export async function runCases({ url, question, peer, cases, remark }: CasesBench): Promise<void> {
  const names = selected(cases);
  const report = new Report(url, question);
  const files = new RawFiles();
  const python = PythonPeer.start(peer, THREADS);
  for (const name of names) {
    // New workers for each: what the last ones still hold of their tables is gone with them.
    await using session = new Session({ threads: THREADS });
    await cases[name]!({ report, session, files, python });
  }
  if (python !== null) {
    const { versions } = await python.ask({ do: 'versions' });
    report.remark(`${versions}, each with ${THREADS} threads at most, in a process of its own.`);
    await python.close();
  }
  files.remove();
  report.remark(remark);
  report.end();
}

/** The cases that are asked for, or all. */
function selected(cases: Cases): string[] {
  const unknown = ONLY?.filter((name) => !(name in cases)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`there is no case ${unknown.join(', ')}: ${Object.keys(cases).join(', ')}`);
  }
  return ONLY ?? Object.keys(cases);
}
