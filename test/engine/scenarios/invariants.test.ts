// @timeout 240
/** What holds in every bounded iteration, on random bodies against a model of their rounds. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type RestartEvent, restartChannel } from '../../../src/core/diagnostics.js';
import { JavaRandom } from '../../../src/core/random.js';
import { END_EPOCH } from '../../../src/engine/frame.js';
import { assertSame, closeSessions, sessionOf } from '../support.js';
import { type RandomIteration, randomIteration, type Tap } from './random-bodies.js';
import { soon, upTo } from './support.js';

test.after(closeSessions);

const SEEDS = 60;
const FAULTY_SEEDS = 40;

const root = mkdtempSync(join(tmpdir(), 'gyre-scenarios-'));
test.after(() => rmSync(root, { recursive: true, force: true }));

interface Seen {
  readonly kind: 'record' | 'epoch' | 'end';
  /** Of a record and of an epoch. */
  readonly epoch: number;
  readonly value: number;
}

/** What each subtask of a tap has seen, in order. */
function bySubtask(lines: readonly string[]): Seen[][] {
  const subtasks: Seen[][] = [];
  for (const line of lines) {
    const [subtask, what] = line.split(': ') as [string, string];
    const own = subtasks[Number(subtask)] ?? [];
    subtasks[Number(subtask)] = own;
    if (what === 'end') own.push({ kind: 'end', epoch: -1, value: -1 });
    else if (what.startsWith('e'))
      own.push({ kind: 'epoch', epoch: Number(what.slice(1)), value: -1 });
    else {
      const [value, epoch] = what.slice(1).split('@').map(Number);
      own.push({ kind: 'record', epoch: epoch!, value: value! });
    }
  }
  return subtasks;
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

const valuesOf = (seen: readonly Seen[], epoch: number): number[] =>
  seen.filter((e) => e.kind === 'record' && e.epoch === epoch).map(({ value }) => value);

/** Callbacks are 0 to k - 1, then the end; between two of them there are records of one epoch. */
function checkOrder(own: readonly Seen[], rounds: number, hasEpochs: boolean, at: string): void {
  const callbacks = own.filter(({ kind }) => kind !== 'record');
  const expected = [...upTo(rounds).map((epoch) => `epoch ${epoch}`), 'end -1'];
  assertSame(
    callbacks.map(({ kind, epoch }) => `${kind} ${epoch}`),
    hasEpochs ? expected : [],
    at,
  );
  let epoch = 0;
  for (const event of own) {
    if (event.kind === 'epoch') epoch = event.epoch + 1;
    else if (event.kind === 'end') epoch = END_EPOCH;
    else assert.is(event.epoch, epoch, `${at}: a record of epoch ${event.epoch} in ${epoch}`);
  }
}

function checkTap(
  tap: Tap,
  lines: readonly string[],
  { rounds }: RandomIteration,
  at: string,
): void {
  const subtasks = bySubtask(lines);
  for (const own of subtasks) if (own) checkOrder(own, rounds, tap.hasEpochs, at);
  if (tap.hasEpochs) assert.is(subtasks.filter(Boolean).length, tap.trace.parallelism, at);
  const all = subtasks.flat();
  for (const epoch of upTo(rounds + 2)) {
    const expected = epoch > rounds ? [] : tap.at(epoch, epoch === rounds);
    assertSame(sorted(valuesOf(all, epoch)), sorted(expected), `${at}, epoch ${epoch}`);
  }
  assert.ok(
    all.every(({ kind, epoch }) => kind !== 'record' || epoch <= rounds),
    `${at}: a record of a later epoch`,
  );
}

/** Each subtask of a replay gives in every round what it gave in the first, in that order. */
function checkReplay(lines: readonly string[], rounds: number, at: string): void {
  for (const own of bySubtask(lines)) {
    for (const epoch of upTo(rounds)) assertSame(valuesOf(own, epoch), valuesOf(own, 0), at);
  }
}

/** Reads all taps, and checks them against the model. Returns the rounds. */
async function checkIteration(iteration: RandomIteration, seed: number): Promise<number> {
  const { taps, rounds, text } = iteration;
  const traces = taps.map(({ trace }) => trace.gather().output().toArray());
  const seen = await soon(Promise.all(traces));
  const at = `seed ${seed}: ${text}`;
  taps.forEach((tap, i) => {
    checkTap(tap, seen[i]!, iteration, `${at}: ${tap.name}`);
  });
  for (const i of iteration.replays) checkReplay(seen[i]!, rounds, `${at}: ${i}`);
  // What is fed back in an epoch is what the variable has in the next, also in the last.
  iteration.feedback.forEach((from, i) => {
    const [out, back] = [from, iteration.variables[i]!].map((n) => bySubtask(seen[n]!).flat());
    for (const epoch of upTo(rounds)) {
      const [a, b] = [valuesOf(out!, epoch), valuesOf(back!, epoch + 1)];
      assertSame(sorted(b), sorted(a), `${at}: feedback ${i} of epoch ${epoch}`);
    }
  });
  return rounds;
}

for (const threads of [0, 1, 2]) {
  test(`random bodies do what their models say on ${threads} threads`, async () => {
    const rounds = new Set<number>();
    for (const seed of upTo(SEEDS)) {
      const job = sessionOf(threads).job(`random ${seed}`, { parallelism: 1 + (seed % 4) });
      const iteration = randomIteration(job, new JavaRandom(seed));
      rounds.add(await checkIteration(iteration, seed));
    }
    assert.ok(rounds.size >= 4 && Math.min(...rounds) >= 1, `iterations of ${[...rounds]} rounds`);
  });

  test(`random bodies do the same over a fault on ${threads} threads`, async () => {
    let failed = 0;
    const checkpoints = new Set<boolean>();
    const onRestart = (event: unknown) => {
      checkpoints.add((event as RestartEvent).checkpoint !== null);
    };
    restartChannel.subscribe(onRestart);
    for (const seed of upTo(FAULTY_SEEDS)) {
      const random = new JavaRandom(seed);
      const name = `faulty-${threads}-${seed}`;
      const marker = join(root, `${name}.failed`);
      const checkpoint = { folder: root, everyEpochs: 1, restarts: 1, backoffMs: 10 };
      const job = sessionOf(threads).job(name, { parallelism: 1 + (seed % 4), checkpoint });
      const failing = { marker, at: 1 + random.nextInt(5) };
      const pause = () => job.checkpoint();
      await checkIteration(randomIteration(job, random, { failing, pause }), seed);
      if (existsSync(marker)) failed++;
    }
    restartChannel.unsubscribe(onRestart);
    assert.ok(failed >= FAULTY_SEEDS / 4, `${failed} of ${FAULTY_SEEDS} failed`);
    assert.ok(checkpoints.has(true), 'one went on from a checkpoint');
  });
}

test.run();
