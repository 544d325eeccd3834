/** What does an empty round on two workers cost, against Piscina tasks and postMessage? */
import { once as onceEvent } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { train } from '../src/algorithm/train.js';
import { once } from '../src/engine/iterate.js';
import { Session } from '../src/engine/session.js';
import { Table } from '../src/table/table.js';
import { check, QUICK } from './harness/measure.js';
import { Report } from './harness/report.js';
import { median, quantile } from './harness/samples.js';
import { ArrayPartial, ArraySum, expectedSum } from './threads/all-reduce-operators.js';
import type { EmptyTrainingParams, Times } from './threads/empty-training.js';
import {
  CONTINUE,
  EmptyPartial,
  EmptyRound,
  EmptyUpdate,
  TIMES,
} from './threads/superstep-operators.js';

const THREADS = 2;
const MOST_ROUNDS = QUICK ? 1000 : 100_000;
/** A machine so busy that the rounds would take longer plays fewer. */
const TURN_SECONDS = 3;
/** Rounds that are not counted: code is compiled, threads wake up. */
const WARM_UP = QUICK ? 200 : 1000;
const TURNS = QUICK ? 1 : 3;
/** Numbers in the arrays of an all-reduce. */
const ARRAY_LENGTH = 1000;
const PEER_ROUNDS = QUICK ? 100 : 2000;

const report = new Report(
  import.meta.url,
  'what does an empty round on two workers cost, against Piscina tasks and postMessage?',
);
const session = new Session({ threads: THREADS });

/** Two subtasks with a head each, and a criteria stream of two: all are aligned every round. */
async function headsAndCriteria(rounds: number): Promise<Float64Array> {
  const job = session.job('empty rounds');
  const { times } = job.iterate({
    variables: [job.of([0, 0]).rebalance(THREADS)],
    body: ([variable]) => {
      const next = variable.process(EmptyRound, { rounds });
      return {
        feedback: [next],
        outputs: { times: next.side<Float64Array>(TIMES) },
        criteria: next.side(CONTINUE),
      };
    },
  });
  return times.output().last();
}

/** As trainings do it: the state is broadcast, partials are gathered, the next state fed back. */
async function broadcastAndGather(rounds: number): Promise<Float64Array> {
  const job = session.job('broadcast and gather');
  const { times } = job.iterate({
    variables: [job.of([0])],
    data: [once(job.of([0, 0]).rebalance(THREADS))],
    body: ([state], [data]) => {
      const partials = data.connect(state.broadcast()).process(EmptyPartial);
      const next = partials.gather().process(EmptyUpdate, { rounds });
      return {
        feedback: [next],
        outputs: { times: next.side<Float64Array>(TIMES) },
        criteria: next.side(CONTINUE),
      };
    },
  });
  return times.output().last();
}

/** The same with arrays of so many float64, which are added, and their sum fed back. */
async function allReduce(rounds: number): Promise<Float64Array> {
  const job = session.job('all-reduce');
  const { times } = job.iterate({
    variables: [job.of([expectedSum(ARRAY_LENGTH, 0)])],
    data: [once(job.of([0, 0]).rebalance(THREADS))],
    body: ([state], [data]) => {
      const partials = data.connect(state.broadcast()).process(ArrayPartial);
      const next = partials.gather().process(ArraySum, { rounds, subtasks: THREADS });
      return {
        feedback: [next],
        outputs: { times: next.side<Float64Array>(TIMES) },
        criteria: next.side(CONTINUE),
      };
    },
  });
  const [sum, ended] = await times.output().toArray();
  const expected = expectedSum(ARRAY_LENGTH, rounds);
  check(
    expected.every((x, i) => sum![i] === x),
    'the sum of an all-reduce',
  );
  return ended!;
}

/** The library's own seam, with its progress to the main thread every round. */
async function trainNothing(rounds: number): Promise<Float64Array> {
  const params: EmptyTrainingParams = { rounds };
  const module = new URL('./threads/empty-training.js', import.meta.url).href;
  const ref = { module, name: 'emptyTraining', params };
  const table = Table.fromColumns({ x: new Float64Array(2 * 4096) });
  const work = Number.POSITIVE_INFINITY;
  const times = await train<Times>('empty training', ref, table, null, work, { session });
  check(times !== null, 'the training ended without its times');
  return times!;
}

/** Durations of rounds in seconds, without the first ones. */
function durations(times: Float64Array): Float64Array {
  check(
    times.every((t) => t > 0),
    'a round was left out',
  );
  return times.subarray(WARM_UP).map((t, i) => (t - times[WARM_UP + i - 1]!) / 1000);
}

/** A fan-out: one task for each of two threads, both awaited. Returns seconds per round. */
async function piscinaRounds(pool: Piscina): Promise<Float64Array> {
  return playRounds(async (round) => {
    const answers = (await Promise.all([pool.run(round), pool.run(round)])) as number[];
    check(answers[0] === round && answers[1] === round, 'a task gave another answer');
  });
}

