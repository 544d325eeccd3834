/** What a model that learns on sees of its versions, wherever they come from. */

/**
 * The versions of a model: of one that learns in this process ({@link ModelVersions}), of one that
 * another thread shares ({@link SharedVersions}), or of whatever else gives them.
 */
export interface LiveVersions<Version> {
  /** The newest version that this thread has seen; null before the first. */
  readonly latest: Version | null;
  /**
   * The same for use at once: a later look may overwrite its numbers, which need not be copied to
   * memory of their own then.
   */
  readonly current: Version | null;
  /** Whether no more will come. */
  readonly ended: boolean;
  /** Resolves when there is another version, or none will be. */
  readonly news: Promise<void>;
  /** Settles when the versions have ended; rejects with what failed. */
  readonly completed: Promise<void>;
  /** Number of the newest version that is known to exist, where that is known before its data. */
  readonly version?: number;
  /** The newest version; waits for the first. Null when there was none; rejects if that failed. */
  newest(): Promise<Version | null>;
  /** Every version from now on; whoever makes them waits for the reader. */
  updates(): AsyncIterableIterator<Version>;
  /** Calls `onVersion` with every version from now on, at once, and waits for nothing. */
  watch(onVersion: (version: Version) => void): void;
  /** Ends the versions soon: what was learned still comes. */
  stop(): Promise<void>;
}
