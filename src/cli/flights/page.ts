/** The page that `gyre demo flights` writes: one file, nothing is loaded from elsewhere. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Airport } from '../airports.js';
import { comparison, count, decimal, percent, seconds } from '../format.js';
import { LATE_MINUTES } from './features.js';
import { busiestAirports, byHour, byProbability, type Group } from './insights.js';
import type { FlightsResult } from './job.js';
import type { PageData } from './page-data.js';
import { PAGE_STYLE } from './page-style.js';

/** What the page says of the run beside its result. */
export interface PageFacts {
  readonly version: string;
  readonly threads: number;
  readonly kernels: string;
  readonly batchSize: number;
  readonly alpha: number;
  readonly beta: number;
  /** Airports by code; one that is not there is shown by its code. */
  readonly airports: ReadonlyMap<string, Airport>;
}

const AIRPORTS = 12;
const PROBABILITY_BINS = 20;
/** A point of the calibration chart stands for at least this share of the flights. */
const LEAST_SHARE = 2e-4;

/** The page as HTML. */
export function flightsPage(result: FlightsResult, facts: PageFacts): string {
  const title = `Learning from ${count(result.totals.rows)} flights, one batch at a time`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)} · Gyre</title>
<style>${asset('uplot/dist/uPlot.min.css')}${PAGE_STYLE}</style>
</head>
<body>
<main>
<h1>${html(title)}</h1>
<p class="lead">Will a flight be more than ${LATE_MINUTES} minutes late? The model answers for every
flight before it sees what happened, then learns from it. It starts knowing nothing.</p>
${cards(result, facts)}
<div class="panels">
${panel('log-loss', 'Learning curve', windowText(result, 'Log-loss, lower is better: what a prediction costs on average'), true)}
${panel('auc', 'Ranking', windowText(result, 'AUC, higher is better: how often a late flight was given a higher probability than one on time'), true)}
${panel('late', 'Bad days', windowText(result, 'Share of late flights, and the mean of what was predicted before learning from them'), true)}
${panel('hours', 'Delays add up over the day', 'Share of late flights by hour of departure, and what was predicted.')}
${panel('calibration', 'Do the probabilities hold?', 'Of the flights that were given a probability, how many were late.')}
${airportsPanel(result, facts)}
</div>
<footer>${footer(result, facts)}</footer>
</main>
<script type="application/json" id="data">${json(pageData(result))}</script>
<script>${asset('uplot/dist/uPlot.iife.min.js')}</script>
<script type="module">${chartScript()}</script>
</body>
</html>
`;
}

function cards({ totals, modelVersion, seconds: times }: FlightsResult, facts: PageFacts): string {
  const { threads, kernels } = facts;
  const cells: [string, string, string][] = [
    ['Log-loss', decimal(totals.logLoss), comparison(totals.logLoss, totals.baseLogLoss)],
    ['AUC', decimal(totals.auc), 'over all flights; 0.5 is chance'],
    ['Flights per second', count(totals.rows / times.total), `${seconds(times.total)} in all`],
    ['Model versions', count(modelVersion), `one for every ${count(facts.batchSize)} flights`],
    ['Late flights', percent(totals.positives / totals.rows), `${count(totals.positives)} flights`],
    ['Threads', String(threads), `kernels: ${kernels}`],
  ];
  const cell = ([name, value, note]: [string, string, string]): string =>
    `<div><dt>${html(name)}</dt><dd class="value">${html(value)}</dd><dd class="note">${html(note)}</dd></div>`;
  return `<dl class="cards">${cells.map(cell).join('')}</dl>`;
}

function panel(id: string, title: string, text: string, wide = false): string {
  return `<section${wide ? ' class="wide"' : ''}><h2>${html(title)}</h2><p>${html(text)}</p><div class="chart" id="${id}"></div></section>`;
}

const windowText = ({ windows }: FlightsResult, what: string): string =>
  `${what}. A window is ${count(windows[0]?.rows ?? 0)} flights.`;

function airportsPanel(result: FlightsResult, { airports: known }: PageFacts): string {
  const { log, probabilities, labels } = result;
  const airports = busiestAirports(AIRPORTS, log, probabilities, labels);
  const most = Math.max(...airports.flatMap(({ late, predicted }) => [late, predicted]), 0.01);
  const width = (share: number): string => `${((share / most) * 100).toFixed(1)}%`;
  const row = (group: Group & { readonly airport: string }): string => {
    const { airport, flights, late, predicted } = group;
    return `<tr><td><b>${html(airport)}</b></td><td>${html(known.get(airport)?.city ?? '')}</td>
