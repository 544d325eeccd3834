/** Planned faults: what fails where, once over all restarts and all processes. */
import { writeFileSync } from 'node:fs';

/** The calls of an operator in which it can fail. `after snapshot`: the first record after one. */
export const PLACES = [
  'open',
  'process',
  'snapshot',
  'after snapshot',
  'restore',
  'onEpochEnd',
  'onIterationEnd',
  'onInputEnd',
] as const;

export type Place = (typeof PLACES)[number];

/** How a subtask fails. `exit` and `memory` end its thread. */
export type FaultKind = 'throw' | 'exit' | 'memory';

export interface PlannedFault {
  /** A file that exists once the fault has happened. */
  readonly marker: string;
  readonly place: Place;
  readonly kind: FaultKind;
  readonly subtask: number;
  /** How many such calls of one instance go well before. */
  readonly after: number;
  /** Not before this epoch. */
  readonly sinceEpoch: number;
}

/** Whether nobody was there before. Two threads may ask at once. */
function claim(marker: string): boolean {
  try {
    writeFileSync(marker, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function fail({ kind, place }: PlannedFault): void {
  if (kind === 'exit') process.exit(7);
  if (kind === 'memory') {
    const hoard: number[][] = [];
    for (;;) hoard.push(new Array<number>(1 << 16).fill(1.5));
  }
  throw new Error(`planned fault in ${place}`);
}

/** Counts the calls of one instance, and fails in those that are planned. */
export class Faults {
  readonly #planned: readonly PlannedFault[];
  readonly #calls = new Map<Place, number>();
  subtask = 0;
  epoch = 0;

  constructor(planned: readonly PlannedFault[]) {
    this.#planned = planned;
  }

  reach(place: Place): void {
    const calls = this.#calls.get(place) ?? 0;
    this.#calls.set(place, calls + 1);
    for (const fault of this.#planned) {
      const isHere =
        fault.place === place &&
        fault.subtask === this.subtask &&
        fault.sinceEpoch <= this.epoch &&
        fault.after <= calls;
      if (isHere && claim(fault.marker)) fail(fault);
    }
  }
}
