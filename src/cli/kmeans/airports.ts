/** Airports by what their traffic is like, as points for clustering. */
import { Column, type Session, StandardScaler, Table } from '../../index.js';
import { readParquet } from '../../io/parquet.js';
import { type Airport, readAirports } from '../airports.js';
import { datasetFile } from '../datasets.js';
import { AirportCodes } from '../flights/airport-codes.js';
import { LATE_MINUTES } from '../flights/features.js';
import { count, percent } from '../format.js';
import type { TextTable } from '../terminal.js';
import type { ClusterDemo, Clusters } from './demo.js';

/** What is known of an airport; the entries of its point are made of this. */
interface Traffic extends Airport {
  readonly code: string;
  readonly departures: number;
  readonly late: number;
  readonly miles: number;
}

const DIM = 5;
const MAX_AIRPORTS = 1024;
/** One a day in the half year of the data: with fewer, the shares mean little. */
const MIN_DEPARTURES = 181;
const EXAMPLES = 6;

/** Airports with departures, scaled so that all entries weigh the same. */
export async function airportsDemo(session: Session, signal: AbortSignal): Promise<ClusterDemo> {
  const airports = await readTraffic(signal);
  const input = new Float64Array(airports.length * DIM);
  airports.forEach(({ latitude, longitude, departures, late, miles }, i) => {
    const point = [latitude, longitude, Math.log10(departures), miles / departures];
    input.set([...point, late / departures], i * DIM);
  });
  const table = Table.fromColumns({ input: Column.dense(input, DIM) });
  const scaler = new StandardScaler({ withMean: true, outputCol: 'features' });
  const options = { session, signal };
  const scaled = await (await scaler.fit(table, options)).transform(table, options);
  return {
    title: `${airports.length} airports by place, departures, distance flown and delays`,
    points: scaled.select(['features']),
    describe: (clusters) => ({ table: describe(airports, clusters), notes: [] }),
  };
}

function describe(airports: readonly Traffic[], { assigned, k }: Clusters): TextTable {
  const clusters = Array.from({ length: k }, (_, cluster) =>
    airports.filter((_, i) => assigned[i] === cluster),
  ).filter((members) => members.length > 0);
  const sum = (members: readonly Traffic[], of: (airport: Traffic) => number): number =>
    members.reduce((total, airport) => total + of(airport), 0);
  const departures = (members: readonly Traffic[]): number => sum(members, (a) => a.departures);
  clusters.sort((a, b) => departures(b) / b.length - departures(a) / a.length);
  return {
    head: ['airports', 'departures', 'mean miles', 'late', 'busiest members'],
    align: ['right', 'right', 'right', 'right', 'left'],
    rows: clusters.map((members) => {
      const flights = departures(members);
      const busiest = [...members].sort((a, b) => b.departures - a.departures);
      const names = busiest.slice(0, EXAMPLES).map(({ code, city }) => `${code} ${city}`);
      return [
        count(members.length),
        count(flights),
        count(sum(members, (a) => a.miles) / flights),
        percent(sum(members, (a) => a.late) / flights),
        names.join(', '),
      ];
    }),
  };
}

/** Sums over all flights; airports without a known place or a flight a day are left out. */
async function readTraffic(signal: AbortSignal): Promise<Traffic[]> {
  const places = await readAirports(signal);
  const airports = new AirportCodes();
  const [departures, late, miles] = [sums(), sums(), sums()];
  const file = datasetFile('vega-datasets', 'data/flights-3m.parquet');
  const columns = ['origin', 'distance', 'delay'];
  for await (const table of readParquet(file, { columns, signal })) {
    const codes = airports.encode(table.column('origin', 'string'));
    const distances = table.column('distance', 'int64').toFloat64();
    const delays = table.column('delay', 'int64').toFloat64();
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i]!;
      departures[code]!++;
      miles[code]! += distances[i]!;
      if (delays[i]! > LATE_MINUTES) late[code]!++;
    }
  }
  return airports.names.flatMap((code, i) => {
    const place = places.get(code);
    if (place === undefined || departures[i]! < MIN_DEPARTURES) return [];
    return [{ ...place, code, departures: departures[i]!, late: late[i]!, miles: miles[i]! }];
  });
}

const sums = (): Float64Array => new Float64Array(MAX_AIRPORTS);
