/** Real data for the examples, from the npm package vega-datasets. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readCsv } from 'gyre';
import type { Airport } from './airports.js';

/** The path of a file of the package. */
export function dataFile(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, import.meta.resolve('vega-datasets')));
}

/** The value in a JSON file of the package. */
export async function readJson<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(dataFile(name), 'utf8')) as T;
}

/** The 3376 airports of the USA. */
export async function readAirports(): Promise<Airport[]> {
  const table = await readCsv(dataFile('airports.csv')).collect();
  return table.toRows().map(({ name, city, latitude, longitude }, id) => {
    const [up, east] = [latitude, longitude].map((degrees) => (Number(degrees) / 180) * Math.PI);
    const x = Math.cos(up!) * Math.cos(east!);
    const y = Math.cos(up!) * Math.sin(east!);
    return { id, name: String(name), city: String(city), x, y, z: Math.sin(up!) };
  });
}
