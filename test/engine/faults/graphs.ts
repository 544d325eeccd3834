/** Small jobs of every form, in each of which one operator fails as planned. */
import { setTimeout as sleep } from 'node:timers/promises';
import { forEachRound, once, replay } from '../../../src/engine/iterate.js';
import type { Job } from '../../../src/engine/job.js';
import type { RewindableSource } from '../../../src/engine/source.js';
import type { DataStream } from '../../../src/engine/stream.js';
import { Table } from '../../../src/table/table.js';
import { TerminateOnMaxIter } from '../operators.js';
import { range } from '../support.js';
import {
  AddAll,
  DigestAll,
  Faulty,
  Learner,
  Mix,
  Model,
  Remainder,
  SumByKey,
  SumOfEpoch,
  SumShards,
  Turn,
  type Turning,
} from './operators.js';
import type { PlannedFault } from './planned.js';

/** Numbers of a job that are made the same way each time. */
export type Numbers = (job: Job, n: number) => DataStream<number>;

/** Builds a job; what it reads is a promise of its result, as plain data. */
export type Build = (
  job: Job,
  faults: readonly PlannedFault[],
  numbers: Numbers,
) => Promise<unknown>;

export const arrays: Numbers = (job, n) => job.of(range(n));

/** Numbers that come by and by, so that checkpoints come between them. */
class Slowly implements RewindableSource<number> {
  readonly #n: number;
  #next = 0;

  constructor(n: number) {
    this.#n = n;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    for (let i = this.#next; i < this.#n; i++) {
      if (i % 10 === 9) await sleep(1);
      this.#next = i + 1;
      yield i;
    }
  }

  position(): unknown {
    return this.#next;
  }

  seek(position: unknown): void {
    this.#next = position as number;
  }
}

export const slowly: Numbers = (job, n) => job.from(new Slowly(n));

/** A stream of any records. */
interface Records {
  gather(): { output(): { toArray(): Promise<unknown[]> } };
}

/** All records, in an order of their own. */
export async function all(stream: Records): Promise<string[]> {
  const records = await stream.gather().output().toArray();
  return records.map((record) => JSON.stringify(record)).sort();
}

const read = (...streams: Records[]): Promise<unknown> =>
  Promise.all(streams.map((stream) => all(stream)));

const digest = (stream: DataStream<number>): DataStream<unknown> => stream.side('digest');

/** A chain: the failing operator, a map, and one that sums all. */
const stream: Build = (job, faults, numbers) => {
  const values = numbers(job, 300).rebalance().process(Faulty, faults);
  const mixed = values.map(Mix);
  const sums = mixed.gather().process(DigestAll);
  return read(mixed, sums, digest(values));
};

/** State that is fed back at the end of each round, over data that is replayed. */
export function rounds(
  count: number,
  wrap: (data: DataStream<number>, faults: readonly PlannedFault[]) => DataStream<number>,
): Build {
  return (job, faults, numbers) => {
    const { states, seen } = job.iterate({
      variables: [numbers(job, 4).rebalance()],
      data: [replay(numbers(job, 40).rebalance())],
      body: ([state], [data]) => {
        const failing = wrap(data, faults);
        const next = failing.union(state.broadcast().map(Mix)).process(SumOfEpoch);
        return {
          feedback: [next],
          outputs: { states: next, seen: digest(failing) },
          criteria: next.gather().process(TerminateOnMaxIter, count),
        };
      },
    });
    return read(states, seen);
  };
}

const sync: Build = rounds(20, (data, faults) => data.process(Faulty, faults));

const perRound: Build = rounds(20, (data, faults) =>
  forEachRound([data], ([each]) => each.process(Faulty, faults)),
);

/** Feeds back from `process`, as fast as records go round; ends when all are done. */
const free: Build = (job, faults, numbers) => {
  const { done, seen } = job.iterate({
    variables: [(numbers(job, 30) as DataStream<Turning | number>).rebalance()],
    body: ([state]) => {
      const turned = state.process(Turn, 15);
      const failing = turned.side<number>('done').process(Faulty, faults);
      return {
        feedback: [turned],
        outputs: { done: failing, seen: digest(failing).union(turned.side('handled')) },
      };
    },
  });
  return read(done, seen);
};

