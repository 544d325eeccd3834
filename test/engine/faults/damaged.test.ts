// @timeout 240
/** Checkpoints that are damaged, gone, or of another graph when a job resumes. */
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import { once } from '../../../src/engine/iterate.js';
import type { Job } from '../../../src/engine/job.js';
import { Table } from '../../../src/table/table.js';
import { FailOnce, SumAtEnd } from '../checkpoint/fault-operators.js';
import { Add, Never } from '../operators.js';
import { assertSame, closeSessions, range, rejects, sessionOf, within } from '../support.js';
import { disturbed, listen, PARALLELISM, removeAll, scratch, undisturbed } from './disturbed.js';
import { GRAPHS, type Numbers, slowly } from './graphs.js';
import type { PlannedFault } from './planned.js';
import { Steps } from './steps.js';

const root = scratch('damaged');
test.after(async () => {
  await closeSessions();
  removeAll(root);
});

const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);
const CHECKPOINT = 'ERR_GYRE_CHECKPOINT';
let names = 0;

type Damage = (folder: string, random: JavaRandom) => void;

const pick = (random: JavaRandom): string =>
  random.nextInt(2) === 0 ? 'data.bin' : 'manifest.json';

const DAMAGES: Readonly<Record<string, Damage>> = {
  truncated: (folder, random) => {
    const path = join(folder, pick(random));
    truncateSync(path, random.nextInt(readFileSync(path).length));
  },
  'with a flipped bit': (folder, random) => {
    const path = join(folder, pick(random));
    const bytes = readFileSync(path);
    const at = random.nextInt(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << random.nextInt(8));
    writeFileSync(path, bytes);
  },
  'without a file': (folder, random) => rmSync(join(folder, pick(random))),
  empty: (folder) => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
  },
};

/** Fails for good when it has at least two checkpoints, and leaves them. */
async function leave(
  folder: string,
  name: string,
  graph: string,
  threads: number,
): Promise<number[]> {
  const job = sessionOf(threads).job(name, {
    parallelism: PARALLELISM,
    checkpoint: { folder, restarts: 0, everyMs: 1, keep: 3 },
  });
  const { log, stop } = listen(name);
  // The source waits for its checkpoints, then fails.
  const numbers: Numbers = (of, n) =>
    of.from(
      new Steps(n, async (i) => {
        await sleep(1);
        if (i < n / 2) return;
        while (log.checkpoints.length < 3) await sleep(1);
        throw new Error('planned');
      }),
    );
  const reading = GRAPHS[graph]!(job, [], numbers);
  await rejects(within(30_000, reading), 'ERR_GYRE_OPERATOR', /planned/);
  await job.run().catch(() => {});
  stop();
  return readdirSync(join(folder, `job-${name}`))
    .map((text) => Number(text.match(/^checkpoint-(\d+)$/)?.[1]))
    .sort((a, b) => b - a);
}

async function resume(folder: string, name: string, graph: string, threads: number) {
  const job = sessionOf(threads).job(name, { checkpoint: { folder, resume: true, restarts: 0 } });
  const { log, stop } = listen(name);
  try {
    return { result: await within(30_000, GRAPHS[graph]!(job, [], slowly)), log };
  } finally {
    await job.run().catch(() => {});
    stop();
  }
}

for (const [what, damage] of Object.entries(DAMAGES)) {
  test(`a checkpoint ${what} is skipped for the one before it, with a warning`, async () => {
    for (const [i, graph] of ['stream', 'sync', 'shards', 'unbounded'].entries()) {
      const seed = SEED + i;
      const random = new JavaRandom(seed);
      const why = `seed ${seed}: ${graph}, ${what}`;
      const name = `damaged-${names++}`;
      const folder = join(root, name);
      const left = await leave(folder, name, graph, i % 3);
      assert.is(left.length, 3, why);
      const broken = 1 + random.nextInt(2);
      for (const id of left.slice(0, broken)) {
        damage(join(folder, `job-${name}`, `checkpoint-${id}`), random);
      }
      const { result, log } = await resume(folder, name, graph, (i + 1) % 3);
      assertSame(result, await undisturbed(GRAPHS[graph]!), why);
      assert.is(log.warnings.length, broken, why);
      for (const [k, { message }] of log.warnings.entries()) {
        assert.match(message, new RegExp(`checkpoint ${left[k]} in .* is skipped: `), why);
      }
    }
  });

  test(`nothing is begun when all checkpoints are ${what}`, async () => {
    const random = new JavaRandom(SEED);
    const name = `damaged-${names++}`;
    const folder = join(root, name);
    const left = await leave(folder, name, 'stream', 0);
    const job = join(folder, `job-${name}`);
    for (const id of left) damage(join(job, `checkpoint-${id}`), random);
    const before = readdirSync(job);
    const resuming = resume(folder, name, 'stream', 2);
    await rejects(resuming, CHECKPOINT, /must be whole to go on from, got 3 that are broken/);
    assertSame(readdirSync(job), before);
  });
}

test('a checkpoint that is gone altogether leaves the one before it', async () => {
  const name = `damaged-${names++}`;
  const folder = join(root, name);
  const [newest] = await leave(folder, name, 'sync', 2);
  rmSync(join(folder, `job-${name}`, `checkpoint-${newest}`), { recursive: true });
  const { result, log } = await resume(folder, name, 'sync', 1);
  assertSame(result, await undisturbed(GRAPHS.sync!));
  assertSame(log.warnings, []);
});

