/** Measures one fit in a process of its own. */
import { Session } from '../../src/index.js';
import { answer, type Measured, measure } from './ask.js';
import { FITS, inputOf } from './fits.js';

export interface FitPoint {
  /** A name of the fits. */
  readonly fit: string;
  readonly rows: number;
  readonly features: number;
  readonly threads: number;
  /** Seconds that are measured, in one call at least. */
  readonly seconds: number;
}

const WARM_UP_ROWS = 10_000;

await answer(async (point: FitPoint): Promise<Measured> => {
  const { rows, features, threads, seconds } = point;
  const fit = FITS[point.fit]!;
  await using session = new Session({ threads, ...(threads > 0 && { inlineWork: 0 }) });
  const small = inputOf(fit, Math.min(rows, WARM_UP_ROWS), features);
  for (let i = 0; i < 3; i++) await fit.run(small, session);
  const input = inputOf(fit, rows, features);
  return await measure(() => fit.run(input, session), seconds);
});
