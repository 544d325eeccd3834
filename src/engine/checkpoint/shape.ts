/** What has to be the same for a job to go on from a checkpoint: its graph and its tables. */
import type { Graph } from '../graph.js';

/** Plain JSON; compared line by line. */
export interface JobShape {
  readonly job: string;
  readonly parallelism: number;
  readonly nodes: readonly string[];
  readonly edges: readonly string[];
  readonly tables: readonly string[];
}

/** Not part of it: where modules lie, and params, which a new release of a job may change. */
export function shapeOf({ name, parallelism, nodes, edges, tables }: Graph): JobShape {
  return {
    job: name,
    parallelism,
    nodes: nodes.map((node) => {
      const life = node.loop === null ? '' : ` in loop ${node.loop}, ${node.lifecycle}`;
      return `node ${node.id}: ${node.kind} ${node.name} x ${node.parallelism}${life}`;
    }),
    edges: edges.map(({ from, to, input, partitioner, kind, tag }) => {
      const side = tag === null ? '' : ` (${tag})`;
      return `edge ${from}${side} to input ${input} of ${to}: ${partitioner} ${kind}`;
    }),
    tables: [...tables].map(([id, { table }]) => {
      const columns = Object.entries(table.schema).map(([column, type]) => `${column} ${type}`);
      return `table ${id}: ${table.numRows} rows of ${columns.join(', ')}`;
    }),
  };
}

/** The first difference, in words; null when there is none. */
export function shapeDifference(stored: JobShape, now: JobShape): string | null {
  const lines = ({ job, nodes, edges, tables }: JobShape) => [
    `job ${job}`,
    ...nodes,
    ...edges,
    ...tables,
  ];
  const [before, after] = [lines(stored), lines(now)];
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    if (before[i] === after[i]) continue;
    return `it has "${before[i] ?? 'nothing more'}" where the job has "${after[i] ?? 'nothing more'}"`;
  }
  return null;
}
