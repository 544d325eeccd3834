/**
 * Online training with a model of one's own, that outlives a worker: versions of the model come out
 * while it learns; then a worker dies, the job goes on from its last checkpoint, and nothing of it
 * shows in what comes out.
 *
 *     node build/examples/online-training.js
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'gyre';
import { dataFile } from './data.js';
import { Lines } from './lines.js';
import { learnWeather, type Weather } from './weather-model.js';

const folder = await mkdtemp(join(tmpdir(), 'gyre-example-'));
const session = new Session({ threads: 2 });
const crashes = new SharedArrayBuffer(4);

async function learn(name: string, crashAt: number | null): Promise<Weather[]> {
  const job = session.job(name, { checkpoint: { folder, everyRows: 100, backoffMs: 1 } });
  job.buffer('crashes', crashes);
  // Tomorrow's highest temperature, told from today's weather: the days of four years, one by one.
  const lines = job.from(new Lines(dataFile('seattle-weather.csv'), 10));
  const seen: Weather[] = [];
  // With checkpoints a record comes when one covers it, so that none comes twice.
  for await (const model of learnWeather(job, lines, crashAt).output()) seen.push(model);
  return seen;
}

try {
  const undisturbed = await learn('undisturbed', null);
  for (let year = 0; year < 4; year++) {
    const models = undisturbed.slice(year * 36, (year + 1) * 36);
    const error = models.reduce((sum, model) => sum + model.error, 0) / models.length;
    const { version } = models.at(-1)!;
    console.log(`to version ${version}: wrong by ${error.toFixed(2)} °C on average`);
  }

  const disturbed = await learn('disturbed', 90);
  console.log(`a worker died: ${new Int32Array(crashes)[0]! > 0}`);
  const versions = disturbed.map(({ version }) => version);
  const complete = versions.every((version, i) => version === i + 1);
  console.log(`${versions.length} versions, each of them once: ${complete}`);
  const same = JSON.stringify(disturbed) === JSON.stringify(undisturbed);
  console.log(`the same as without the failure: ${same}`);
} finally {
  await session.close();
  await rm(folder, { recursive: true });
}
