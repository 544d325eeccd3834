/** How does the cost of a round and of a checkpoint grow with the number of subtasks? */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { CheckpointEvent } from '../src/core/diagnostics.js';
import { once } from '../src/engine/iterate.js';
import type { Job } from '../src/engine/job.js';
import { channelsOf } from '../src/engine/plan.js';
import { Session } from '../src/engine/session.js';
import type { DataStream } from '../src/engine/stream.js';
import { check, QUICK } from './harness/measure.js';
import { Report } from './harness/report.js';
import { median, quantile } from './harness/samples.js';
import { AllToAll, ScalePartial, ScaleUpdate } from './threads/scale-operators.js';
import { TIMES } from './threads/superstep-operators.js';

const SUBTASKS = QUICK ? [2, 16, 64] : [2, 4, 8, 16, 32, 64];
/** More workers than that share cores. */
const THREADS = 2;
const MORE_THREADS = [4, 8];
const SUBTASKS_OF_MORE_THREADS = 8;
const MOST_ROUNDS = QUICK ? 500 : 20_000;
const WARM_UP = QUICK ? 100 : 500;
const TURN_SECONDS = QUICK ? 0.3 : 2;
const CHECKPOINTS = QUICK ? 2 : 8;

const report = new Report(
  import.meta.url,
  'how does the cost of a round and of a checkpoint grow with the number of subtasks?',
);

/** An iteration of so many rounds. */
interface Shape {
  readonly what: string;
  /** Records a round in all. */
  readonly records: (subtasks: number) => number;
  readonly build: (job: Job, subtasks: number, rounds: number) => DataStream<Float64Array>;
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

const broadcastAndGather: Shape = {
  what: 'broadcast and gather',
  // To and from all subtasks, and once round the loop.
  records: (subtasks) => 2 * subtasks + 2,
  build: (job, subtasks, rounds) =>
    job.iterate({
      variables: [job.of([0])],
      data: [once(job.of(zeros(subtasks)).rebalance(subtasks))],
      body: ([state], [data]) => {
        const partials = data.connect(state.broadcast()).process(ScalePartial);
        const next = partials.gather().process(ScaleUpdate, { rounds, subtasks });
        return { feedback: [next], outputs: { times: next.side<Float64Array>(TIMES) } };
      },
    }).times,
};

const allToAll: Shape = {
  what: 'all to all',
  // From head to operator, to the tail, and round the loop.
  records: (subtasks) => 3 * subtasks,
  build: (job, subtasks, rounds) =>
    job.iterate({
      variables: [job.of(zeros(subtasks)).rebalance(subtasks)],
      body: ([variable]) => {
        const next = variable.rebalance(subtasks).process(AllToAll, { rounds, subtasks });
        return { feedback: [next], outputs: { times: next.side<Float64Array>(TIMES) } };
      },
    }).times,
};

/** What a round consists of. */
interface Size {
  readonly channels: number;
  readonly frames: number;
  readonly remoteChannels: number;
}

/** Every channel of the loop has a watermark a round, or a report or answer of the aligner. */
function sizeOf({ records }: Shape, job: Job, subtasks: number, threads: number): Size {
  const plan = job.graph.plan();
  const inLoop = (node: number) => plan.nodes[node]!.loop !== null;
  const channels = channelsOf(plan, threads).filter(
    ({ edge }) => inLoop(edge.from) && inLoop(edge.to),
  );
  const remote = channels.filter(({ fromEndpoint, toEndpoint }) => fromEndpoint !== toEndpoint);
  return {
    channels: channels.length,
    frames: channels.length + records(subtasks),
    remoteChannels: remote.length,
  };
}

/** Seconds of each round after the warm-up. */
async function playRounds(
  session: Session,
  shape: Shape,
  subtasks: number,
  rounds: number,
): Promise<Float64Array> {
  const job = session.job(`rounds, ${shape.what}`, { parallelism: subtasks });
  const times = await shape.build(job, subtasks, rounds).output().last();
  check(times.length === rounds && times.every((time) => time > 0), 'a round was left out');
  return times.subarray(WARM_UP).map((time, i) => (time - times[WARM_UP + i - 1]!) / 1000);
}

async function timeRounds(session: Session, shape: Shape, subtasks: number): Promise<Float64Array> {
  const first = await playRounds(session, shape, subtasks, 2 * WARM_UP);
  const affordable = Math.floor(TURN_SECONDS / median(first));
  const rounds = Math.max(2 * WARM_UP, Math.min(MOST_ROUNDS, affordable));
  return playRounds(session, shape, subtasks, rounds);
}

/** Checkpoints of a loop that goes on until it is cancelled. */
async function takeCheckpoints(
  session: Session,
  shape: Shape,
  subtasks: number,
): Promise<CheckpointEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-bench-'));
  const events: CheckpointEvent[] = [];
  const onCheckpoint = (event: unknown) => events.push(event as CheckpointEvent);
  subscribe('gyre:checkpoint', onCheckpoint);
  try {
    const job = session.job('checkpoints', { parallelism: subtasks, checkpoint: { folder } });
    const running = shape.build(job, subtasks, Number.MAX_SAFE_INTEGER).output().toArray();
    // The first makes the folder, and code is compiled.
    await setTimeout(100);
    for (let i = 0; i <= CHECKPOINTS; i++) await job.checkpoint();
    job.cancel();
    await running;
  } finally {
    unsubscribe('gyre:checkpoint', onCheckpoint);
    rmSync(folder, { recursive: true, force: true });
  }
  return events.slice(1);
}

async function measure(session: Session, shape: Shape, subtasks: number): Promise<void> {
  const { threads } = session;
  const what = `a round, ${shape.what}`;
  const who = `${subtasks} subtasks, ${threads} workers`;
  const sized = session.job('size', { parallelism: subtasks });
  shape.build(sized, subtasks, 1);
  const { channels, frames, remoteChannels } = sizeOf(shape, sized, subtasks, threads);
  const samples = [...(await timeRounds(session, shape, subtasks))];
  report.add({ what, who, samples, amounts: { frames } });
  const events = await takeCheckpoints(session, shape, subtasks);
  const seconds = events.map(({ durationMs }) => durationMs / 1000);
  report.add({ what: `a checkpoint, ${shape.what}`, who, samples: seconds });
  const where = `${shape.what}, ${who}`;
  report.note(`${where}: channels`, channels, '');
  report.note(`${where}: of these between threads`, remoteChannels, '');
  report.note(`${where}: frames of a round`, frames, '');
  report.note(`${where}: round for each channel`, (1e6 * median(samples)) / channels, 'µs');
  report.note(`${where}: p99 of a round`, 1e6 * quantile(samples, 0.99), 'µs');
  report.note(`${where}: checkpoint`, median(events.map(({ bytes }) => bytes)), 'B');
  report.note(`${where}: pause`, median(events.map(({ pauseMs }) => pauseMs)), 'ms');
}

const session = new Session({ threads: THREADS });
for (const shape of [broadcastAndGather, allToAll]) {
  for (const subtasks of SUBTASKS) await measure(session, shape, subtasks);
}
await session.close();
for (const threads of MORE_THREADS) {
  const more = new Session({ threads });
  for (const shape of [broadcastAndGather, allToAll]) {
    await measure(more, shape, SUBTASKS_OF_MORE_THREADS);
  }
  await more.close();
}
report.remark(
  `Rounds of ${THREADS} workers carry nothing but what makes them rounds: a record from and to each ` +
    'subtask, a watermark on every channel, reports and answers. Where workers are more than cores ' +
    'they take turns, and each round waits for all of them.',
);
report.end();
