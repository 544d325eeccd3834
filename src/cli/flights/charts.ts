/**
 * The charts of the flights page. Runs in the browser: the compiled file is put into the page as it
 * stands, after uPlot, so it imports types only.
 */
import type UPlot from 'uplot';
import type { PageData } from './page-data.js';

declare const uPlot: typeof UPlot;

type Values = readonly (number | null)[];
type Format = (value: number) => string;

/** A line of a chart; colours are names in the style sheet. */
interface Line {
  readonly label: string;
  readonly values: Values;
  readonly color: string;
  readonly format: Format;
  readonly look?: 'thin' | 'dashed' | 'bars' | 'points';
}

interface Chart {
  /** The element to draw in. */
  readonly id: string;
  readonly x: {
    readonly values: readonly number[];
    /** Of the axis. */
    readonly title: string;
    /** In the legend. */
    readonly label: string;
    readonly format: Format;
    /** The legend's text for a point. */
    readonly describe: (point: number) => string;
    readonly range?: readonly [number, number];
    readonly ticks?: readonly number[];
  };
  readonly y: {
    readonly title: string;
    readonly format: Format;
    readonly range: readonly [number, number];
  };
  readonly lines: readonly Line[];
  /** Charts over time share a cursor, and show their end when there is none. */
  readonly overTime?: boolean;
}

const { curve, hours, calibration, baseLogLoss } = JSON.parse(
  document.getElementById('data')!.textContent!,
) as PageData;

const HEIGHT = 300;
const FONT = '12px system-ui, sans-serif';
const NOTHING = '–';
/** Steps between ticks whose labels need no more than two digits. */
const TICK_STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

const percent =
  (digits: number): Format =>
  (value) =>
    `${(value * 100).toFixed(digits)} %`;
const fixed =
  (digits: number): Format =>
  (value) =>
    value.toFixed(digits);
const count: Format = (value) => value.toLocaleString('en-US');

