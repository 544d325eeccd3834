/** Event time: gives records their time, and says how far it has come. */
import { DataError } from '../../core/errors.js';
import { int, type ParamTable, resolveParams, showValue } from '../../core/params.js';
import type { Collector } from '../operator.js';
import { EmittingWrapper, type UserCallbacks } from './wrapper.js';

/** An operator of `assignTimestamps`. */
export interface TimestampOperator<In = never> extends UserCallbacks<In> {
  /** When what the record tells of happened: milliseconds, finite. */
  timestamp(value: In): number;
}

/** How late records may be. */
export interface TimestampOptions {
  /** A record may come so many milliseconds of event time after a later one. **Default:** 0. */
  readonly delayMs?: number | undefined;
  /** Event time moves in steps of at least so many milliseconds. **Default:** 1. */
  readonly stepMs?: number | undefined;
}

interface TimestampSettings {
  readonly delayMs: number;
  readonly stepMs: number;
}

const settingsTable: ParamTable<TimestampSettings> = {
  delayMs: int(0, { min: 0 }),
  stepMs: int(1, { min: 1 }),
};

export function timestampSettings(options: TimestampOptions): TimestampSettings {
  return resolveParams('assignTimestamps', settingsTable, options);
}

/**
 * The watermark follows the latest time that was seen, `delayMs` behind: as Flink's for records that
 * are out of order within a bound.
 */
export class AssignTimestamps extends EmittingWrapper<TimestampOperator<unknown>, number> {
  readonly replacesEventTime = true;
  readonly #settings: TimestampSettings;
  #watermark: number = Number.NEGATIVE_INFINITY;

  constructor(settings: TimestampSettings, user: TimestampOperator<unknown>) {
    super(user);
    this.#settings = settings;
  }

  process(value: unknown, out: Collector): void {
    const timestamp = this.user.timestamp(value);
    if (!Number.isFinite(timestamp)) {
      throw new DataError(
        `${this.context.name}: the timestamp of a record must be a finite number of milliseconds, ` +
          `got ${showValue(timestamp)}.`,
      );
    }
    out.emit(value, timestamp);
    const watermark = timestamp - this.#settings.delayMs;
    if (watermark < this.#watermark + this.#settings.stepMs) return;
    this.#watermark = watermark;
    out.emitWatermark(watermark);
  }

  protected override ownState(): number {
    return this.#watermark;
  }

  protected override takeState(watermark: number): void {
    this.#watermark = watermark;
  }
}
