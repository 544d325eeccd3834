/** Lines over two logarithmic axes, as SVG in the style of the pages of the command line. */
import { html } from '../../src/cli/plot/page.js';
import { short } from '../harness/report.js';

/** A line; its points have an x and a y above 0. */
export interface Line {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LogChart {
  readonly label: string;
  /** What the axes count: `'rows'`, `'s'`. */
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
}

const [WIDTH, HEIGHT] = [860, 320];
const [LEFT, RIGHT, TOP, BOTTOM] = [70, WIDTH - 250, 12, HEIGHT - 40];
const COLORS = [
  '#0b62d6',
  '#d9480f',
  '#2b8a3e',
  '#9c36b5',
  '#e8590c',
  '#0c8599',
  '#868e96',
  '#c2255c',
];

/** Whole powers of ten around the values, at least one apart. */
function decades(values: readonly number[]): readonly [number, number] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  return [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))];
}

/** The chart, or nothing where there is no point. */
export function logChart({ label, x, y, lines }: LogChart): string {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) return '';
  const [left, right] = decades(points.map(([at]) => at));
  const [low, high] = decades(points.map(([, value]) => value));
  const placeX = (at: number): string =>
    (LEFT + ((Math.log10(at) - left) / (right - left)) * (RIGHT - LEFT)).toFixed(1);
  const placeY = (value: number): string =>
    (BOTTOM - ((Math.log10(value) - low) / (high - low)) * (BOTTOM - TOP)).toFixed(1);
  const parts = [
    ...powers(left, right).map((at) => {
      const place = placeX(at);
      return `<path class="grid" d="M${place} ${TOP}V${BOTTOM}"/><text x="${place}" y="${BOTTOM + 16}" text-anchor="middle">${short(at)}</text>`;
    }),
    ...powers(low, high).map((value) => {
      const place = placeY(value);
      return `<path class="grid" d="M${LEFT} ${place}H${RIGHT}"/><text x="${LEFT - 6}" y="${place}" text-anchor="end" dominant-baseline="middle">${amount(value, y)}</text>`;
    }),
    `<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${html(x)}</text>`,
    ...lines.map((line, i) => lineOf(line, i, placeX, placeY, y)),
  ];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${html(label)}">${parts.join('')}</svg>`;
}

function lineOf(
  { label, points }: Line,
  i: number,
  placeX: (at: number) => string,
  placeY: (value: number) => string,
  unit: string,
): string {
  const color = COLORS[i % COLORS.length]!;
  const path = points.map(([at, value]) => `${placeX(at)},${placeY(value)}`).join(' ');
  const dots = points.map(
    ([at, value]) =>
      `<circle cx="${placeX(at)}" cy="${placeY(value)}" r="3.5" fill="${color}"><title>${html(`${label}, ${short(at)}: ${amount(value, unit)}`)}</title></circle>`,
  );
  const name = `<rect x="${RIGHT + 18}" y="${TOP + 20 * i}" width="12" height="12" fill="${color}"/><text x="${RIGHT + 36}" y="${TOP + 20 * i + 10}">${html(label)}</text>`;
  return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}${name}`;
}

const powers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));

const amount = (value: number, unit: string): string =>
  unit === 's' && value < 1 ? `${short(value * 1e6)}µs` : `${short(value)}${unit}`;
