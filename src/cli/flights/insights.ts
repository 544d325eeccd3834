/** What the predictions look like: by hour of the day, by probability, by airport. */
import type { FlightLog } from './features.js';

/** Flights of a group, how many were late, and how many were expected to be. */
export interface Group {
  readonly flights: number;
  /** Share of late flights. */
  readonly late: number;
  /** Mean of the probabilities that were predicted. */
  readonly predicted: number;
}

/** Groups of flights by an index; a group without flights has shares of zero. */
export function groupFlights(
  groups: number,
  groupOf: (row: number) => number,
  probabilities: Float64Array,
  labels: Uint8Array,
): Group[] {
  const flights = new Float64Array(groups);
  const late = new Float64Array(groups);
  const predicted = new Float64Array(groups);
  for (let i = 0; i < labels.length; i++) {
    const group = groupOf(i);
    flights[group]!++;
    late[group]! += labels[i]!;
    predicted[group]! += probabilities[i]!;
  }
  return Array.from(flights, (n, g) => ({
    flights: n,
    late: n === 0 ? 0 : late[g]! / n,
    predicted: n === 0 ? 0 : predicted[g]! / n,
  }));
}

/** By hour of departure, 0 to 23. */
export function byHour(
  { minutes }: FlightLog,
  probabilities: Float64Array,
  labels: Uint8Array,
): Group[] {
  const hourOf = (i: number): number => Math.floor(minutes[i]! / 60) % 24;
  return groupFlights(24, hourOf, probabilities, labels);
}

/** By predicted probability, in `bins` equal parts of [0, 1]. */
export function byProbability(
  bins: number,
  probabilities: Float64Array,
  labels: Uint8Array,
): Group[] {
  const binOf = (i: number): number => Math.min(Math.floor(probabilities[i]! * bins), bins - 1);
  return groupFlights(bins, binOf, probabilities, labels);
}

/** The airports with the most departures, busiest first. */
export function busiestAirports(
  limit: number,
  { origins, airports }: FlightLog,
  probabilities: Float64Array,
  labels: Uint8Array,
): (Group & { readonly airport: string })[] {
  return groupFlights(airports.length, (i) => origins[i]!, probabilities, labels)
    .map((group, code) => ({ ...group, airport: airports[code]! }))
    .sort((a, b) => b.flights - a.flights)
    .slice(0, limit);
}
