/** Ways through data that is larger than the memory for it. */
export const WAYS = [
  'replayed rounds',
  'StandardScaler.fit',
  'file to fit',
  'file to file',
] as const;

export type Way = (typeof WAYS)[number];

/** Of the replayed rounds, each of which reads all data. */
export const ROUNDS = 4;
