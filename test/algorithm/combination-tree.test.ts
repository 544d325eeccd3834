import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CombinationTree,
  combineRoot,
  type TreeNode,
} from '../../src/algorithm/combination-tree.js';
import { InternalError } from '../../src/core/errors.js';
import { shardRun } from '../../src/engine/shard.js';

const SEED = 20_261_122;
const add = (a: number, b: number): number => a + b;

/** The definition: halves, each combined by itself. */
function reference(leaves: readonly number[]): number {
  if (leaves.length === 1) return leaves[0]!;
  const half = leaves.length / 2;
  return reference(leaves.slice(0, half)) + reference(leaves.slice(half));
}

/** What the owners of runs `[cuts[i], cuts[i + 1])` send. */
function subtrees(leaves: readonly number[], cuts: readonly number[]): TreeNode<number>[][] {
  return cuts.slice(1).map((end, i) => {
    const tree = new CombinationTree(add);
    for (let index = cuts[i]!; index < end; index++) {
      tree.add({ level: 0, index, value: leaves[index]! });
    }
    return tree.take();
  });
}

const cases = fc.integer({ min: 0, max: 8 }).chain((level) => {
  const n = 2 ** level;
  return fc.record({
    leaves: fc.array(fc.double({ noNaN: true }), { minLength: n, maxLength: n }),
    cuts: fc
      .array(fc.integer({ min: 0, max: n }), { maxLength: 9 })
      .map((inner) => [0, ...inner.sort((a, b) => a - b), n]),
    seed: fc.nat(),
  });
});

test(`any cut into runs, given in any order, sums to the same bits, seed ${SEED}`, () => {
  const property = fc.property(cases, ({ leaves, cuts, seed }) => {
    const runs = subtrees(leaves, cuts);
    const turn = seed % runs.length;
    const shuffled = [...runs.slice(turn), ...runs.slice(0, turn)].reverse().flat();
    assert.ok(Object.is(combineRoot(shuffled, add), reference(leaves)));
  });
  fc.assert(property, { seed: SEED, numRuns: 2000 });
});

test('the cases can tell orders apart: a plain sum gives other bits', () => {
  const leaves = Array.from({ length: 64 }, (_, i) => Math.sin(i) * 10 ** (i % 17));
  assert.is.not(leaves.reduce(add), reference(leaves));
  for (let workers = 1; workers <= 7; workers++) {
    const cuts = [0];
    for (let worker = 0; worker < workers; worker++) cuts.push(shardRun(64, worker, workers)[1]);
    assert.is(combineRoot(subtrees(leaves, cuts).flat(), add), reference(leaves));
  }
});

test('a worker keeps no more subtrees than twice the levels', () => {
  const leaves = new Array<number>(256).fill(1);
  for (let start = 0; start < 256; start += 5) {
    for (let end = start; end <= 256; end += 7) {
      const [, run] = subtrees(leaves, [0, start, end]);
      assert.ok(run!.length <= 16, `${start} to ${end}: ${run!.length}`);
    }
  }
});

test('a missing or doubled subtree is found out', () => {
  const runs = subtrees([1, 2, 3, 4], [0, 2, 4]);
  const internal = (error: unknown): boolean => error instanceof InternalError;
  assert.throws(() => combineRoot(runs[0]!, add) && combineRoot([], add), internal);
  assert.throws(() => combineRoot([...runs.flat(), ...runs[1]!], add), internal);
});

test.run();
