/**
 * A process that learns until it is complete, or killed: it resumes what is there.
 *
 *   node victim.js <learner> <folder of checkpoints> <threads>
 *
 * Prints every version in a line of its own, and at last the final model.
 */
import { writeSync } from 'node:fs';
import { Session } from '../../src/index.js';
import { Batches, digest, LEARNERS, numberOf, streamOf } from './learners.js';
import type { Line } from './run-victim.js';

const say = (line: Line): void => {
  writeSync(1, `${JSON.stringify(line)}\n`);
};

const [name, folder, threads] = process.argv.slice(2) as [string, string, string];
const learner = LEARNERS[name]!;
const session = new Session({ threads: Number(threads) });
const checkpoint = { folder, everyRows: 400, resume: true };
// Slow enough to be killed in between.
const source = new Batches(learner.batches, [], 5);
const model = await learner.fit(streamOf(learner, source), { session, checkpoint });
for await (const version of model.updates()) {
  say({ number: numberOf(version), text: digest(version) });
}
say({ final: digest(model.modelData) });
await session.close();
