/**
 * An algorithm of one's own on the engine: PageRank with damping, as a loop whose state flows back
 * until it no longer moves.
 *
 *     node build/examples/own-iteration.js
 */
import { Column, Session, Table } from 'gyre';
import { once } from 'gyre/engine';
import { FollowLinks, MoveRanks, type Ranks, StillMoves } from './page-rank.js';

const LINKS: Readonly<Record<string, readonly string[]>> = {
  home: ['docs', 'blog', 'shop'],
  docs: ['home', 'guide', 'api'],
  guide: ['docs', 'api'],
  api: ['docs'],
  blog: ['home', 'guide'],
  shop: ['home', 'cart'],
  cart: [],
};

const pages = Object.keys(LINKS);
const pairs = pages.flatMap((from) => LINKS[from]!.map((to) => [from, to] as const));
const numbers = (names: readonly string[]) => Int32Array.from(names, (name) => pages.indexOf(name));
const links = Table.fromColumns({
  from: Column.numeric(numbers(pairs.map(([from]) => from))),
  to: Column.numeric(numbers(pairs.map(([, to]) => to))),
});
const outDegrees = Int32Array.from(pages, (page) => LINKS[page]!.length);
const dangling = numbers(pages.filter((page) => LINKS[page]!.length === 0));

async function pageRank(session: Session): Promise<Ranks> {
  const job = session.job('PageRank');
  const start: Ranks = {
    round: 0,
    ranks: new Float64Array(pages.length).fill(1 / pages.length),
    change: Number.POSITIVE_INFINITY,
  };
  const { ranks } = job.iterate({
    // What flows back: one record a round.
    variables: [job.of([start])],
    // What is only read: the links, in shards that stay with their workers.
    data: [once(job.table(links))],
    body: ([state], [shards]) => {
      const flows = shards.connect(state.broadcast()).process(FollowLinks, { outDegrees });
      const next = flows.gather().connect(state).process(MoveRanks, { damping: 0.85, dangling });
      return {
        feedback: [next],
        outputs: { ranks: next },
        // The loop ends with the first round in which nothing passes.
        criteria: next.filter(StillMoves, { tolerance: 1e-10 }),
      };
    },
  });
  return ranks.output().last();
}

const results: Ranks[] = [];
for (const threads of [0, 2]) {
  const session = new Session({ threads });
  results.push(await pageRank(session));
  await session.close();
}

const [inline, onWorkers] = results as [Ranks, Ranks];
const order = [...pages.keys()].sort((a, b) => inline.ranks[b]! - inline.ranks[a]!);
for (const page of order) console.log(`${pages[page]!.padEnd(6)}${inline.ranks[page]!.toFixed(4)}`);
const total = inline.ranks.reduce((sum, rank) => sum + rank, 0);
console.log(`${inline.round} rounds, the ranks add up to ${total.toFixed(6)}`);
const same = inline.ranks.every((rank, page) => Object.is(rank, onWorkers.ranks[page]));
console.log(`the same bits on 0 and 2 workers: ${same}`);
