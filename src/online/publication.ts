/** Publishing the versions of a model to a folder, as they come. */
import { warn } from '../core/diagnostics.js';
import { FormatError } from '../core/errors.js';
import { int, type ParamTable, resolveParams } from '../core/params.js';
import { deferred } from './deferred.js';
import { ModelFolder } from './model-folder.js';

/** Options of {@link OnlineModel.publishTo}. */
export interface PublishOptions {
  /**
   * Publishes the versions whose number is a multiple of it, and the last one in any case. A
   * publication takes some milliseconds, and training waits for it. **Default:** 1: each.
   */
  readonly every?: number | undefined;
  /** How many versions stay in the folder, >= 1. **Default:** 3. */
  readonly keep?: number | undefined;
}

interface PublishParams {
  readonly every: number;
  readonly keep: number;
}

const publishParams: ParamTable<PublishParams> = {
  every: int(1, { min: 1 }),
  keep: int(3, { min: 1, max: 1_000_000 }),
};

/** A version that can be written. */
export interface PublishedVersion {
  readonly version: number;
  save(path: string): Promise<void>;
  /** Whether what was saved at a path is this version, to the bit. */
  equals(path: string): Promise<boolean>;
}

/** Where versions come from. */
export interface PublicationSource {
  readonly versions: AsyncIterable<PublishedVersion>;
  /** Makes them end. */
  stop(): unknown;
}

/** A model that is being published. */
export class Publication {
  /** The newest version that this process knows to be in the folder; -1 before the first. */
  version = -1;
  /** Resolves when the last version is in the folder; rejects when it cannot be, or learning failed. */
  readonly completed: Promise<void>;
  readonly #who: string;
  readonly #folder: ModelFolder;
  readonly #params: PublishParams;
  /** @internal Resolves when the first version is in the folder. */
  readonly begun: Promise<void>;
  readonly #stop: () => unknown;
  #last: PublishedVersion | null = null;
  #skipped = false;

  /** @internal @param source The first version is published whatever its number. */
  constructor(who: string, path: string, options: PublishOptions, source: PublicationSource) {
    this.#who = who;
    this.#params = resolveParams(who, publishParams, options);
    this.#folder = new ModelFolder(path);
    this.#stop = source.stop;
    const begun = deferred<void>();
    this.begun = begun.promise;
    this.completed = this.#publishAll(source.versions, begun.resolve);
    this.completed.catch(begun.reject);
  }

  /** Ends publishing with the version that it is at; the model goes on. */
  async stop(): Promise<void> {
    await this.#stop();
    await this.completed;
  }

  async #publishAll(versions: AsyncIterable<PublishedVersion>, onBegun: () => void): Promise<void> {
    const { every } = this.#params;
    await this.#folder.removeDrafts();
    for await (const version of versions) {
      const isFirst = this.version < 0;
      if (isFirst || version.version % every === 0) await this.#publish(version);
      else this.#last = version;
      onBegun();
    }
    if (this.#last !== null) await this.#publish(this.#last);
  }

  async #publish(version: PublishedVersion): Promise<void> {
    const { version: number } = version;
    this.#last = null;
    const there = await this.#folder.versions();
    if (there.length > 0 && there[0]! >= number) await this.#checkThere(version, there);
    else await version.save(this.#folder.pathOf(number));
    this.version = number;
    await this.#folder.settle(this.#params.keep);
  }

  /** A training that was resumed comes to versions that it had published before. */
  async #checkThere(version: PublishedVersion, there: readonly number[]): Promise<void> {
    const { version: number } = version;
    if (there.includes(number) && !(await version.equals(this.#folder.pathOf(number)))) {
      throw new FormatError(
        `${this.#who}: ${this.#folder.path} holds version ${number} of another model; give each ` +
          'training a folder of its own.',
        { details: { path: this.#folder.path, version: number } },
      );
    }
    if (this.#skipped) return;
    this.#skipped = true;
    warn(
      `${this.#who}: ${this.#folder.path} holds version ${there[0]} already: those up to it are not ` +
        'published again.',
      { path: this.#folder.path, version: number, newest: there[0] },
    );
  }
}
