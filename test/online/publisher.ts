/**
 * A process that learns, and publishes what it learns; it ends when its input does.
 *
 *   node publisher.js <folder of models> <folder of checkpoints>
 */
import { finished } from 'node:stream/promises';
import { Session } from '../../src/index.js';
import { Batches, LEARNERS, streamOf } from './learners.js';

const [models, folder] = process.argv.slice(2) as [string, string];
const learner = LEARNERS['logistic regression']!;
const session = new Session({ threads: 0 });
const checkpoint = { folder, everyRows: 400, resume: true };
const source = new Batches(learner.batches, [], 25);
const model = await learner.fit(streamOf(learner, source), { session, checkpoint });
const publication = await model.publishTo(models, { keep: 2 });
await publication.completed;
await session.close();
// Until the parent has seen all: a process that has ended cannot be killed.
await finished(process.stdin.resume());
