/** One random job with random faults and checkpoints, against the undisturbed one. */
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import { assertSame, sessionOf, THREADS } from '../support.js';
import { disturbed, happened, PARALLELISM, triggers, undisturbed } from './disturbed.js';
import { arrays, slowly } from './graphs.js';
import { PLACES, type PlannedFault } from './planned.js';
import { randomGraph } from './random-graph.js';

/** How often it began again, from a checkpoint and from the start. */
export interface Outcome {
  readonly restarts: number;
  readonly fromCheckpoint: number;
}

function randomFault(random: JavaRandom, marker: string, threads: number): PlannedFault {
  return {
    marker,
    place: PLACES[random.nextInt(PLACES.length)]!,
    kind: threads > 0 && random.nextInt(3) === 0 ? 'exit' : 'throw',
    subtask: random.nextInt(PARALLELISM),
    after: random.nextInt(3) === 0 ? random.nextInt(30) : 0,
    sinceEpoch: random.nextInt(3) === 0 ? random.nextInt(6) : 0,
  };
}

/** @throws Error that names the seed, when the result is another one. */
export async function checkSeed(seed: number, folder: string): Promise<Outcome> {
  const random = new JavaRandom(seed);
  const { text, build } = randomGraph(random);
  const threads = THREADS[random.nextInt(THREADS.length)]!;
  const faults = Array.from({ length: 1 + random.nextInt(3) }, (_, i) =>
    randomFault(random, join(folder, `fault-${seed}-${i}`), threads),
  );
  const checkpoint = triggers(random);
  const numbers = random.nextInt(2) === 0 ? arrays : slowly;
  const plans = faults.map(({ marker: _, ...fault }) => fault);
  const why = `seed ${seed}, ${threads} threads: ${text}; ${JSON.stringify({ plans, checkpoint })}`;
  try {
    const options = { session: sessionOf(threads), folder, faults, checkpoint, numbers };
    const { result, log } = await disturbed(build, options);
    assertSame(result, await undisturbed(build), why);
    assertSame(log.warnings, [], why);
    // Two that happen at the same time make one restart.
    const most = faults.filter(happened).length;
    assert.ok(log.restarts.length <= most && log.restarts.length >= Math.min(most, 1), why);
    const fromCheckpoint = log.restarts.filter((restart) => restart.checkpoint !== null).length;
    return { restarts: log.restarts.length, fromCheckpoint };
  } catch (error) {
    throw new Error(`${why}: ${(error as Error).stack}`, { cause: error });
  }
}
