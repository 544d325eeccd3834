import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import {
  AllReduceAdd,
  AllReduceCollect,
  AllReduceSend,
} from '../../../src/engine/operators/all-reduce.js';
import { assertSame, range, throws } from '../support.js';
import { END, interleaved, records, valuesOf } from './drive.js';

const send = () => new AllReduceSend();
const add = () => new AllReduceAdd();
const collect = () => new AllReduceCollect();

/** Which subtask adds a chunk: any, as long as it is always the same. */
function memoized(owner: () => number): (chunk: number) => number {
  const owners = new Map<number, number>();
  return (chunk) => {
    const known = owners.get(chunk) ?? owner();
    owners.set(chunk, known);
    return known;
  };
}

/** What every subtask puts out; `arrays` by subtask, with everything in between in any order. */
function allReduce(arrays: readonly (readonly unknown[])[], random: JavaRandom): Float64Array[][] {
  const parallelism = arrays.length;
  const sent = arrays.map(
    (values, subtask) =>
      valuesOf(send, [...records(values), END], { subtask, parallelism }) as { chunk: number }[],
  );
  const owners = memoized(() => random.nextInt(parallelism));
  const added = range(parallelism).map((subtask) => {
    const mine = sent.map((chunks) => chunks.filter(({ chunk }) => owners(chunk) === subtask));
    return valuesOf(add, [...records(interleaved(mine, random)), END], { subtask, parallelism });
  });
  return range(parallelism).map((subtask) => {
    const steps = [...records(interleaved(added, random)), END];
    return valuesOf(collect, steps, { subtask, parallelism }) as Float64Array[];
  });
}

for (const length of [2048, 8192, 24_576]) {
  test(`four arrays of ${length} numbers are summed on every subtask`, () => {
    const arrays = range(4).map(() => [Float64Array.from(range(length))]);
    const outputs = allReduce(arrays, new JavaRandom(1));
    assert.is(outputs.flat().length, 4);
    for (const [sum] of outputs) {
      assert.instance(sum, Float64Array);
      assert.is(sum!.length, length);
      assert.ok(sum!.every((x, i) => x === 4 * i));
    }
  });
}

test('arrays without numbers, and no arrays, give nothing', () => {
  const random = new JavaRandom(2);
  assertSame(allReduce(Array(4).fill([new Float64Array(0)]), random), [[], [], [], []]);
  assertSame(allReduce([[], [], [], []], random), [[], [], [], []]);
});

test('subtasks without an array get the sum too', () => {
  const outputs = allReduce([[], [Float64Array.of(1, 2)], [], [Float64Array.of(3, 4)]], RANDOM());
  assertSame(outputs, Array(4).fill([Float64Array.of(4, 6)]));
});

const RANDOM = () => new JavaRandom(3);

test('a second array on one subtask is an error', () => {
  const two = [Float64Array.from(range(100)), Float64Array.from(range(100))];
  const message = /^allReduceSum takes at most one array of each subtask, got a second one on sub/;
  throws(() => allReduce([two, two, two, two], RANDOM()), 'ERR_GYRE_DATA', message);
});

test('arrays of several lengths are an error, with the same subtasks in whatever order they come', () => {
  const arrays = [1, 2, 3, 4].map((n) => [new Float64Array(n)]);
  const message = /same length, got 1 on subtask 0 and 2 on subtask 1\.$/;
  for (let seed = 0; seed < 10; seed++) {
    throws(() => allReduce(arrays, new JavaRandom(seed)), 'ERR_GYRE_DIMENSION', message);
  }
});

test('an array without numbers beside others is of another length', () => {
  const arrays = [[new Float64Array(0)], [new Float64Array(5000)]];
  const message = /got 0 on subtask 0 and 5000 on subtask 1/;
  throws(() => allReduce(arrays, RANDOM()), 'ERR_GYRE_DIMENSION', message);
});

test('other things than arrays of float64 are refused', () => {
  const message = /^allReduceSum adds Float64Arrays, got \[1, 2\]\.$/;
  throws(() => allReduce([[[1, 2]]], RANDOM()), 'ERR_GYRE_DATA', message);
  throws(() => allReduce([[new Float32Array(2)]], RANDOM()), 'ERR_GYRE_DATA', /got Float32Array/);
});

test('the sum has the bits of adding in order of the subtasks, whatever comes first', () => {
  for (let seed = 0; seed < 12; seed++) {
    const random = new JavaRandom(seed);
    const parallelism = 1 + random.nextInt(5);
    const length = 1 + random.nextInt(10_000);
    const arrays = range(parallelism).map(() =>
      random.nextInt(4) === 0
        ? []
        : [
            Float64Array.from(
              { length },
              () => (random.nextDouble() - 0.5) * 10 ** random.nextInt(9),
            ),
          ],
    );
    const given = arrays.flat();
    const expected = given[0]?.slice();
    for (const array of given.slice(1)) for (let i = 0; i < length; i++) expected![i]! += array[i]!;
    for (const output of allReduce(arrays, random)) {
      assert.is(output.length, given.length > 0 ? 1 : 0, `seed ${seed}`);
      if (expected === undefined) continue;
      assert.ok(
        output[0]!.every((x, i) => Object.is(x, expected[i])),
        `seed ${seed}`,
      );
    }
  }
});

test('the arrays that come in are left as they are', () => {
  const arrays = [Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6)];
  const adder = add();
  const sums: unknown[] = [];
  arrays.forEach((array, subtask) => {
    const sender = send();
    sender.open({ subtask, parallelism: 2 } as never);
    const emit = (chunk: unknown) => adder.process(chunk as never, null as never);
    sender.process(array, { emit } as never);
  });
  adder.onInputEnd(0, { emit: (sum: unknown) => void sums.push(sum) } as never);
  assertSame(sums, [{ chunk: 0, length: 3, values: Float64Array.of(5, 7, 9) }]);
  assertSame(arrays, [Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6)]);
});

test.run();
