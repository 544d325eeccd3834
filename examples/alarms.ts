/**
 * Online tuning of a parameter: alarms for the earthquakes of a week. An alarm is confirmed when
 * people felt the quake; each network of seismographs has a threshold, which follows.
 *
 *     node build/examples/alarms.js
 */
import { Session } from 'gyre';
import { type Quake, type TuningParams, watchQuakes } from './alarm-loop.js';
import { readJson } from './data.js';

interface Feature {
  readonly properties: {
    readonly time: number;
    readonly mag: number;
    readonly net: string;
    readonly felt: number | null;
  };
}

const { features } = await readJson<{ features: Feature[] }>('earthquakes.json');
const week = features
  .map(({ properties }) => properties)
  .sort((a, b) => a.time - b.time)
  .map(({ net, mag, felt }): Quake => ({ net, magnitude: mag, felt: felt ?? 0 }));

/** The quakes as they come in: a moment passes between them, in which verdicts arrive. */
async function* reports(): AsyncGenerator<Quake> {
  for (const quake of week) {
    yield quake;
    await new Promise((done) => setImmediate(done));
  }
}

const params: TuningParams = { start: 1, target: 0.25, step: 0.2 };
const session = new Session({ threads: 2 });
const job = session.job('alarms');
const streams = watchQuakes(job, job.from(reports()), params);

// Both outputs are asked for in the turn that starts the job.
const [verdicts, thresholds] = await Promise.all([
  streams.verdicts.output().toArray(),
  streams.thresholds.output().toArray(),
]);
await session.close();

/** The alarms of thresholds that had stayed where they began. */
const fixed = week
  .filter(({ magnitude }) => magnitude >= params.start)
  .map(({ felt }) => ({ confirmed: felt > 0 }));

function report(how: string, alarms: readonly { readonly confirmed: boolean }[]): void {
  const confirmed = alarms.filter((each) => each.confirmed).length;
  const percent = Math.round((100 * confirmed) / alarms.length);
  console.log(`${how}: ${alarms.length} alarms, ${percent} % of them confirmed`);
}

console.log(`${week.length} quakes`);
report('thresholds that stay', fixed);
report('thresholds that follow', verdicts);
console.log(`moved ${thresholds.length} times`);
for (const net of ['ci', 'nc', 'ak']) {
  const last = thresholds.findLast((each) => each.net === net)!;
  console.log(`${net}: from ${params.start.toFixed(1)} to ${last.value.toFixed(1)}`);
}
