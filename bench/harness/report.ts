/** The report of one bench file: a table on standard output, and JSON in build/bench. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import CliTable from 'cli-table3';
import { describeMachine, type Load, readLoad, stolenBetween } from './machine.js';
import { QUICK } from './measure.js';
import { type Samples, type Summary, summarize } from './samples.js';

/** What one call does, by unit: `{ rows: 1000, B: 8000 }` becomes rows/s and B/s. */
export type Amounts = Readonly<Record<string, number>>;

/** A figure: how long a way to do something takes. */
export interface Figure {
  /** The question, such as a kernel and its shape; equal for peers. */
  readonly what: string;
  /** Who answers: a build, a number of threads, a peer. */
  readonly who: string;
  readonly samples: Samples;
  readonly amounts?: Amounts;
  /** The peer that this is compared with. */
  readonly against?: { readonly who: string; readonly samples: Samples } | undefined;
  /** What the machine can do at most, of a unit in `amounts`. */
  readonly roof?: { readonly unit: string; readonly perSecond: number } | undefined;
}

interface FigureRecord extends Summary {
  readonly what: string;
  readonly who: string;
  readonly perSecond: Amounts;
  readonly against: string | null;
  readonly timesFaster: number | null;
  readonly ofRoof: number | null;
}

/** A number that was measured and is no duration of a call. */
interface NoteRecord {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it should be: `'<= 10'`. */
  readonly goal: string | null;
  readonly reached: boolean | null;
}

const STEPS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Three digits and a decimal prefix: `12.3 M`. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return `${value} `;
  const [by, prefix] = STEPS.find(([least]) => Math.abs(value) >= least) ?? [1, ''];
  return `${Number((value / by).toPrecision(3))} ${prefix}`;
}

function duration(seconds: number): string {
  const ms = seconds * 1000;
  return ms < 0.1 ? `${(ms * 1000).toPrecision(3)} µs` : `${ms.toPrecision(3)} ms`;
}

/** Units that stand right behind their prefix. */
const SYMBOLS = ['B', 'flop'];

const perSecondText = (unit: string, rate: number): string =>
  SYMBOLS.includes(unit) ? `${short(rate)}${unit}/s` : `${short(rate).trim()} ${unit}/s`;

const times = (ratio: number): string => `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(1)}x`;

export class Report {
  readonly #name: string;
  readonly #question: string;
  readonly #before: Load = readLoad();
  readonly #start: number = performance.now();
  readonly #figures: FigureRecord[] = [];
  readonly #notes: NoteRecord[] = [];
  readonly #remarks: string[] = [];

  /** @param url `import.meta.url` of the bench file. */
  constructor(url: string, question: string) {
    this.#name = basename(fileURLToPath(url), '.js');
    this.#question = question;
  }

  add(figure: Figure): void {
    const { what, who, samples, amounts = {}, against, roof } = figure;
    const summary = summarize(samples);
    const { medianSeconds } = summary;
    const perSecond = Object.fromEntries(
      Object.entries(amounts).map(([unit, amount]) => [unit, amount / medianSeconds]),
    );
    const timesFaster =
      against === undefined ? null : summarize(against.samples).medianSeconds / medianSeconds;
    this.#figures.push({
      ...{ what, who, ...summary, perSecond, timesFaster },
      against: against?.who ?? null,
      ofRoof: roof === undefined ? null : perSecond[roof.unit]! / roof.perSecond,
    });
  }

  /** A number that is no duration of a call; `atMost` and `atLeast` are goals. */
  note(
    what: string,
    value: number,
    unit: string,
    { atMost, atLeast }: { readonly atMost?: number; readonly atLeast?: number } = {},
  ): void {
    let goal: string | null = null;
    let reached: boolean | null = null;
    if (atMost !== undefined) [goal, reached] = [`<= ${short(atMost)}`, value <= atMost];
    if (atLeast !== undefined) [goal, reached] = [`>= ${short(atLeast)}`, value >= atLeast];
    this.#notes.push({ what, value, unit, goal, reached });
  }

  /** A sentence on how the figures are to be read. */
  remark(text: string): void {
    this.#remarks.push(text);
  }

  /** Prints the report and writes it to build/bench. */
  end(): void {
    const after = readLoad();
    const stolen = stolenBetween(this.#before, after);
    const record = {
      name: this.#name,
      question: this.#question,
      date: new Date().toISOString(),
      seconds: (performance.now() - this.#start) / 1000,
      quick: QUICK,
      machine: describeMachine(),
      loadBefore: this.#before.average,
      loadAfter: after.average,
      stolen,
      figures: this.#figures,
      notes: this.#notes,
      remarks: this.#remarks,
    };
    console.log(`\n${this.#name}: ${this.#question}`);
    if (this.#figures.length > 0) console.log(this.#figureTable());
    if (this.#notes.length > 0) console.log(this.#noteTable());
    for (const remark of this.#remarks) console.log(remark);
    const { machine } = record;
    const { average } = this.#before;
    console.log(
      `${machine.cpu}, ${machine.cores} cores; Node ${machine.node}; ${machine.commit ?? 'no commit'}; ` +
        `load ${average.toFixed(2)} before, ${after.average.toFixed(2)} after` +
        `${stolen === null ? '' : `; ${(100 * stolen).toFixed(1)} % stolen`}` +
        `${QUICK ? '; QUICK: not for quoting' : ''}`,
    );
    const folder = new URL('../', import.meta.url);
    mkdirSync(folder, { recursive: true });
    writeFileSync(new URL(`${this.#name}.json`, folder), `${JSON.stringify(record, null, 2)}\n`);
  }

  #figureTable(): string {
    const table = plainTable(['', 'by', 'ops/s', '±', 'median', 'rates', 'against', 'of roof']);
    let last = '';
    for (const f of this.#figures) {
      const rates = Object.entries(f.perSecond).map(([unit, rate]) => perSecondText(unit, rate));
      table.push([
        f.what === last ? '' : f.what,
        f.who,
        short(f.opsPerSecond),
        Number.isNaN(f.rme) ? '' : `${f.rme.toFixed(1)} %`,
        duration(f.medianSeconds),
        rates.join('  '),
        f.timesFaster === null ? '' : `${times(f.timesFaster)} ${f.against}`,
        f.ofRoof === null ? '' : `${(100 * f.ofRoof).toFixed(0)} %`,
      ]);
      last = f.what;
    }
    return table.toString();
  }

  #noteTable(): string {
    const table = plainTable(['', 'value', 'goal', '']);
    for (const { what, value, unit, goal, reached } of this.#notes) {
      const verdict = reached === null ? '' : reached ? 'reached' : 'MISSED';
      const shown = `${unit === 'µs' ? `${value.toPrecision(3)} ` : short(value)}${unit}`;
      table.push([what, shown, goal === null ? '' : `${goal}${unit}`, verdict]);
    }
    return table.toString();
  }
}

function plainTable(head: string[]): CliTable.Table {
  return new CliTable({
    head,
    chars: {
      ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
      ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
      ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
      middle: ' ',
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
  });
}
