/**
 * A process that works on a job until it is complete, or killed: it resumes what is there.
 *
 *   node victim.js <folder> <name of the job> <'rounds' | 'stream' | 'KMeans'> <threads>
 *
 * Prints the number of each checkpoint in a line of its own, and at last the result as JSON.
 */
import { channel } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import { KMeans } from '../../../src/clustering/kmeans.js';
import type { CheckpointEvent } from '../../../src/core/diagnostics.js';
import { JavaRandom } from '../../../src/core/random.js';
import type { CheckpointOptions } from '../../../src/engine/checkpoint/options.js';
import { Session } from '../../../src/engine/session.js';
import { Table } from '../../../src/table/table.js';
import { range } from '../support.js';
import { PARALLELISM } from './disturbed.js';
import { GRAPHS, type Numbers, rounds, slowly } from './graphs.js';
import { Faulty } from './operators.js';

const ROUNDS = 700;
const ROWS = 8000;
const DIM = 8;
const long = rounds(ROUNDS, (data, faults) => data.process(Faulty, faults));

/** Some hundred milliseconds of them. */
const many: Numbers = (job, n) => slowly(job, 12 * n);

function points(): Table {
  const random = new JavaRandom(7);
  const rows = range(ROWS).map(() => range(DIM).map(() => random.nextDouble()));
  return Table.fromColumns({ features: rows }, { features: 'vector' });
}

/** The bits of a model, trained with checkpoints, or without. */
export async function cluster(session: Session, checkpoint?: CheckpointOptions): Promise<string> {
  const model = await new KMeans({ k: 20, maxIter: 250, seed: 3 }).fit(points(), {
    session,
    ...(checkpoint && { checkpoint }),
  });
  const { centroids } = model.modelData;
  return centroids.map(({ values }) => Buffer.from(values.buffer).toString('hex')).join(' ');
}

/** What a kind of job gives. */
export function work(
  kind: string,
  session: Session,
  name: string,
  checkpoint?: CheckpointOptions,
): Promise<unknown> {
  if (kind === 'KMeans') return cluster(session, checkpoint);
  const options = { parallelism: PARALLELISM, ...(checkpoint && { checkpoint }) };
  const job = session.job(name, options);
  return kind === 'rounds' ? long(job, [], slowly) : GRAPHS.stream!(job, [], many);
}

if (process.argv[1] === import.meta.filename) {
  const [folder, name, kind, threads] = process.argv.slice(2) as [string, string, string, string];
  const session = new Session({ threads: Number(threads), inlineWork: 0 });
  const checkpoint = { folder, resume: true, everyMs: 15, everyEpochs: 10 };
  channel('gyre:checkpoint').subscribe((event) => {
    writeSync(1, `${(event as CheckpointEvent).id}\n`);
  });
  writeSync(1, JSON.stringify(await work(kind, session, name, checkpoint)));
  await session.close();
}
