// @timeout 120
/** examples/event-time-windows: against the definition of a watermark, record by record. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Departure,
  PlannedTime,
  type Report,
  ReportDelays,
} from '../../examples/departures.js';
import { JavaRandom } from '../../src/core/random.js';
import { eventTimeTumbling } from '../../src/engine/index.js';
import { assertSame, closeSessions, sessionOf } from '../engine/support.js';

test.after(closeSessions);

const SEED = 20_260_213;
const MINUTE_MS = 60_000;
const SIZE_MS = 30 * MINUTE_MS;

/** Flights of some days in order of leaving, one a minute or so, up to three hours late. */
function departures(count: number): Departure[] {
  const random = new JavaRandom(SEED);
  return Array.from({ length: count }, (_, i): Departure => {
    const delay = random.nextDouble() < 0.2 ? random.nextInt(180) : random.nextInt(10);
    const planned = Date.UTC(2001, 0, 1) + i * MINUTE_MS;
    return { origin: 'SEA', destination: `gate ${i}`, planned, delay };
  }).sort((a, b) => a.planned + a.delay * MINUTE_MS - (b.planned + b.delay * MINUTE_MS));
}

interface Windows {
  readonly reports: readonly Report[];
  readonly late: readonly Departure[];
}

async function cut(threads: number, flights: Departure[], delayMs: number): Promise<Windows> {
  const windows = sessionOf(threads)
    .job('departures')
    .of(flights)
    .assignTimestamps(PlannedTime, undefined, { delayMs })
    .windowAll(eventTimeTumbling(SIZE_MS), ReportDelays);
  const [reports, late] = await Promise.all([
    windows.output().toArray(),
    windows.side<Departure>('late').output().toArray(),
  ]);
  return { reports, late };
}

/** A flight is late when the latest plan before it is that far behind the end of its window. */
function plainly(flights: readonly Departure[], delayMs: number): Windows {
  const inTime = new Map<number, Departure[]>();
  const late: Departure[] = [];
  let watermark = Number.NEGATIVE_INFINITY;
  for (const flight of flights) {
    const start = Math.floor(flight.planned / SIZE_MS) * SIZE_MS;
    if (start + SIZE_MS <= watermark) late.push(flight);
    else inTime.set(start, [...(inTime.get(start) ?? []), flight]);
    watermark = Math.max(watermark, flight.planned - delayMs);
  }
  const reports = [...inTime]
    .sort(([a], [b]) => a - b)
    .map(([start, members]) => {
      // In order of the plan, as the window gives them: the sum depends on it.
      members.sort((a, b) => a.planned - b.planned);
      const sum = members.reduce((total, { delay }) => total + Math.max(delay, 0), 0);
      const from = new Date(start).toISOString().slice(0, 16).replace('T', ' ');
      return { from, flights: members.length, delay: sum / members.length };
    });
  return { reports, late };
}

for (const threads of [0, 2]) {
  test(`reports and late flights are those of the definition, on ${threads} workers`, async () => {
    const flights = departures(3000);
    for (const delayMs of [0, 20 * MINUTE_MS, 60 * MINUTE_MS]) {
      const expected = plainly(flights, delayMs);
      assert.ok(expected.late.length > 0, `seed ${SEED}: nothing is late by ${delayMs} ms`);
      assertSame(await cut(threads, flights, delayMs), expected, `${delayMs} ms`);
    }
  });
}

test('with a delay as long as the longest, no flight is late', async () => {
  const { reports, late } = await cut(2, departures(2000), 180 * MINUTE_MS);
  assert.is(late.length, 0);
  assert.is(
    reports.reduce((sum, { flights }) => sum + flights, 0),
    2000,
  );
});

test.run();
