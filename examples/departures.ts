/** The operators of event-time-windows.ts. */
import type { Collector, TimestampOperator, WindowInfo, WindowOperator } from 'gyre/engine';

/** A flight, as it is told of once it has left. */
export interface Departure {
  readonly origin: string;
  readonly destination: string;
  /** When it should have left: milliseconds since 1970, in a clock without zones. */
  readonly planned: number;
  /** Minutes. */
  readonly delay: number;
}

/** What six hours were like. */
export interface Report {
  /** When they began, as in 2001-01-31 06:00. */
  readonly from: string;
  readonly flights: number;
  /** Mean delay in minutes; what left early counts as 0. */
  readonly delay: number;
}

/** The time by which windows are cut: that of the plan, not that of the report. */
export class PlannedTime implements TimestampOperator<Departure> {
  static readonly module: string = import.meta.url;

  timestamp({ planned }: Departure): number {
    return planned;
  }
}

/** All flights that were planned for one window, to a report. */
export class ReportDelays implements WindowOperator<Departure, Report> {
  static readonly module: string = import.meta.url;

  window(flights: readonly Departure[], out: Collector<Report>, { start }: WindowInfo): void {
    const sum = flights.reduce((total, { delay }) => total + Math.max(delay, 0), 0);
    const from = new Date(start).toISOString().slice(0, 16).replace('T', ' ');
    out.emit({ from, flights: flights.length, delay: sum / flights.length });
  }
}
