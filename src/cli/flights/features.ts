/** Features of flights, made by integer arithmetic: there is no string per row. */
import { Column, Table } from '../../index.js';
import type { DictionaryColumn } from '../../table/dictionary-column.js';
import { AirportCodes } from './airport-codes.js';

/** The categorical columns that {@link FlightFeatures} makes. */
export const FEATURE_COLUMNS: readonly string[] = [
  'hour',
  'weekday',
  'origin',
  'destination',
  'originHour',
  'route',
  'distance',
];

/** The columns of the file that the features are made of. */
export const FLIGHT_COLUMNS: readonly string[] = [
  'date',
  'delay',
  'distance',
  'origin',
  'destination',
];

/** A flight is late when it arrives more minutes than this after its time. */
export const LATE_MINUTES = 15;

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** The first day of the Unix epoch was a Thursday. */
const EPOCH_WEEKDAY = 4;
const MS_PER_HOUR = 3_600_000;
const MAX_AIRPORTS = 1024;
const MILES_PER_BIN = 250;
const MAX_DISTANCE_BINS = 64;

/** What is kept of every flight, in order, to tell the results apart by. */
export interface FlightLog {
  readonly rows: number;
  /** Departure in minutes since the Unix epoch, one a flight. */
  readonly minutes: Int32Array;
  /** Index into `airports`, one a flight. */
  readonly origins: Uint16Array;
  readonly airports: readonly string[];
}

/**
 * Makes the features of flights, batch after batch.
 *
 * Each is a dictionary column whose codes are looked up by an integer key. A label is made when its
 * key is first seen, and the array of labels is the same one from batch to batch until a new key
 * comes, so that what is derived from it (hashes) is derived once.
 */
export class FlightFeatures {
  readonly #airports = new AirportCodes();
  readonly #encoders = this.#newEncoders();
  readonly #minutes: Int32Array;
  readonly #origins: Uint16Array;
  #rows = 0;

  /** @param rows How many flights there will be at most. */
  constructor(rows: number) {
    this.#minutes = new Int32Array(rows);
    this.#origins = new Uint16Array(rows);
  }

  /** The flights so far. */
  get log(): FlightLog {
    return {
      rows: this.#rows,
      minutes: this.#minutes.subarray(0, this.#rows),
      origins: this.#origins.subarray(0, this.#rows),
      airports: this.#airports.names,
    };
  }

  /** The features of a batch and its `label`: 1 for a late flight. */
  transform(flights: Table): Table {
    const rows = flights.numRows;
    const origins = this.#airports.encode(flights.column('origin', 'string'));
    const destinations = this.#airports.encode(flights.column('destination', 'string'));
    const ms = flights.column('date', 'timestamp').toEpochMs();
    const miles = flights.column('distance', 'int64').toFloat64();
    const keys = FEATURE_COLUMNS.map(() => new Int32Array(rows));
    const [hour, weekday, origin, destination, originHour, route, distance] = keys as Keys;
    for (let i = 0; i < rows; i++) {
      const hours = Math.floor(ms[i]! / MS_PER_HOUR);
      const [o, d, h] = [origins[i]!, destinations[i]!, hours % 24];
      hour[i] = h;
      weekday[i] = (Math.floor(hours / 24) + EPOCH_WEEKDAY) % 7;
      origin[i] = o;
      destination[i] = d;
      originHour[i] = o * 24 + h;
      route[i] = o * MAX_AIRPORTS + d;
      distance[i] = Math.min(Math.floor(miles[i]! / MILES_PER_BIN), MAX_DISTANCE_BINS - 1);
      this.#minutes[this.#rows] = ms[i]! / 60_000;
      this.#origins[this.#rows++] = o;
    }
    const label = flights.column('delay', 'int64').toFloat64();
    for (let i = 0; i < rows; i++) label[i] = label[i]! > LATE_MINUTES ? 1 : 0;
    const columns = keys.map((key, c) => [FEATURE_COLUMNS[c]!, this.#encoders[c]!.encode(key)]);
    return Table.fromColumns({ ...Object.fromEntries(columns), label });
  }

  /** In the order of {@link FEATURE_COLUMNS}. */
  #newEncoders(): readonly KeyEncoder[] {
    const name = (code: number): string => this.#airports.names[code]!;
    const two = (value: number): string => String(value).padStart(2, '0');
    return [
      new KeyEncoder(24, two),
      new KeyEncoder(7, (day) => WEEKDAYS[day]!),
      new KeyEncoder(MAX_AIRPORTS, name),
      new KeyEncoder(MAX_AIRPORTS, name),
      new KeyEncoder(MAX_AIRPORTS * 24, (key) => `${name(Math.floor(key / 24))} ${two(key % 24)}`),
      new KeyEncoder(MAX_AIRPORTS ** 2, (key) => {
        return `${name(Math.floor(key / MAX_AIRPORTS))} ${name(key % MAX_AIRPORTS)}`;
      }),
      new KeyEncoder(MAX_DISTANCE_BINS, (bin) => String(bin * MILES_PER_BIN)),
    ];
  }
}

type Keys = [
  hour: Int32Array,
  weekday: Int32Array,
  origin: Int32Array,
  destination: Int32Array,
  originHour: Int32Array,
  route: Int32Array,
  distance: Int32Array,
];

/** Dictionary columns of integer keys: codes in the order in which the keys are first seen. */
class KeyEncoder {
  readonly #codes: Int32Array;
  readonly #labelOf: (key: number) => string;
  #labels: readonly string[] = [];

  /** @param size Keys are in [0, size). */
  constructor(size: number, labelOf: (key: number) => string) {
    this.#codes = new Int32Array(size).fill(-1);
    this.#labelOf = labelOf;
  }

  /** Turns the keys into codes, in place. */
  encode(keys: Int32Array): DictionaryColumn {
    const codes = this.#codes;
    let grown: string[] | undefined;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      if (codes[key] === -1) {
        grown ??= [...this.#labels];
        codes[key] = grown.push(this.#labelOf(key)) - 1;
      }
      keys[i] = codes[key]!;
    }
    if (grown !== undefined) this.#labels = grown;
    return Column.dictionary(keys, this.#labels);
  }
}
