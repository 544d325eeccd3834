/** BENCHMARKS.md, from the results. */
import { type Comparison, GOALS, isMeasured, type Outcome, type Results } from './results.js';

const KINDS = [
  {
    kind: 'endToEnd',
    title: 'End to end',
    text: "From the start of a process to its result: `gyre bench` on Flink ML's config, Flink ML's own benchmark program on the same file, a script for Spark ML.",
  },
  {
    kind: 'steady',
    title: 'Steady state',
    text: 'The same work again in a process that is warm, in the time that the framework of each side tells: starts of processes, sessions and clusters are not in it, making the rows is.',
  },
] as const;

/** The page: what was compared, on what, and the figures. */
export function benchmarksPage(results: Results): string {
  const { date, scale, threads } = results;
  const lines = [
    '# Benchmarks',
    '',
    `Gyre beside other systems: ${date.slice(0, 10)}, ${threads} threads each, on ${scale === 1 ? 'full sizes' : `${scale} of the full sizes: A TRIAL, not for quoting`}. Ratios say how many times longer the other one takes; above 1 Gyre is faster.`,
    '',
    ...KINDS.flatMap(({ kind, title, text }) => [
      ...[`## ${title}`, '', text, `The goal is ${GOALS[kind]} x.`, ''],
      ...table(results.comparisons, kind),
      '',
    ]),
    ...notes(results),
    ...machineLines(results),
    '## How to run it',
    '',
    'This page is made by `npm run bench:peers`, which installs the others from their registries under `build/peers`; they need Java 17, Maven and Python 3. `npm run bench:peers -- --scale 0.01` is a trial, which leaves this page alone; `--help` lists what else there is.',
    '',
  ];
  return lines.join('\n');
}

function table(comparisons: readonly Comparison[], kind: 'endToEnd' | 'steady'): string[] {
  const head = ['case', 'rows', 'peer', 'Gyre', 'peer takes', 'ratio', 'interval', 'pairs', 'goal'];
  const rows = comparisons.map((comparison) => {
    const { case: name, rows: count, peer } = comparison;
    return [name, count.toLocaleString('en'), peer, ...cells(comparison[kind], GOALS[kind])];
  });
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const align = head.map((_, i) => (i === 0 || i === 2 ? '---' : '---:'));
  return [head, align, ...rows].map(line);
}

function cells(outcome: Outcome, goal: number): string[] {
  if (!isMeasured(outcome)) return ['', '', 'FAILED', '', '', ''];
  const { gyreSeconds, otherSeconds, ratio, low, high, pairs } = outcome;
  const interval = `${times(low)} .. ${times(high)}`;
  const verdict = ratio >= goal ? 'reached' : 'MISSED';
  const durations = [duration(gyreSeconds), duration(otherSeconds)];
  return [...durations, `**${times(ratio)}**`, interval, String(pairs), verdict];
}

/** Three digits. */
const digits = (value: number): string => Number(value.toPrecision(3)).toString();
const times = (ratio: number): string => `${digits(ratio)} x`;
const duration = (seconds: number): string =>
  seconds < 1 ? `${digits(1000 * seconds)} ms` : `${digits(seconds)} s`;

function notes({ comparisons, skipped, pairs }: Results): string[] {
  const lines = ['## How to read it', ''];
  lines.push(
    'Seconds are medians. A ratio is the median over pairs of runs, one of each side right after the other, in the order A B B A; the interval is that of the sign test, which holds whatever the distribution, at 95 % or more from six pairs on.',
    '',
  );
  const few = comparisons.flatMap(({ case: name, peer, endToEnd, steady }) =>
    [endToEnd, steady]
      .filter(isMeasured)
      .filter((outcome) => outcome.pairs < pairs)
      .map(
        (outcome) =>
          `- **Only ${outcome.pairs} pairs** of ${name} and ${peer}, at a confidence of ${digits(100 * outcome.confidence)} %: a run takes ${duration(outcome.otherSeconds)}.`,
      ),
  );
  const checks = comparisons.map(({ case: name, rows, peer, check }) =>
    'failed' in check
      ? `- **${name} of ${peer} is NOT CHECKED EQUAL**: ${check.failed}`
      : `- ${name} (${rows.toLocaleString('en')} rows): the model of ${peer} is equal, on ${check.equalRows.toLocaleString('en')} of the same rows.`,
  );
  const failures = comparisons.flatMap(({ case: name, peer, endToEnd, steady }) =>
    [endToEnd, steady].flatMap((outcome) =>
      isMeasured(outcome) ? [] : [`- **${name} of ${peer} FAILED**: ${outcome.failed}`],
    ),
  );
  const left = skipped.map(({ peer, reason }) => `- **${peer} was SKIPPED**: ${reason}`);
  lines.push(...[...few, ...checks, ...failures, ...left].map(firstLine), '');
  return lines;
}

/** Stack traces are in the JSON. */
const firstLine = (text: string): string => text.split('\n', 1)[0]!;

function machineLines({ machine, load, stolen, versions, seconds }: Results): string[] {
  const { cpu, cores, memoryBytes, platform, kernels, commit } = machine;
  const busy = `load ${load.map((average) => average.toFixed(2)).join(' before, ')} after`;
  return [
    '## On what',
    '',
    `- ${cpu}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, ${platform}; ${busy}${stolen === null ? '' : `, ${(100 * stolen).toFixed(1)} % of the CPU time stolen`}`,
    `- commit ${commit ?? 'unknown'}, ${kernels} kernels`,
    ...versions.map((version) => `- ${version}`),
    `- ${Math.round(seconds / 60)} minutes in all`,
    '',
  ];
}