/** Records of an unbounded iteration turn while others still come. */
const unbounded: Build = (job, faults, numbers) => {
  const { done, seen } = job.iterateUnbounded({
    variables: [job.of<Turning | number>([]).rebalance()],
    data: [once(numbers(job, 200).rebalance())],
    body: ([state], [data]) => {
      const failing = data.process(Faulty, faults);
      const turned = (failing as DataStream<Turning | number>).connect(state).process(Turn, 6);
      return {
        feedback: [turned.rebalance()],
        outputs: { done: turned.side<number>('done'), seen: digest(failing) },
      };
    },
  });
  return read(done, seen);
};

/** Asynchronous learning: a learner that waits for each answer of a model. */
const parameterServer: Build = (job, faults, numbers) => {
  const { answers, seen } = job.iterateUnbounded({
    variables: [job.of<number>([])],
    data: [once(numbers(job, 150))],
    body: ([answer], [data]) => {
      const learner = data.connect(answer).process(Learner);
      const asked = learner.side<number>('question').rebalance().process(Faulty, faults);
      const model = asked.gather().process(Model);
      return { feedback: [model], outputs: { answers: learner, seen: digest(asked) } };
    },
  });
  return read(answers, seen);
};

/** Two variable streams; one of them leaves the round early. */
const variables: Build = (job, faults, numbers) => {
  const { a, b, seen } = job.iterate({
    variables: [
      numbers(job, 3).rebalance(),
      numbers(job, 20).rebalance() as DataStream<Turning | number>,
    ],
    body: ([first, second]) => {
      const failing = first.process(Faulty, faults);
      const turned = second.process(Turn, 9);
      const next = failing.union(turned.side<number>('done')).process(SumOfEpoch);
      return {
        feedback: [next, turned],
        outputs: { a: next, b: turned.side<number>('done'), seen: digest(failing) },
        criteria: next.gather().process(TerminateOnMaxIter, 20),
      };
    },
  });
  return read(a, b, seen);
};

/** The results of one loop begin the next. */
const twoLoops: Build = (job, faults, numbers) => {
  const once1 = job.iterate({
    variables: [numbers(job, 5).rebalance()],
    body: ([state]) => {
      const next = state.broadcast().process(SumOfEpoch);
      return {
        feedback: [next],
        outputs: { states: next },
        criteria: next.gather().process(TerminateOnMaxIter, 15),
      };
    },
  });
  const { states, seen } = job.iterate({
    variables: [once1.states.rebalance()],
    body: ([state]) => {
      const failing = state.process(Faulty, faults);
      const next = failing.process(SumOfEpoch);
      return {
        feedback: [next],
        outputs: { states: next, seen: digest(failing) },
        criteria: next.gather().process(TerminateOnMaxIter, 15),
      };
    },
  });
  return read(states, seen);
};

const TABLE = Table.fromColumns({ x: Float64Array.from(range(20_000), (i) => (i * 37) % 1013) });

/** Shards that stay with their workers, and a state that goes round. */
const shards: Build = (job, faults, numbers) => {
  const { states, seen } = job.iterate({
    variables: [numbers(job, 3).rebalance()],
    data: [once(job.table(TABLE))],
    body: ([state], [data]) => {
      const failing = state.process(Faulty, faults);
      const sums = data.connect(failing.broadcast()).process(SumShards);
      return {
        feedback: [sums],
        outputs: { states: sums, seen: digest(failing) },
        criteria: sums.gather().process(TerminateOnMaxIter, 20),
      };
    },
  });
  return read(states, seen);
};

/** State by key, outside a loop and in one. */
const keyed: Build = (job, faults, numbers) => {
  const values = numbers(job, 200).rebalance().process(Faulty, faults);
  const sums = values.keyBy(Remainder, 17).process(SumByKey);
  const { done } = job.iterate({
    variables: [values.map(Mix) as DataStream<Turning | number>],
    body: ([state]) => {
      const turned = state.process(Turn, 5);
      const counted = turned.side<number>('done').keyBy(Remainder, 5).process(SumByKey);
      return { feedback: [turned], outputs: { done: counted } };
    },
  });
  return read(sums, done, sums.side('steps'), digest(values));
};

/** A broadcast variable that comes from a stream of its own. */
const broadcastVariable: Build = (job, faults, numbers) => {
  const terms = numbers(job, 50).map(Mix);
  const values = numbers(job, 200).rebalance().process(Faulty, faults);
  const sums = values.withBroadcast({ terms }).process(AddAll);
  return read(sums, digest(values));
};

export const GRAPHS: Readonly<Record<string, Build>> = {
  stream,
  sync,
  perRound,
  free,
  unbounded,
  parameterServer,
  variables,
  twoLoops,
  shards,
  keyed,
  broadcastVariable,
};
