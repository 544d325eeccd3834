/**
 * LogisticRegression against scikit-learn's L-BFGS, plain and patched, and ml-logistic-regression, to
 * the same objective.
 */
import { Matrix } from 'ml-matrix';
import { Column, LogisticRegression, Table } from '../../src/index.js';
import {
  type Bench,
  type Contender,
  duel,
  type Parts,
  PythonCase,
  timed,
} from '../harness/duel.js';
import { startLibrary } from '../harness/library-peers.js';
import { check, QUICK } from '../harness/measure.js';
import type { PythonPeer } from '../harness/python-peer.js';
import { compareSteps } from './gradient-steps.js';
import { clouds, type LabelledRows } from './rows.js';

const REG = 1e-6;
/** How near to the optimum the objective must come, relative to it. */
const NEAR = 1e-6;
const GOALS = { sklearn: 1.5, npm: 100 };

interface Problem {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly classes: number;
  readonly spread: number;
  /** Rows that ml-logistic-regression gets; 0: it is left out. */
  readonly npmRows: number;
}

const PROBLEMS: readonly Problem[] = [
  {
    ...{ name: 'binary', dim: 100, classes: 2, spread: 0.1 },
    ...{ rows: QUICK ? 20_000 : 1_000_000, npmRows: QUICK ? 200 : 2000 },
  },
  {
    ...{ name: 'of 10 classes', dim: 784, classes: 10, spread: 0.05 },
    ...{ rows: QUICK ? 2000 : 60_000, npmRows: 0 },
  },
];

function fit({ features, labels, dim }: LabelledRows, maxIter: number, bench: Bench) {
  const table = Table.fromColumns({ features: Column.dense(features, dim), label: labels });
  const estimator = new LogisticRegression({
    ...{ solver: 'lbfgs', fitIntercept: true, reg: REG, tol: 0, maxIter },
  });
  return estimator.fit(table, { session: bench.session });
}

/** The fewest iterations that come near enough, and how far that is. */
async function fewestIterations(data: LabelledRows, bench: Bench, optimum: number) {
  const { summary } = await fit(data, 400, bench);
  const history = summary!.objectiveHistory;
  const own = Math.min(optimum, ...history);
  return { own, at: (best: number) => history.findIndex((f) => f <= best * (1 + NEAR)) };
}

async function compareProblem(
  problem: Problem,
  bench: Bench,
  intelex: PythonPeer | null,
): Promise<void> {
  const { files, python, report } = bench;
  const { rows, dim, classes, spread, npmRows } = problem;
  const what = `LogisticRegression, ${rows} x ${dim}, ${problem.name}, to ${NEAR} of the optimum`;
  const data = clouds(rows, dim, classes, spread);
  let optimum = Number.POSITIVE_INFINITY;
  const opened: { who: string; goal?: number; peer: PythonCase }[] = [];
  if (python !== null) {
    const names = {
      features: files.write('x.f64', data.features),
      labels: files.write('y.f64', data.labels),
    };
    const open = (process: PythonPeer) =>
      PythonCase.open(process, 'LogisticRegression', { ...names, rows, dim, reg: REG });
    const peer = await open(python);
    opened.push({ who: 'scikit-learn', goal: GOALS.sklearn, peer });
    if (intelex !== null) {
      opened.push({ who: 'scikit-learn-intelex', peer: await open(intelex) });
    }
    optimum = Number((await peer.facts()).objective);
  }
  const { own, at } = await fewestIterations(data, bench, optimum);
  const iterations = at(own);
  check(iterations > 0, `${what}: never as near`);
  report.note(`${what}: iterations`, iterations, '');
  const peers: Contender[] = [];
  for (const { who, peer, ...goal } of opened) {
    const found = await peer.facts({ below: own * (1 + NEAR) });
    report.note(`${what}, ${who}: iterations`, Number(found.iterations), '');
    const distance = Number(found.objective) / own - 1;
    report.note(`${what}, ${who}: objective above the optimum`, distance, '');
    peers.push({ who: `${who} lbfgs`, run: () => peer.run(), ...goal });
  }
  if (npmRows > 0) peers.push(await npmPeer(data, npmRows));
  const gyre = async (): Promise<Parts> => {
    const [seconds, { summary }] = await timed(() => fit(data, iterations, bench));
    const reached = summary!.objectiveHistory.at(-1)!;
    check(reached <= own * (1 + 1.01 * NEAR), `${what}: objective ${reached}, optimum ${own}`);
    return { fit: seconds };
  };
  await duel(bench, { what, amounts: { rows }, gyre, peers });
  for (const { peer } of opened) await peer.close();
  for (const name of ['x.f64', 'y.f64']) files.delete(name);
}

/** Gradient descent in steps of a fixed length: its first hundred steps, which are not enough. */
async function npmPeer(
  { rows, dim, features, labels }: LabelledRows,
  few: number,
): Promise<Contender> {
  const { default: Regression } = await import('ml-logistic-regression');
  const list = Array.from({ length: few }, (_, i) => [
    ...features.subarray(i * dim, (i + 1) * dim),
  ]);
  const [x, y] = [new Matrix(list), Matrix.columnVector([...labels.subarray(0, few)])];
  const run = async (): Promise<Parts> => {
    const [seconds] = await timed(() => {
      new Regression({ numSteps: 100, learningRate: 1e-4 }).train(x, y);
    });
    return { fit: seconds };
  };
  return { who: 'ml-logistic-regression, 100 steps', run, scale: rows / few, goal: GOALS.npm };
}

export async function compareLinear(bench: Bench): Promise<void> {
  const intelex = startLibrary(bench, 'intelex');
  for (const problem of PROBLEMS) await compareProblem(problem, bench, intelex);
  await intelex?.close();
  await compareSteps(bench);
}
