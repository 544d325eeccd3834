/** What the page's charts draw: plain arrays, one value a point. */

export interface PageData {
  /** One value for each window of flights. */
  readonly curve: {
    /** Departure of the window's last flight, in seconds since the epoch. */
    readonly time: readonly number[];
    readonly rows: readonly number[];
    readonly logLoss: readonly number[];
    readonly windowLogLoss: readonly number[];
    /** Null where all flights were late, or all on time. */
    readonly auc: readonly (number | null)[];
    readonly windowAuc: readonly (number | null)[];
    /** Share of late flights in the window, and the mean of what was predicted. */
    readonly late: readonly number[];
    readonly predicted: readonly number[];
  };
  readonly baseLogLoss: number;
  /** One value for each hour of the day; null where there are no flights. */
  readonly hours: {
    readonly late: readonly (number | null)[];
    readonly predicted: readonly (number | null)[];
  };
  /** One point for each part of [0, 1] with enough flights. */
  readonly calibration: {
    readonly predicted: readonly number[];
    readonly late: readonly number[];
    readonly flights: readonly number[];
  };
}
