/**
 * The charts of the flights page. Runs in the browser: the compiled file is put into the page as it
 * stands, after uPlot, so it imports types only.
 */
import type UPlot from 'uplot';
import type { PageData } from './page-data.js';

declare const uPlot: typeof UPlot;

interface Chart {
  readonly id: string;
  readonly options: (theme: Theme) => Omit<UPlot.Options, 'width' | 'height'>;
  readonly data: UPlot.AlignedData;
}

/** Colours by the style sheet's names, for light and for dark. */
type Theme = (name: string) => string;

const data = JSON.parse(document.getElementById('data')!.textContent!) as PageData;
const { curve, hours, calibration, baseLogLoss } = data;
const FONT = '12px system-ui, sans-serif';
const HEIGHT = 300;
const percent = (digits: number) => (value: number) => `${(value * 100).toFixed(digits)} %`;
const fixed = (digits: number) => (value: number) => value.toFixed(digits);

/** The values under the cursor, or a dash where there are none. */
const legend =
  (format: (value: number) => string): UPlot.Series.Value =>
  (_chart, value: number | null) =>
    value === null || value === undefined ? '–' : format(value);

const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', timeZone: 'UTC' };
const MINUTE: Intl.DateTimeFormatOptions = { ...DAY, hour: '2-digit', minute: '2-digit' };
const dateText = (seconds: number, form: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat('en-GB', form).format(seconds * 1000);

function axis(theme: Theme, label: string, values: (value: number) => string): UPlot.Axis {
  return {
    label,
    labelFont: FONT,
    font: FONT,
    labelSize: 22,
    stroke: theme('muted'),
    grid: { stroke: theme('grid'), width: 1 },
    ticks: { stroke: theme('grid'), width: 1, size: 4 },
    values: (_chart, splits) => splits.map((split) => (split === null ? '' : values(split))),
  };
}

function timeChart(
  theme: Theme,
  label: string,
  digits: number,
  series: UPlot.Series[],
): Omit<UPlot.Options, 'width' | 'height'> {
  const span = curve.time[curve.time.length - 1]! - curve.time[0]!;
  const form = span > 4 * 86_400 ? DAY : MINUTE;
  return {
    // Dates are local times of the airports: shown as they stand, whatever zone the reader is in.
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { sync: { key: 'time' } },
    axes: [
      axis(theme, 'departure', (seconds) => dateText(seconds, form)),
      { ...axis(theme, label, fixed(digits)), size: 58 },
    ],
    series: [
      {
        label: 'until',
        value: (_chart, seconds: number | null, _series, i) =>
          seconds === null || i === null
            ? '–'
            : `${dateText(seconds, MINUTE)}, ${curve.rows[i]!.toLocaleString('en-US')} flights`,
      },
      ...series.map((line) => ({ ...line, value: legend(fixed(4)) })),
    ],
  };
}

/** Keeps the early, steep part of a curve from pressing the rest into a line. */
function padded(
  values: readonly (number | null)[][],
  include: readonly number[] = [],
): [number, number] {
  const finite = values.flat().filter((value): value is number => Number.isFinite(value));
  const sorted = [...finite].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [Math.min(at(0.005), ...include), Math.max(at(0.995), ...include)];
  const margin = (high - low || 0.1) * 0.06;
  return [low - margin, high + margin];
}

const columns = (...values: readonly (readonly (number | null)[])[]): UPlot.AlignedData =>
  values.map((column) => [...column]) as unknown as UPlot.AlignedData;

const charts: readonly Chart[] = [
  {
    id: 'log-loss',
    data: columns(
      curve.time,
      curve.windowLogLoss,
      curve.logLoss,
      curve.time.map(() => baseLogLoss),
    ),
    options: (theme) => ({
      ...timeChart(theme, 'log-loss (nats per flight)', 2, [
        { label: 'in the window', stroke: theme('faint'), width: 1.5 },
        { label: 'since the start', stroke: theme('accent'), width: 2.5 },
        { label: 'base rate', stroke: theme('warm'), width: 1.5, dash: [6, 5] },
      ]),
      scales: {
        y: { range: padded([[...curve.windowLogLoss], [...curve.logLoss]], [baseLogLoss]) },
      },
    }),
  },
  {
    id: 'auc',
    data: columns(curve.time, curve.windowAuc, curve.auc),
    options: (theme) => ({
      ...timeChart(theme, 'AUC', 2, [
        { label: 'in the window', stroke: theme('faint'), width: 1.5 },
        { label: 'since the start', stroke: theme('accent'), width: 2.5 },
      ]),
      scales: { y: { range: padded([[...curve.windowAuc], [...curve.auc]]) } },
    }),
  },
  {
    id: 'hours',
    data: columns([...hours.late.keys()], hours.late, hours.predicted),
    options: (theme) => ({
      scales: { x: { time: false, range: [-0.7, 23.7] }, y: { range: fromZero(hours) } },
      axes: [
        {
          ...axis(theme, 'hour of departure', (hour) => String(hour)),
          splits: [0, 3, 6, 9, 12, 15, 18, 21],
          grid: { show: false },
        },
        { ...axis(theme, 'late flights', percent(0)), size: 58 },
      ],
      series: [
        { label: 'hour', value: legend((hour) => `${String(hour).padStart(2, '0')}:00`) },
        {
          label: 'late',
          fill: theme('bar'),
          stroke: theme('bar'),
          paths: uPlot.paths.bars!({ size: [0.72, 60], radius: 0.15 }),
          points: { show: false },
          value: legend(percent(1)),
        },
        {
          label: 'predicted',
          stroke: theme('accent'),
          width: 2,
          points: { show: true, size: 7, fill: theme('card') },
          value: legend(percent(1)),
        },
      ],
    }),
  },
  {
    id: 'calibration',
    data: columns(calibration.predicted, calibration.predicted, calibration.late),
    options: (theme) => ({
      scales: { x: { time: false, range: [0, 1] }, y: { range: [0, 1] } },
      axes: [
        axis(theme, 'predicted probability', percent(0)),
        { ...axis(theme, 'late flights', percent(0)), size: 58 },
      ],
      series: [
        {
          label: 'predicted',
          value: (_chart, value: number | null, _series, i) =>
            value === null || i === null
              ? '–'
              : `${percent(1)(value)}, ${calibration.flights[i]!.toLocaleString('en-US')} flights`,
        },
        {
          label: 'perfect',
          stroke: theme('warm'),
          width: 1.5,
          dash: [6, 5],
          points: { show: false },
          value: legend(percent(1)),
        },
        {
          label: 'late',
          stroke: theme('accent'),
          width: 2,
          points: { show: true, size: 7, fill: theme('card') },
          value: legend(percent(1)),
        },
      ],
    }),
  },
];

function fromZero({ late, predicted }: PageData['hours']): [number, number] {
  return [0, Math.max(0.01, ...late.map(Number), ...predicted.map(Number)) * 1.1];
}

function draw(): (() => void)[] {
  const style = getComputedStyle(document.documentElement);
  const theme: Theme = (name) => style.getPropertyValue(`--${name}`).trim();
  return charts.map((chart) => {
    const parent = document.getElementById(chart.id)!;
    const plot = new uPlot(
      { ...chart.options(theme), width: parent.clientWidth, height: HEIGHT },
      chart.data,
      parent,
    );
    const resizes = new ResizeObserver(() => {
      plot.setSize({ width: parent.clientWidth, height: HEIGHT });
    });
    resizes.observe(parent);
    return () => {
      resizes.disconnect();
      plot.destroy();
    };
  });
}

let remove = draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const one of remove) one();
  remove = draw();
});
