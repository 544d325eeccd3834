/**
 * Random bodies of bounded iterations, each with a model that says what all its streams have in every
 * epoch. Feedback is held until the epoch before is over, so a round is a function of the one before.
 */
import type { JavaRandom } from '../../../src/core/random.js';
import { type DataInput, forEachRound, once, replay } from '../../../src/engine/iterate.js';
import type { Job } from '../../../src/engine/job.js';
import type { RewindableSource } from '../../../src/engine/source.js';
import type { DataStream } from '../../../src/engine/stream.js';
import { CountDown } from '../operators.js';
import { maxRounds, paced } from './bodies.js';
import {
  AtMost,
  FailsLater,
  type FailsLaterParams,
  Identity,
  StatefulKeyed,
  TraceOfSubtask,
  Twice,
  ValueModulo,
} from './operators.js';
import { upTo } from './support.js';

type Numbers = DataStream<number>;

/** The records of an epoch; `cut`: of the one that ends amid, where no callback comes any more. */
type Records = (epoch: number, cut: boolean) => readonly number[];

/** A stream and what is in it. */
interface Modelled {
  readonly stream: Numbers;
  readonly at: Records;
  /** Whether it has epochs at all: what only comes from data that is seen once has none. */
  readonly hasEpochs: boolean;
}

/** A stream that is watched. */
export interface Tap extends Modelled {
  readonly name: string;
  /** What `TraceOfSubtask` says of it. */
  readonly trace: DataStream<string>;
}

export interface RandomIteration {
  readonly taps: readonly Tap[];
  /** Indices of taps: the streams that are fed back, and the variables that they become. */
  readonly feedback: readonly number[];
  readonly variables: readonly number[];
  readonly replays: readonly number[];
  /** Rounds that there should be. */
  readonly rounds: number;
  /** How the body was made, for messages. */
  readonly text: string;
}

/** What makes an iteration fail once. */
export interface Planned {
  /** For an operator behind the first head. */
  readonly failing: FailsLaterParams;
  /** Awaited by the first variable's source, once, between two records: takes a checkpoint. */
  readonly pause: () => Promise<unknown>;
}

/** Numbers that can be read again from anywhere, with a pause after half of them. */
class PausingSource implements RewindableSource<number> {
  readonly #values: readonly number[];
  #pause: (() => Promise<unknown>) | null;
  #next = 0;

  constructor(values: readonly number[], pause: () => Promise<unknown>) {
    this.#values = values;
    this.#pause = pause;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    const half = Math.floor(this.#values.length / 2);
    while (this.#next < this.#values.length) {
      const pause = this.#pause;
      if (this.#next >= half && pause !== null) {
        this.#pause = null;
        await pause();
      }
      yield this.#values[this.#next++]!;
    }
  }

  position(): number {
    return this.#next;
  }

  seek(position: unknown): void {
    this.#next = position as number;
  }
}

const same = <T>(from: Modelled, stream: DataStream<T>): Modelled => ({
  ...from,
  stream: stream as unknown as Numbers,
});

/** Two streams as one, however they were put together. */
const both = <T>(a: Modelled, b: Modelled, stream: DataStream<T>): Modelled => ({
  stream: stream as unknown as Numbers,
  at: (epoch, cut) => [...a.at(epoch, cut), ...b.at(epoch, cut)],
  hasEpochs: a.hasEpochs || b.hasEpochs,
});

