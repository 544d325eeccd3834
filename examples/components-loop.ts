/**
 * The loop of connected-components.ts: operators that live for one round.
 *
 * ```text
 *  links ─▶ replay ─── by node ──▶ coGroup Offer ──┐ offers, by node
 *                                       ▲          ▼
 *                               by node │       reduce Least ──┬─▶ labels
 *                                       │          ▲ by node   │
 *  own numbers ─▶ head ─────────────────┴─▶ Keep ──┘           │
 *                 ▲                                            │
 *                 └────────────────── feedback ◀───────────────┘
 * ```
 *
 * Every node begins with its own number as its label, tells its neighbours, and takes the least
 * label that it hears of. When no label changes any more, the nodes of one component have the same
 * label: the least number of them.
 *
 * `coGroup` is for streams that end. In a loop nothing ends before the loop does, but here
 * operators live for one round (`lifecycle: 'perRound'`): a new one is made for each epoch, and the
 * end of the epoch is the end of its inputs. So it can be used as it is, and it keeps nothing of
 * the round before.
 *
 * Labels are minima, which no order of arrival changes: the result is the same on any number of
 * workers.
 */
import {
  type CoGroupOperator,
  type Collector,
  type DataStream,
  type FilterOperator,
  type Job,
  type Key,
  type MapOperator,
  type ReduceOperator,
  replay,
} from 'gyre/engine';

export interface Link {
  readonly from: number;
  readonly to: number;
}

/** A node and those that it has links with. */
interface Neighbours {
  readonly node: number;
  readonly others: readonly number[];
}

/** What a node is labelled with. */
export interface Label {
  readonly node: number;
  readonly label: number;
  /** What its label was before the round; infinity when that is not known. */
  readonly before: number;
}

/** Whether a label is news to the neighbours. */
const isNew = ({ label, before }: Label): boolean => label < before;

/** A node's neighbours and its label to what it offers to them: its label, when it is new. */
export class Offer implements CoGroupOperator<Neighbours, Label, Label> {
  static readonly module: string = import.meta.url;

  coGroup(
    _node: Key,
    neighbours: readonly Neighbours[],
    labels: readonly Label[],
    out: Collector<Label>,
  ): void {
    for (const { label } of labels.filter(isNew)) {
      for (const node of neighbours.flatMap(({ others }) => others)) {
        out.emit({ node, label, before: Number.POSITIVE_INFINITY });
      }
    }
  }
}

/** A label as the next round finds it. */
export class Keep implements MapOperator<Label, Label> {
  static readonly module: string = import.meta.url;

  map({ node, label }: Label): Label {
    return { node, label, before: label };
  }
}

/** The label that a node had, and what it is offered, to the label that it has now. */
export class Least implements ReduceOperator<Label> {
  static readonly module: string = import.meta.url;

  reduce(a: Label, b: Label): Label {
    const label = Math.min(a.label, b.label);
    return { node: a.node, label, before: Math.min(a.before, b.before) };
  }
}

/** Lets labels pass that have changed: the criteria of the loop. */
export class Changed implements FilterOperator<Label> {
  static readonly module: string = import.meta.url;

  filter(label: Label): boolean {
    return isNew(label);
  }
}

/**
 * Adds the loop to a job.
 *
 * @param nodes Their number; they are 0, 1, ...
 * @param links Each once, from either end.
 * @returns The labels after each round; the last that comes of a node is its component.
 */
export function components(job: Job, nodes: number, links: readonly Link[]): DataStream<Label> {
  const others = Array.from({ length: nodes }, (): number[] => []);
  for (const { from, to } of links) {
    others[from]!.push(to);
    others[to]!.push(from);
  }
  const neighbours = others.map((all, node): Neighbours => ({ node, others: all }));
  const start = Array.from(
    { length: nodes },
    (_, node): Label => ({ node, label: node, before: Number.POSITIVE_INFINITY }),
  );
  const { labels } = job.iterate({
    lifecycle: 'perRound',
    variables: [job.of(start).rebalance()],
    data: [replay(job.of(neighbours).rebalance())],
    body: ([current], [replayed]) => {
      const offers = replayed.keyBy('node').connect(current.keyBy('node')).coGroup(Offer);
      const next = current.map(Keep).union(offers).keyBy('node').reduce(Least);
      const changed = next.filter(Changed);
      return { feedback: [next], outputs: { labels: changed }, criteria: changed };
    },
  });
  return labels;
}