const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', timeZone: 'UTC' };
const MINUTE: Intl.DateTimeFormatOptions = { ...DAY, hour: '2-digit', minute: '2-digit' };
const dateText = (seconds: number, form: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat('en-GB', form).format(seconds * 1000);

/** From the lowest to the highest value, without the few that would press the rest together. */
function rangeOf(all: readonly Values[], include: readonly number[] = []): [number, number] {
  const sorted = all.flatMap((values) => values.filter((value) => value !== null));
  sorted.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const low = Math.min(at(0.005), ...include);
  const high = Math.max(at(0.995), ...include);
  const margin = (high - low || 0.1) * 0.06;
  return [low - margin, high + margin];
}

const fromZero = (...all: readonly Values[]): [number, number] => [
  0,
  Math.max(0.01, ...all.flat().map(Number)) * 1.1,
];

const start = curve.time[0] ?? 0;
const end = curve.time.at(-1) ?? 0;
const time: Chart['x'] = {
  values: curve.time,
  title: `departure, ${new Date(end * 1000).getUTCFullYear()}`,
  label: 'until',
  format: (seconds) => dateText(seconds, end - start > 4 * 86_400 ? DAY : MINUTE),
  describe: (i) => `${dateText(curve.time[i]!, MINUTE)}, ${count(curve.rows[i]!)} flights`,
};

const charts: readonly Chart[] = [
  {
    id: 'log-loss',
    overTime: true,
    x: time,
    y: {
      title: 'log-loss, nats per flight',
      format: fixed(2),
      range: rangeOf([curve.windowLogLoss, curve.logLoss], [baseLogLoss]),
    },
    lines: [
      {
        ...{ label: 'window', color: 'faint', look: 'thin' },
        ...{ values: curve.windowLogLoss, format: fixed(4) },
      },
      { label: 'since the start', color: 'accent', values: curve.logLoss, format: fixed(4) },
      {
        ...{ label: 'base rate', color: 'warm', look: 'dashed' },
        ...{ values: curve.time.map(() => baseLogLoss), format: fixed(4) },
      },
    ],
  },
  {
    id: 'auc',
    overTime: true,
    x: time,
    y: { title: 'AUC', format: fixed(2), range: rangeOf([curve.windowAuc, curve.auc]) },
    lines: [
      {
        ...{ label: 'window', color: 'faint', look: 'thin' },
        ...{ values: curve.windowAuc, format: fixed(4) },
      },
      { label: 'since the start', color: 'accent', values: curve.auc, format: fixed(4) },
    ],
  },
  {
    id: 'late',
    overTime: true,
    x: time,
    y: { title: 'late flights', format: percent(0), range: fromZero(curve.late, curve.predicted) },
    lines: [
      {
        ...{ label: 'late', color: 'bar', look: 'bars' },
        ...{ values: curve.late, format: percent(1) },
      },
      { label: 'predicted', color: 'accent', values: curve.predicted, format: percent(1) },
    ],
  },
  {
    id: 'hours',
    x: {
      values: [...hours.late.keys()],
      title: 'hour of departure',
      label: 'hour',
      format: String,
      describe: (hour) => `${String(hour).padStart(2, '0')}:00`,
      range: [-0.7, 23.7],
      ticks: [0, 3, 6, 9, 12, 15, 18, 21],
    },
    y: { title: 'late flights', format: percent(0), range: fromZero(hours.late, hours.predicted) },
    lines: [
      {
        ...{ label: 'late', color: 'bar', look: 'bars' },
        ...{ values: hours.late, format: percent(1) },
      },
      {
        ...{ label: 'predicted', color: 'accent', look: 'points' },
        ...{ values: hours.predicted, format: percent(1) },
      },
    ],
  },
  {
    id: 'calibration',
    x: {
      values: calibration.predicted,
      title: 'predicted probability',
      label: 'predicted',
      format: percent(0),
      describe: (i) =>
        `${percent(1)(calibration.predicted[i]!)}, ${count(calibration.flights[i]!)} flights`,
      range: [0, 1],
    },
    y: { title: 'late flights', format: percent(0), range: [0, 1] },
    lines: [
      {
        ...{ label: 'perfect', color: 'warm', look: 'dashed' },
        ...{ values: calibration.predicted, format: percent(1) },
      },
      {
        ...{ label: 'late', color: 'accent', look: 'points' },
        ...{ values: calibration.late, format: percent(1) },
      },
    ],
  },
];

function seriesOf(line: Line, color: (name: string) => string, atRest: number | null) {
  const { label, values, format, look } = line;
  const stroke = color(line.color);
  const series: UPlot.Series = {
    label,
    stroke,
    width: look === 'thin' || look === 'dashed' ? 1.5 : 2.5,
    points: look === 'points' ? { show: true, size: 7, fill: color('card') } : { show: false },
    value: (_chart, _value, _series, point) => {
      const value = values[point ?? atRest ?? -1];
      return value === null || value === undefined ? NOTHING : format(value);
    },
  };
  if (look === 'dashed') series.dash = [6, 5];
  if (look === 'bars') {
    series.fill = stroke;
    series.paths = uPlot.paths.bars!({ size: [0.75, 60], radius: 0.15 });
  }
  return series;
}

function axisOf(title: string, format: Format, color: (name: string) => string): UPlot.Axis {
  return {
    label: title,
    labelFont: FONT,
    font: FONT,
    labelSize: 22,
    labelGap: 2,
    stroke: color('muted'),
    grid: { stroke: color('grid'), width: 1 },
    ticks: { stroke: color('grid'), width: 1, size: 4 },
    values: (_chart, splits) => splits.map((split) => (split === null ? '' : format(split))),
  };
}

function optionsOf({ x, y, lines, overTime = false }: Chart, color: (name: string) => string) {
  const atRest = overTime ? x.values.length - 1 : null;
  const xAxis = { ...axisOf(x.title, x.format, color), size: 28 };
  if (x.ticks !== undefined) xAxis.splits = [...x.ticks];
  const options: Omit<UPlot.Options, 'width' | 'height'> = {
    // Dates are local times of the airports: shown as they stand, whatever zone the reader is in.
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: overTime ? { sync: { key: 'time' } } : {},
    scales: {
      x: { time: overTime, ...(x.range && { range: [...x.range] as [number, number] }) },
      y: { range: [...y.range] },
    },
    axes: [xAxis, { ...axisOf(y.title, y.format, color), size: 52, incrs: TICK_STEPS }],
    series: [
      {
        label: x.label,
        value: (_chart, _value, _series, point) => {
          const shown = point ?? atRest;
          return shown === null || shown < 0 ? NOTHING : x.describe(shown);
        },
      },
      ...lines.map((line) => seriesOf(line, color, atRest)),
    ],
    legend: { markers: { width: 0, fill: (_chart, i) => color(lines[i - 1]!.color) } },
  };
  return options;
}

/** Draws all charts; the result takes them away again. */
function draw(): () => void {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const removals = charts.map((chart) => {
    const parent = document.getElementById(chart.id)!;
    const size = () => ({ width: parent.clientWidth, height: HEIGHT });
    const data = [chart.x.values, ...chart.lines.map(({ values }) => values)];
    const plot = new uPlot(
      { ...optionsOf(chart, color), ...size() },
      data.map((values) => [...values]) as unknown as UPlot.AlignedData,
      parent,
    );
    const resizes = new ResizeObserver(() => plot.setSize(size()));
    resizes.observe(parent);
    return () => {
      resizes.disconnect();
      plot.destroy();
    };
  });
  return () => {
    for (const remove of removals) remove();
  };
}

let remove = draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  remove();
  remove = draw();
});