/** How a body grows: one more operator of p subtasks behind one stream, or behind two. */
const GROWTHS: Readonly<Record<string, (a: Modelled, p: number, b: Modelled) => Modelled>> = {
  rebalance: (a, p) => same(a, a.stream.rebalance(p).map(Identity)),
  keyBy: (a, parallelism) => {
    const keyed = a.stream.keyBy(ValueModulo, 3);
    return same(a, keyed.process(StatefulKeyed, undefined, { parallelism }));
  },
  side: (a, parallelism) =>
    same(a, a.stream.process(Twice, undefined, { parallelism }).side('again')),
  forEachRound: (a, parallelism) =>
    forEachRound([a.stream], ([each]) => same(a, each.process(Twice, undefined, { parallelism }))),
  filter: (a, parallelism) => ({
    ...same(a, a.stream.filter(AtMost, 2, { parallelism })),
    at: (epoch, cut) => a.at(epoch, cut).filter((x) => x <= 2),
  }),
  paced: (a) => ({
    ...same(a, paced(a.stream)),
    at: (epoch, cut) => (cut || !a.hasEpochs ? [] : a.at(epoch, cut)),
  }),
  broadcast: (a) => ({
    ...same(a, a.stream.broadcast(2).map(Identity)),
    at: (epoch, cut) => a.at(epoch, cut).flatMap((x) => [x, x]),
  }),
  union: (a, parallelism, b) =>
    both(a, b, a.stream.union(b.stream).map(Identity, undefined, { parallelism })),
  connect: (a, p, b) =>
    both(a, b, a.stream.rebalance(p).connect(b.stream.rebalance(p)).process(Twice)),
};

/** Each epoch is computed once. */
function remembered(at: Records): Records {
  const known = new Map<string, readonly number[]>();
  return (epoch, cut) => {
    const key = `${epoch} ${cut}`;
    const records = known.get(key) ?? at(epoch, cut);
    known.set(key, records);
    return records;
  };
}

/** No iteration of these tests may have more rounds. */
const MOST_ROUNDS = 6;

interface Input {
  readonly records: readonly number[];
  readonly width: number;
  readonly replayed: boolean;
}

/** One iteration while it is drawn. */
class Draft {
  readonly #random: JavaRandom;
  readonly #planned: Planned | null;
  readonly #words: string[] = [];
  readonly #streams: Modelled[] = [];
  readonly #feedback: Modelled[] = [];
  readonly #variables: readonly Input[];
  readonly #data: readonly Input[];
  /** Rounds of the criteria; null: none. */
  readonly #maxIter: number | null;
  #criteria: Modelled | null = null;

  constructor(random: JavaRandom, planned: Planned | null) {
    this.#random = random;
    this.#planned = planned;
    this.#variables = upTo(1 + random.nextInt(2)).map(() => this.#input(5));
    this.#data = upTo(random.nextInt(3)).map(() => this.#input(6));
    // Without criteria a replay feeds the loop for ever.
    const needed = this.#data.some(({ replayed }) => replayed);
    this.#maxIter = needed || random.nextInt(2) === 0 ? random.nextInt(MOST_ROUNDS) : null;
  }

