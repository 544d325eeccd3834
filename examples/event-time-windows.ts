/**
 * Windows by event time: flights by the six hours they were planned for, while they are told of in
 * the order in which they leave. What comes after its window has been reported is not lost: it is
 * in a side output.
 *
 * ```text
 *  flights ─▶ assignTimestamps ─▶ windowAll(6 h) ──┬─▶ a report for each window
 *   in order    by plan; the       fires when the  └─▶ side output `late`
 *   of leaving  watermark is 1 h   watermark has
 *               behind             passed its end
 * ```
 *
 * A watermark says that no record of an earlier time is expected any more. Here it follows the
 * latest plan that was seen, an hour behind (`delayMs`). With a longer delay fewer flights are
 * late, but each report comes later: that is the choice to make.
 *
 *     node build/examples/event-time-windows.js
 */
import { Session } from 'gyre';
import { eventTimeTumbling } from 'gyre/engine';
import { readJson } from './data.js';
import { type Departure, PlannedTime, ReportDelays } from './departures.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

interface Flight {
  readonly date: string;
  readonly delay: number;
  readonly origin: string;
  readonly destination: string;
}

// 20,000 flights of three months. The file is in order of the plan; the stream is not.
const flights = await readJson<Flight[]>('flights-20k.json');
const leftAt = ({ planned, delay }: Departure): number => planned + delay * MINUTE_MS;
const departures = flights
  .map(({ date, ...rest }): Departure => {
    return { ...rest, planned: Date.parse(`${date.replaceAll('/', '-').replace(' ', 'T')}Z`) };
  })
  .sort((a, b) => leftAt(a) - leftAt(b));

const session = new Session({ threads: 2 });
const windows = session
  .job('departures')
  .of(departures)
  .assignTimestamps(PlannedTime, undefined, { delayMs: HOUR_MS })
  .windowAll(eventTimeTumbling(6 * HOUR_MS), ReportDelays);
const [reports, late] = await Promise.all([
  windows.output().toArray(),
  windows.side<Departure>('late').output().toArray(),
]);
await session.close();

const reported = reports.reduce((sum, { flights: count }) => sum + count, 0);
console.log(`${departures.length} flights in ${reports.length} windows`);
const worst = reports.filter(({ flights: count }) => count >= 20).sort((a, b) => b.delay - a.delay);
for (const { from, flights: count, delay } of worst.slice(0, 3)) {
  console.log(`${from}: ${count} flights, ${delay.toFixed(0)} minutes late on average`);
}
console.log(`${reported} in time for their report, ${late.length} after it`);
const { origin, destination, delay } = late[0]!;
console.log(`one of these: ${origin} to ${destination}, ${delay} minutes late`);
