/** The page of `gyre bench`: throughputs as bars, and over the number of rows. */
import { basename } from 'node:path';
import {
  type BenchmarkFigures,
  type BenchmarkResult,
  isMeasured,
} from '../benchmark/run-benchmarks.js';
import { count, seconds, short } from './format.js';
import { html, page, type Section } from './plot/page.js';

const WIDTH = 860;
const BAR_HEIGHT = 26;
/** Where bars begin and end; names are before, numbers behind. */
const [BAR_LEFT, BAR_RIGHT] = [300, WIDTH - 90];
const CURVE_HEIGHT = 240;
const [CURVE_LEFT, CURVE_RIGHT] = [60, WIDTH - 20];
const [CURVE_TOP, CURVE_BOTTOM] = [12, CURVE_HEIGHT - 36];

interface Measured {
  readonly name: string;
  /** The stage with its params: entries that have the same differ in their input. */
  readonly stage: string;
  readonly figures: BenchmarkFigures;
}

/** The page as HTML; it loads nothing and runs no script. */
export function benchPage(
  config: string,
  results: readonly BenchmarkResult[],
  machine: string,
): string {
  const measured = results.flatMap(({ name, json, results: figures }): Measured[] =>
    isMeasured(figures) ? [{ name, stage: stageOf(json), figures }] : [],
  );
  const lead = `${measured.length} of ${results.length} benchmarks of ${basename(config)} on ${machine}.`;
  const sections = [
    ...(measured.length > 0 ? [bars(measured)] : []),
    ...curves(measured),
    ...results.flatMap(failure),
  ];
  return page('Benchmarks', lead, sections);
}

const stageOf = (json: unknown): string =>
  JSON.stringify((json as { readonly stage: unknown }).stage);

/** Throughputs differ by orders of magnitude: lengths go by their logarithms. */
function bars(measured: readonly Measured[]): Section {
  const powers = measured.map(({ figures }) => Math.log10(figures.inputThroughput));
  const low = Math.floor(Math.min(...powers));
  const high = Math.max(low + 1, Math.ceil(Math.max(...powers)));
  const x = (power: number): number =>
    BAR_LEFT + ((power - low) / (high - low)) * (BAR_RIGHT - BAR_LEFT);
  const height = (measured.length + 1) * BAR_HEIGHT;
  const grid = Array.from({ length: high - low + 1 }, (_, i) => {
    const at = x(low + i).toFixed(1);
    return `<path class="grid" d="M${at} 0V${height - 20}"/><text x="${at}" y="${height - 6}" text-anchor="middle">${short(10 ** (low + i))}</text>`;
  });
  const rows = measured.map(({ name, figures }, i) => {
    const middle = i * BAR_HEIGHT + BAR_HEIGHT / 2;
    const end = x(powers[i]!).toFixed(1);
    const title = `${count(figures.inputRecordNum)} rows in ${seconds(figures.totalTimeMs / 1000)}`;
    return `<text x="${BAR_LEFT - 8}" y="${middle}" text-anchor="end" dominant-baseline="middle">${html(shortened(name))}</text><path d="M${BAR_LEFT} ${middle}H${end}" stroke="var(--line)" stroke-width="14"><title>${html(`${name}: ${title}`)}</title></path><text x="${Number(end) + 6}" y="${middle}" dominant-baseline="middle">${short(figures.inputThroughput)}</text>`;
  });
  return {
    title: 'Rows a second',
    text: 'Rows of the input by the whole time, in which they are made as well. The scale is logarithmic.',
    drawing: svg(height, 'Rows a second', [...grid, ...rows]),
  };
}

/** A stage on inputs of several sizes: how its throughput goes with them. */
function curves(measured: readonly Measured[]): Section[] {
  const stages = new Map<string, Measured[]>();
  for (const each of measured) {
    const same = stages.get(each.stage);
    if (same === undefined) stages.set(each.stage, [each]);
    else same.push(each);
  }
  return [...stages.values()].flatMap((entries) => {
    const sizes = new Set(entries.map(({ figures }) => figures.inputRecordNum));
    return sizes.size > 1 ? [curve(entries)] : [];
  });
}

function curve(entries: readonly Measured[]): Section {
  const points = entries
    .map(({ figures }) => [figures.inputRecordNum, figures.inputThroughput] as const)
    .sort(([a], [b]) => a - b);
  const [least, most] = [points[0]![0], points.at(-1)![0]];
  const top = Math.max(...points.map(([, throughput]) => throughput));
  const x = (rows: number): string =>
    (CURVE_LEFT + ((rows - least) / (most - least)) * (CURVE_RIGHT - CURVE_LEFT)).toFixed(1);
  const y = (throughput: number): string =>
    (CURVE_BOTTOM - (throughput / top) * (CURVE_BOTTOM - CURVE_TOP)).toFixed(1);
  const ticks = [0, top / 2, top].map(
    (value) =>
      `<path class="grid" d="M${CURVE_LEFT} ${y(value)}H${CURVE_RIGHT}"/><text x="${CURVE_LEFT - 6}" y="${y(value)}" text-anchor="end" dominant-baseline="middle">${short(value)}</text>`,
  );
  const sizes = [least, most].map(
    (rows, i) =>
      `<text x="${x(rows)}" y="${CURVE_HEIGHT - 12}" text-anchor="${i === 0 ? 'start' : 'end'}">${count(rows)} rows</text>`,
  );
  const line = points.map(([rows, throughput]) => `${x(rows)},${y(throughput)}`).join(' ');
  const dots = points.map(
    ([rows, throughput]) =>
      `<circle cx="${x(rows)}" cy="${y(throughput)}" r="4" fill="var(--line)"/>`,
  );
  return {
    title: entries.map(({ name }) => name).join(', '),
    text: 'Rows a second by rows of the input.',
    drawing: svg(CURVE_HEIGHT, 'Rows a second by rows of the input', [
      ...ticks,
      ...sizes,
      `<polyline class="line" points="${line}"/>`,
      ...dots,
    ]),
  };
}

function failure({ name, results }: BenchmarkResult): Section[] {
  if (isMeasured(results)) return [];
  return [{ title: `${name} failed`, text: results.exception, drawing: '' }];
}

const shortened = (name: string): string => (name.length > 38 ? `${name.slice(0, 37)}…` : name);

const svg = (height: number, label: string, parts: readonly string[]): string =>
  `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${html(label)}">${parts.join('')}</svg>`;
