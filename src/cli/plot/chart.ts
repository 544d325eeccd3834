/** A value over time, as lines of text and as SVG. */
import { Canvas } from './canvas.js';

/** Points of a chart at most; more are averaged. */
const MAX_POINTS = 400;

/** One value for each step. */
export interface Series {
  readonly label: string;
  readonly values: readonly number[];
  /** Of the y axis, for a step that has no value of its own in it. */
  readonly digits: number;
}

/** The lowest and the highest value, a little apart. */
export function rangeOf(values: readonly number[]): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return [0, 1];
  const margin = (high - low || Math.abs(high) || 1) * 0.05;
  return [low - margin, high + margin];
}

/** Values in at most {@link MAX_POINTS} groups of neighbours, by their means. */
export function thinned(values: readonly number[]): number[] {
  const points = Math.min(values.length, MAX_POINTS);
  return Array.from({ length: points }, (_, i) => {
    const start = Math.floor((values.length * i) / points);
    const group = values.slice(start, Math.floor((values.length * (i + 1)) / points));
    return group.reduce((sum, value) => sum + value, 0) / group.length;
  });
}

/** The chart as text of a size in characters: the label above, the range at the side. */
export function textChart(
  { label, values, digits }: Series,
  steps: number,
  columns: number,
  rows: number,
): string[] {
  const points = thinned(values);
  const y = rangeOf(points);
  const scale = points.length / Math.max(values.length, 1);
  const canvas = new Canvas(columns, rows, { x: [0, Math.max(1, steps * scale - 1)], y });
  canvas.line(points.map((value, i) => [i, value]));
  const ends = [y[1].toFixed(digits), y[0].toFixed(digits)] as const;
  const width = Math.max(...ends.map((text) => text.length));
  const lines = canvas.lines().map((line, i) => {
    const end = i === 0 ? ends[0] : i === rows - 1 ? ends[1] : '';
    return `${end.padStart(width)} ${line}`;
  });
  return [label, ...lines];
}
