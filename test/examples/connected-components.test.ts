// @timeout 120
/** examples/connected-components: against a union-find. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { components, type Link } from '../../examples/components-loop.js';
import { JavaRandom } from '../../src/core/random.js';
import { closeSessions, sessionOf } from '../engine/support.js';

test.after(closeSessions);

/** The least number of each node's component. */
function unionFind(nodes: number, links: readonly Link[]): number[] {
  const parents = Array.from({ length: nodes }, (_, node) => node);
  const rootOf = (node: number): number => {
    let root = node;
    while (parents[root] !== root) root = parents[root]!;
    parents[node] = root;
    return root;
  };
  for (const { from, to } of links) {
    const [a, b] = [rootOf(from), rootOf(to)];
    parents[Math.max(a, b)] = Math.min(a, b);
  }
  return parents.map((_, node) => rootOf(node));
}

async function find(threads: number, nodes: number, links: readonly Link[]): Promise<number[]> {
  const found = Array.from({ length: nodes }, (_, node) => node);
  const labels = components(sessionOf(threads).job('components'), nodes, links);
  for await (const { node, label } of labels.output()) {
    assert.ok(label < found[node]!, `node ${node}: ${label} after ${found[node]}`);
    found[node] = label;
  }
  return found;
}

function randomLinks(nodes: number, count: number, seed: number): Link[] {
  const random = new JavaRandom(seed);
  const node = () => random.nextInt(nodes);
  return Array.from({ length: count }, () => ({ from: node(), to: node() }));
}

test('the components of 10,500 random links are those of a union-find', async () => {
  const seed = 20_260_212;
  const [nodes, count] = [6000, 10_500];
  const links = randomLinks(nodes, count, seed);
  const expected = unionFind(nodes, links);
  assert.ok(new Set(expected).size > 100, `${new Set(expected).size} components`);
  const found = await find(2, nodes, links);
  const wrong = found.findIndex((label, i) => label !== expected[i]);
  assert.is(wrong, -1, `seed ${seed}, node ${wrong}: ${found[wrong]}, not ${expected[wrong]}`);
});

test('they are the same on any number of workers', async () => {
  for (const seed of [1, 2]) {
    const links = randomLinks(200, 190, seed);
    const expected = unionFind(200, links).join();
    for (const threads of [0, 1, 2, 3]) {
      assert.is((await find(threads, 200, links)).join(), expected, `seed ${seed}, ${threads}`);
    }
  }
});

test('nodes without links, links to themselves and links given twice are fine', async () => {
  const links = [
    { from: 4, to: 2 },
    { from: 2, to: 4 },
    { from: 3, to: 3 },
    { from: 4, to: 1 },
  ];
  assert.is((await find(2, 6, links)).join(), '0,1,1,3,1,5');
  assert.is((await find(2, 3, [])).join(), '0,1,2');
});

test.run();