async function messageRounds(workers: readonly Worker[]): Promise<Float64Array> {
  let missing = 0;
  let done = (): void => {};
  const onMessage = (): void => {
    if (--missing === 0) done();
  };
  for (const worker of workers) worker.on('message', onMessage);
  const seconds = await playRounds((round) => {
    missing = workers.length;
    return new Promise<void>((resolve) => {
      done = resolve;
      for (const worker of workers) worker.postMessage(round);
    });
  });
  for (const worker of workers) worker.off('message', onMessage);
  return seconds;
}

async function playRounds(play: (round: number) => Promise<void>): Promise<Float64Array> {
  const warmUp = PEER_ROUNDS >> 2;
  const seconds = new Float64Array(PEER_ROUNDS);
  for (let round = -warmUp; round < PEER_ROUNDS; round++) {
    const start = performance.now();
    await play(round);
    if (round >= 0) seconds[round] = (performance.now() - start) / 1000;
  }
  return seconds;
}

const echo = new URL('./threads/echo-worker.js', import.meta.url);
const newPool = (atomics: 'sync' | 'disabled') =>
  new Piscina({
    filename: echo.href,
    name: 'echo',
    minThreads: THREADS,
    maxThreads: THREADS,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics,
  });
const pools = { sync: newPool('sync'), disabled: newPool('disabled') };
const workers = Array.from({ length: THREADS }, () => new Worker(echo));
await Promise.all(workers.map((worker) => onceEvent(worker, 'online')));

const ALL_REDUCE = `gyre, all-reduce of ${ARRAY_LENGTH} f64`;
const GYRE = {
  'gyre, 2 heads and criteria': headsAndCriteria,
  'gyre, broadcast and gather': broadcastAndGather,
  'gyre, train()': trainNothing,
  [ALL_REDUCE]: allReduce,
} as const;
const PEERS = {
  'Piscina tasks': () => piscinaRounds(pools.sync),
  'Piscina tasks, atomics disabled': () => piscinaRounds(pools.disabled),
  postMessage: () => messageRounds(workers),
} as const;

const peers = new Map<string, number[]>(Object.keys(PEERS).map((who) => [who, []]));
const inside = new Map<string, number[]>(Object.keys(GYRE).map((who) => [who, []]));
const whole = new Map<string, number[]>(Object.keys(GYRE).map((who) => [who, []]));
const roundsOf = new Map<string, number>();
for (const [who, play] of Object.entries(GYRE)) {
  const times = await play(2 * WARM_UP);
  const mean = (times.at(-1)! - times[WARM_UP]!) / 1000 / (WARM_UP - 1);
  const affordable = Math.floor(TURN_SECONDS / mean);
  roundsOf.set(who, Math.max(2 * WARM_UP, Math.min(MOST_ROUNDS, affordable)));
}
for (let turn = 0; turn < TURNS; turn++) {
  for (const [who, play] of Object.entries(PEERS)) peers.get(who)!.push(...(await play()));
  for (const [who, play] of Object.entries(GYRE)) {
    const count = roundsOf.get(who)!;
    const start = performance.now();
    const times = await play(count);
    whole.get(who)!.push((performance.now() - start) / 1000 / count);
    for (const seconds of durations(times)) inside.get(who)!.push(seconds);
  }
}

const fastest = [...peers].filter(([who]) => who.startsWith('Piscina'));
const [against] = fastest.sort(([, a], [, b]) => median(a) - median(b));
const piscina = { who: against![0], samples: against![1] };
const amounts = { rounds: 1 };
for (const [who, samples] of peers)
  report.add({ what: 'a round, 2 threads', who, samples, amounts });
for (const [who, samples] of inside) {
  report.add({ what: 'a round, 2 threads', who, samples, amounts, against: piscina });
}
for (const [who, samples] of inside) {
  const p50 = 1e6 * median(samples);
  report.note(`${who}: p50`, p50, 'µs', who === ALL_REDUCE ? {} : { atMost: 5 });
  report.note(`${who}: p99`, 1e6 * quantile(samples, 0.99), 'µs', { atMost: 50 });
  report.note(`${who}: whole job / rounds`, 1e6 * median(whole.get(who)!), 'µs');
  const faster = (1e6 * median(piscina.samples)) / p50;
  report.note(
    `${who}: against ${piscina.who}`,
    faster,
    'x',
    who === ALL_REDUCE ? {} : { atLeast: 20 },
  );
  const messages = (1e6 * median(peers.get('postMessage')!)) / p50;
  report.note(
    `${who}: against postMessage`,
    messages,
    'x',
    who === ALL_REDUCE ? {} : { atLeast: 10 },
  );
}
const added = median(inside.get(ALL_REDUCE)!) - median(inside.get('gyre, broadcast and gather')!);
report.note('an all-reduce adds to broadcast and gather', 1e6 * added, 'µs', { atMost: 5 });
report.remark(
  `${[...roundsOf.values()].join(', ')} rounds a turn; times are taken inside the worker at the end of each round, and by the ` +
    'main thread for the whole job with its start and end.',
);
await session.close();
await Promise.all([
  pools.sync.close(),
  pools.disabled.close(),
  ...workers.map((w) => w.terminate()),
]);
report.end();