  build(job: Job): RandomIteration {
    const traces = job.iterate({
      variables: this.#variables.map((input, i) => this.#variable(job, input, i)),
      data: this.#data.map((input) => this.#entering(job, input)),
      body: (heads, data) => this.#body(heads as readonly Numbers[], data as readonly Numbers[]),
    });
    const all = [...this.#streams, ...this.#feedback];
    const heads = this.#variables.length;
    return {
      taps: all.map((tap, i) => ({ ...tap, name: `stream ${i}`, trace: traces[i]! })),
      feedback: upTo(heads).map((i) => this.#streams.length + i),
      variables: upTo(heads),
      replays: this.#data.flatMap(({ replayed }, i) => (replayed ? [heads + i] : [])),
      rounds: this.#rounds(),
      text: this.#words.join(', '),
    };
  }

  #oneOf<T>(items: readonly T[]): T {
    return items[this.#random.nextInt(items.length)]!;
  }

  #input(most: number): Input {
    const count = this.#random.nextInt(most);
    return {
      records: upTo(count).map(() => 1 + this.#random.nextInt(3)),
      width: this.#oneOf([1, 2, 3, 4]),
      replayed: this.#random.nextInt(2) === 0,
    };
  }

  #variable(job: Job, { records, width }: Input, i: number): Numbers {
    const pauses = this.#planned !== null && i === 0;
    const source = pauses ? new PausingSource(records, this.#planned.pause) : records;
    return job.from<number>(source).rebalance(width);
  }

  #entering(job: Job, { records, width, replayed }: Input): DataInput<number> {
    const stream = job.of(records).rebalance(width).map(Identity) as Numbers;
    return replayed ? replay(stream) : once(stream);
  }

  #body(heads: readonly Numbers[], data: readonly Numbers[]) {
    heads.forEach((head, i) => {
      this.#add(`variable x ${head.parallelism}`, this.#modelOfVariable(head, i));
    });
    data.forEach((stream, i) => {
      const { records, replayed } = this.#data[i]!;
      // Nothing is replayed in an epoch that is cut short.
      const at: Records = (epoch, cut) => (epoch === 0 || (replayed && !cut) ? records : []);
      const what = `${replayed ? 'replay' : 'once'} x ${stream.parallelism}`;
      this.#add(what, { stream, at, hasEpochs: replayed });
    });
    for (let left = 1 + this.#random.nextInt(5); left > 0; left--) this.#grow();
    for (const { width } of this.#variables) this.#feedBack(width);
    if (this.#maxIter !== null) this.#stopAfter(this.#maxIter);
    const all = [...this.#streams, ...this.#feedback];
    return {
      feedback: this.#feedback.map(({ stream }) => stream),
      outputs: all.map(({ stream }) => stream.process(TraceOfSubtask)),
      criteria: this.#criteria?.stream,
    };
  }

  #add(what: string, modelled: Modelled): void {
    this.#words.push(what);
    this.#streams.push(modelled);
  }

  #modelOfVariable(head: Numbers, i: number): Modelled {
    const fails = this.#planned !== null && i === 0;
    const stream = fails ? head.process(FailsLater, this.#planned.failing) : head;
    const { records } = this.#variables[i]!;
    const at: Records = (epoch) =>
      epoch === 0 ? records : this.#feedback[i]!.at(epoch - 1, false);
    return { stream, at: remembered(at), hasEpochs: true };
  }

  #grow(): void {
    const [a, b] = [this.#oneOf(this.#streams), this.#oneOf(this.#streams)];
    const [name, growth] = this.#oneOf(Object.entries(GROWTHS));
    const p = this.#oneOf([1, 2, 3, 4]);
    const [i, j] = [this.#streams.indexOf(a), this.#streams.indexOf(b)];
    this.#add(`${name}(${i}, ${j}) x ${p}`, growth(a, p, b));
  }

  /** Every record goes back a few times only: it is lowered by one, and dropped at 0. */
  #feedBack(parallelism: number): void {
    const from = this.#oneOf(this.#streams);
    const stream = from.stream.flatMap(CountDown, undefined, { parallelism });
    const at = remembered((epoch, cut) =>
      from.at(epoch, cut).flatMap((x) => (x > 1 ? [x - 1] : [])),
    );
    this.#words.push(`feedback(${this.#streams.indexOf(from)})`);
    this.#feedback.push({ ...from, stream, at });
  }

  #stopAfter(maxIter: number): void {
    const from = this.#oneOf(this.#streams);
    this.#words.push(`criteria(${this.#streams.indexOf(from)}) of ${maxIter}`);
    this.#criteria = {
      stream: maxRounds(from.stream, maxIter),
      at: (epoch) => (from.hasEpochs && epoch + 1 < maxIter ? [0] : []),
      hasEpochs: from.hasEpochs,
    };
  }

  /** The first epoch >= 1 for which the round before fed nothing back, or gave no criteria. */
  #rounds(): number {
    for (let epoch = 1; ; epoch++) {
      const records = this.#feedback.reduce((n, { at }) => n + at(epoch - 1, false).length, 0);
      const goesOn = this.#criteria?.at(epoch - 1, false).length ?? 0;
      if (records + goesOn === 0 || (this.#criteria !== null && goesOn === 0)) return epoch;
    }
  }
}

/** Builds an iteration into a job. */
export const randomIteration = (
  job: Job,
  random: JavaRandom,
  planned: Planned | null = null,
): RandomIteration => new Draft(random, planned).build(job);
