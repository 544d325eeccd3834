/** Airports and how far they are apart: apart from data.ts, for workers need no files. */

/** An airport, with a number of its own. */
export interface Airport {
  readonly id: number;
  readonly name: string;
  readonly city: string;
  /** Where it is, on a globe of radius 1. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

const EARTH_KM = 6371;

/** Kilometres over the ground. */
export function distanceKm(a: Airport, b: Airport): number {
  const through = Math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2);
  return 2 * EARTH_KM * Math.asin(through / 2);
}
