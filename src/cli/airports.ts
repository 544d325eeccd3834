/** Airports by code: names and places, from the table in vega-datasets. */
import { readCsv } from '../io/csv.js';
import { datasetFile } from './datasets.js';

export interface Airport {
  readonly name: string;
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** All airports that the table has. */
export async function readAirports(signal: AbortSignal): Promise<ReadonlyMap<string, Airport>> {
  const table = await readCsv(datasetFile('vega-datasets', 'data/airports.csv'), {
    schema: {
      iata: 'string',
      name: 'string',
      city: 'string',
      latitude: 'float64',
      longitude: 'float64',
    },
    columns: ['iata', 'name', 'city', 'latitude', 'longitude'],
    signal,
  }).collect();
  return new Map(
    table.toRows().map(({ iata, ...airport }) => [String(iata), airport as unknown as Airport]),
  );
}