<td class="number">${count(flights)}</td><td class="number">${percent(late)}</td><td class="number">${percent(predicted)}</td>
<td class="meter"><div><i style="width:${width(late)}"></i><b style="left:${width(predicted)}"></b></div></td></tr>`;
  };
  return `<section class="wide"><h2>The busiest airports</h2>
<p>Departures, the share that was late (bar), and the mean of what was predicted (mark).</p>
<div class="scroll"><table class="airports"><thead><tr><th></th><th>Airport</th><th class="number">Flights</th>
<th class="number">Late</th><th class="number">Predicted</th><th></th></tr></thead>
<tbody>${airports.map(row).join('\n')}</tbody></table></div></section>`;
}

function footer({ seconds: times }: FlightsResult, facts: PageFacts): string {
  const { version, batchSize, alpha, beta } = facts;
  return `Made by <code>gyre demo flights</code>, Gyre ${html(version)}, Node ${process.versions.node}:
logistic regression, FTRL-proximal, alpha ${alpha}, beta ${beta}, batches of ${count(batchSize)}. Reading ${seconds(times.reading)},
features ${seconds(times.features)}, hashing ${seconds(times.hashing)}, learning and measuring ${seconds(times.learning)}.
Outcomes are learned as soon as a batch is full; in life some of its flights would still be in the air.
Data: flights-3m of vega-datasets, from the U.S. Bureau of Transportation Statistics.`;
}

function pageData(result: FlightsResult): PageData {
  const { windows, log, probabilities, labels, totals } = result;
  const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
  const hours = byHour(log, probabilities, labels);
  const least = Math.max(20, totals.rows * LEAST_SHARE);
  const bins = byProbability(PROBABILITY_BINS, probabilities, labels).filter(
    ({ flights }) => flights >= least,
  );
  return {
    curve: {
      time: windows.map(({ rows }) => log.minutes[rows - 1]! * 60),
      rows: windows.map(({ rows }) => rows),
      logLoss: windows.map(({ logLoss }) => logLoss),
      windowLogLoss: windows.map(({ windowLogLoss }) => windowLogLoss),
      auc: windows.map(({ auc }) => orNull(auc)),
      windowAuc: windows.map(({ windowAuc }) => orNull(windowAuc)),
      late: windows.map(({ positiveShare }) => positiveShare),
      predicted: windows.map(({ meanProbability }) => meanProbability),
    },
    baseLogLoss: totals.baseLogLoss,
    hours: {
      late: hours.map(({ flights, late }) => (flights === 0 ? null : late)),
      predicted: hours.map(({ flights, predicted }) => (flights === 0 ? null : predicted)),
    },
    calibration: {
      predicted: bins.map(({ predicted }) => predicted),
      late: bins.map(({ late }) => late),
      flights: bins.map(({ flights }) => flights),
    },
  };
}

/** JSON that cannot end the script element it stands in. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

const asset = (specifier: string): string =>
  readFileSync(createRequire(import.meta.url).resolve(specifier), 'utf8').trim();

/** The compiled script beside this file. */
const chartScript = (): string =>
  readFileSync(new URL('./charts.js', import.meta.url), 'utf8')
    .replace(/^\/\/# sourceMappingURL=.*$/m, '')
    .trim();

const html = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
