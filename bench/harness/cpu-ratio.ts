/**
 * How many times less CPU time one way takes than another, on a machine with other things to do.
 *
 * CPU time, not time: what other processes take of the core does not count. Samples are taken in
 * turns, and the fastest tenth of each are compared: what disturbs makes work slower, never faster.
 */
import { consume, type LongWork, QUICK } from './measure.js';
import { quantile } from './samples.js';

/** A way to do something that is to stay so many times faster than the plain one. */
export interface Rivals {
  readonly name: string;
  readonly guarded: LongWork;
  readonly plain: LongWork;
}

const SECONDS = QUICK ? 0.02 : 0.7;
const WARM_UP_SECONDS = QUICK ? 0.01 : 0.15;
const SAMPLE_SECONDS = 0.004;
const FEWEST_SAMPLES = QUICK ? 2 : 8;

/** Seconds that all threads of this process have computed. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU seconds of so many calls. */
async function spend(work: LongWork, calls: number): Promise<number> {
  const start = cpuSeconds();
  for (let i = 0; i < calls; i++) {
    const result = work();
    // An await has a cost of its own, which is no small part of short calls.
    consume(result instanceof Promise ? await result : result);
  }
  return cpuSeconds() - start;
}

/** Calls of a sample, after as many calls as it takes until they are compiled. */
async function warmUp(work: LongWork): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  let calls = 1;
  for (let spent = 0; spent < WARM_UP_SECONDS; ) {
    const took = await spend(work, calls);
    spent += took;
    fastest = Math.min(fastest, took / calls);
    if (took < SAMPLE_SECONDS) calls *= 2;
  }
  return Math.max(1, Math.ceil(SAMPLE_SECONDS / fastest));
}

/** How many times faster the guarded way is. */
export async function cpuRatio({ guarded, plain }: Rivals): Promise<number> {
  const rivals = [guarded, plain].map((work) => ({ work, calls: 0, samples: [] as number[] }));
  for (const rival of rivals) rival.calls = await warmUp(rival.work);
  let spent = 0;
  while (spent < SECONDS || rivals[0]!.samples.length < FEWEST_SAMPLES) {
    for (const { work, calls, samples } of [...rivals, ...[...rivals].reverse()]) {
      const took = await spend(work, calls);
      spent += took;
      samples.push(took / calls);
    }
  }
  const [fast, slow] = rivals.map(({ samples }) => quantile(samples, 0.1));
  return slow! / fast!;
}
