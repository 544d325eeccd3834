/** Libraries in Python that learn a logistic regression online, row by row. */
import { dirname } from 'node:path';
import { int32 } from '../../src/table/buffers.js';
import type { NumericColumn } from '../../src/table/numeric-column.js';
import { type Bench, type Contender, type Parts, PythonCase } from '../harness/duel.js';
import { check, QUICK } from '../harness/measure.js';
import type { PythonPeer } from '../harness/python-peer.js';
import { SIZE, type SparseRows } from '../harness/sparse-rows.js';

/** Rows that scikit-learn gets at a time: it steps row by row, so more cost it nothing but delay. */
const PEER_BATCH = 1024;
const GOAL = 3;
/** Steps that scikit-learn may choose from, by its log-loss. */
const RATES = [0.003, 0.01, 0.03, 0.1];
/** The first rows, which river gets: it takes a minute and more for all. */
const RIVER_ROWS = QUICK ? 8192 : 100_000;

/** The indices of all rows, which have equally many, and their labels. */
function arraysOf({ rows, batches }: SparseRows) {
  const parts = batches.map((table) => table.column('features', 'sparseVector'));
  const entries = parts[0]!.indices.length / parts[0]!.length;
  const indices = int32(rows * entries);
  const labels = new Float64Array(rows);
  let at = 0;
  for (const [b, { indices: own, length }] of parts.entries()) {
    check(own.length === length * entries, 'flights have equally many features');
    indices.set(own, at * entries);
    labels.set((batches[b]!.column('label') as NumericColumn<Float64Array>).values, at);
    at += length;
  }
  return { indices, labels, entries };
}

/** A library that has learned once, and the log-loss that it came to. */
export interface Learner {
  readonly contender: Contender;
  readonly logLoss: number;
  close(): Promise<void>;
}

/** Opens a case, and has it choose its step by the log-loss. */
async function learnerOf(
  { report }: Bench,
  process: PythonPeer,
  name: string,
  data: object,
  { who, ...others }: Omit<Contender, 'run'> & { readonly rows: number },
): Promise<Learner> {
  const opened = await PythonCase.open(process, name, data);
  const { logLoss, ...chosen } = await opened.facts();
  const of = Object.entries(chosen).map(([key, value]) => `${key} ${value}`);
  report.note(`${others.rows} flights, ${who}, ${of.join(', ')}: log-loss`, Number(logLoss), '');
  return {
    contender: { ...others, who, run: () => opened.run() },
    logLoss: Number(logLoss),
    close: () => opened.close(),
  };
}

/** All that learn row by row, so that they are measured once, whatever Gyre's batches are. */
export async function openLearners(
  bench: Bench,
  flights: SparseRows,
  processes: { readonly vowpal: PythonPeer | null; readonly river: PythonPeer | null },
): Promise<Learner[]> {
  const { files, python } = bench;
  if (python === null) return [];
  const { rows } = flights;
  const { indices, labels, entries } = arraysOf(flights);
  const data = {
    indices: files.write('indices.i32', indices),
    labels: files.write('labels.f64', labels),
    entries,
  };
  const sklearn = { ...data, size: SIZE, batch: PEER_BATCH, rates: RATES };
  const who = 'scikit-learn partial_fit';
  const learners = [
    await learnerOf(bench, python, 'partial_fit', sklearn, { who, rows, goal: GOAL }),
  ];
  const { vowpal, river } = processes;
  if (vowpal !== null) {
    const own = { ...data, size: SIZE, folder: dirname(data.labels) };
    const named = { who: 'Vowpal Wabbit', rows };
    learners.push(await learnerOf(bench, vowpal, 'onePass', own, named));
  }
  if (river !== null) {
    const few = Math.min(RIVER_ROWS, rows);
    const named = { who: 'river', rows: few, scale: rows / few };
    learners.push(await learnerOf(bench, river, 'oneByOne', { ...data, rows: few }, named));
  }
  return learners;
}

/** Gives its samples again once they are taken: they depend on nothing that is compared. */
export function takenOnce(contender: Contender): { readonly contender: Contender; again(): void } {
  const taken: Parts[] = [];
  let at: number | null = null;
  const run = async (): Promise<Parts> => {
    if (at === null) {
      taken.push(await contender.run());
      return taken.at(-1)!;
    }
    return taken[at++ % taken.length]!;
  };
  return {
    contender: { ...contender, run },
    again: () => {
      at = 0;
    },
  };
}