test('a folder that is gone altogether means to begin from the start', async () => {
  const name = `damaged-${names++}`;
  const folder = join(root, name);
  await leave(folder, name, 'sync', 2);
  rmSync(folder, { recursive: true });
  const job = sessionOf(1).job(name, {
    parallelism: PARALLELISM,
    checkpoint: { folder, resume: true },
  });
  assertSame(await GRAPHS.sync!(job, [], slowly), await undisturbed(GRAPHS.sync!));
});

test('a checkpoint that breaks while the job runs is skipped when it restarts', async () => {
  const name = `damaged-${names++}`;
  const folder = join(root, name);
  const job = sessionOf(2).job(name, { checkpoint: { folder, backoffMs: 1, keep: 5 } });
  const { log, stop } = listen(name);
  const source = new Steps(100, async (i) => {
    if (i === 20 || i === 40) await job.checkpoint();
    if (i === 45 && log.restarts.length === 0) {
      truncateSync(join(folder, `job-${name}`, 'checkpoint-2', 'data.bin'), 10);
    }
  });
  const fault = { marker: join(root, `${name}-marker`), at: 60, fault: 'throw' as const };
  const values = job.from(source).process(FailOnce, fault).output().toArray();
  assertSame(await within(20_000, values), range(100));
  stop();
  assertSame(
    log.restarts.map(({ checkpoint }) => checkpoint),
    [1],
  );
  assert.match(log.warnings[0]!.message, /checkpoint 2 in .* is skipped/);
});

/** Jobs that differ in one thing from the first of them. */
const OTHERS: Readonly<Record<string, readonly [(job: Job) => Promise<unknown>, RegExp]>> = {
  'one operator more': [
    (job) => job.of(range(50)).map(Add, 1).map(Add, 1).process(SumAtEnd).output().toArray(),
    /it has "node \d: operator SumAtEnd.*" where the job has "node \d: operator Add/,
  ],
  'another operator': [
    (job) => job.of(range(50)).filter(Never).process(SumAtEnd).output().toArray(),
    /operator Add.*operator Never/,
  ],
  'another parallelism': [
    (job) =>
      job.of(range(50)).rebalance(5).map(Add, 1).gather().process(SumAtEnd).output().toArray(),
    /Add x \d.*Add x 5/,
  ],
  'another output': [
    (job) => job.of(range(50)).map(Add, 1).output().toArray(),
    /operator SumAtEnd.*sink/,
  ],
  'a table': [
    (job) => {
      const table = Table.fromColumns({ x: [1, 2] });
      return job
        .table(table)
        .process(SumAtEnd as never)
        .output()
        .toArray();
    },
    /node 0: source.*node 0: table/,
  ],
  'a loop': [
    (job) =>
      job
        .iterate({
          variables: [job.of(range(50))],
          data: [once(job.of([1]))],
          body: ([state]) => ({ feedback: [state.filter(Never)], outputs: { state } }),
        })
        .state.output()
        .toArray(),
    /where the job has/,
  ],
};

test('a checkpoint of another graph is refused with the first difference', async () => {
  const name = `damaged-${names++}`;
  const original = join(root, name);
  const job = sessionOf(0).job(name, { checkpoint: { folder: original, restarts: 0 } });
  const source = new Steps(50, async (i) => {
    if (i === 20) await job.checkpoint();
    if (i === 30) throw new Error('planned');
  });
  const sum = job.from(source).map(Add, 1).process(SumAtEnd).output().toArray();
  await rejects(sum, 'ERR_GYRE_OPERATOR', /planned/);
  for (const [what, [build, difference]] of Object.entries(OTHERS)) {
    const folder = join(root, `${name}-${names++}`);
    cpSync(original, folder, { recursive: true });
    const other = sessionOf(0).job(name, { checkpoint: { folder, resume: true } });
    const error = await rejects(build(other), CHECKPOINT, /checkpoint 1 is of another graph/);
    assert.match(error.message, difference, what);
    assert.is(error.details?.id, 1);
    assertSame(readdirSync(join(folder, `job-${name}`)), ['checkpoint-1'], `${what}: it is kept`);
  }
  const same = sessionOf(2).job(name, { checkpoint: { folder: original, resume: true } });
  const out = same.of(range(50)).map(Add, 1).process(SumAtEnd).output().toArray();
  assertSame(await out, [1275], 'the same graph goes on, on other workers');
});

test('a job goes on after a fault when all its checkpoints before were skipped', async () => {
  const name = `damaged-${names++}`;
  const folder = join(root, name);
  const left = await leave(folder, name, 'stream', 0);
  for (const id of left) {
    truncateSync(join(folder, `job-${name}`, `checkpoint-${id}`, 'data.bin'), 1);
  }
  // Without resume, what is there does not matter.
  const fault: PlannedFault = {
    marker: join(root, `${name}-marker`),
    place: 'after snapshot',
    kind: 'throw',
    subtask: 0,
    after: 0,
    sinceEpoch: 0,
  };
  const build = GRAPHS.stream!;
  const checkpoint = { everyMs: 1, restarts: 1 };
  const { result } = await disturbed(build, {
    session: sessionOf(0),
    folder,
    faults: [fault],
    checkpoint,
    numbers: slowly,
  });
  assertSame(result, await undisturbed(build));
});

test.run();
