/** The model that learns on: what all online models have in common. */
import { ModelDataError } from '../core/errors.js';
import { type LoadableClass, loadAs } from '../stage/load.js';
import { Model } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import type { LiveVersions } from './live-versions.js';
import { ModelVersions } from './model-versions.js';
import { Publication, type PublishedVersion, type PublishOptions } from './publication.js';
import { type Numbers, SharedModel, type SharedModelHandle } from './shared-model.js';
import { SharedVersions } from './shared-versions.js';
import { Stoppable } from './stoppable.js';

/** When a version knows until, of models that do not go by event time. */
const ALWAYS = Number.POSITIVE_INFINITY;

/**
 * A model with versions. It is **live** when it was made by `fit` of a stream, was given a stream of
 * data, or follows one that another thread shares: each version replaces the one before, and
 * whatever the model does, it does with the newest. Else it has one version, which it was given.
 *
 * @typeParam Data What `setModelData` takes.
 * @typeParam Version The same with all defaults.
 */
export abstract class OnlineModel<
  V,
  Data extends object,
  Version extends Data = Data,
> extends Model<V, Data> {
  #live: LiveVersions<Version> | null = null;
  /** What it was given; a live model's newest version is with its versions. */
  #data: Version | null = null;
  #shared: { readonly model: SharedModel; readonly handle: SharedModelHandle } | null = null;
  #sharing: Promise<SharedModelHandle> | null = null;

  /** The data, checked, with defaults. @throws DimensionMismatchError, ModelDataError. */
  protected abstract checkedData(data: Data): Version;

  /** The number of a version; of null, what there is before the first. */
  protected abstract versionOf(version: Version | null): number;

  /** Until when a version knows, in event time. **Default:** infinity. */
  protected timestampOf(_version: Version): number {
    return ALWAYS;
  }

  /** A version as the row that is saved. */
  protected abstract tableOf(version: Version): Table;

  /** A version as numbers, for threads that share it: what {@link unpack} needs, no more. */
  protected abstract pack(version: Version): Numbers;

  /** The way back; `numbers` is this thread's own. */
  protected abstract unpack(numbers: Float64Array): Version;

  /** What there is to say of a stream that ended without a version. */
  protected abstract get noModel(): string;

  /** @internal Makes the model follow versions that are not checked again. */
  follow(versions: LiveVersions<Version>): this {
    this.#live = versions;
    this.#data = null;
    if (this.#shared !== null) this.#publishFrom(versions);
    return this;
  }

  /** The versions that the model follows; null for a model that is as it is. */
  protected get versions(): LiveVersions<Version> | null {
    return this.#live;
  }

  /** The newest version that this thread has seen; null before the first. */
  protected get newest(): Version | null {
    return this.#live === null ? this.#data : this.#live.latest;
  }

  /** The newest version that this thread has seen; see {@link snapshot}. */
  get modelData(): Version {
    return this.newest ?? this.#noData();
  }

  /**
   * The same for use at once, to predict with: of a model that another thread shares, a later look
   * may overwrite its numbers.
   */
  protected get current(): Version {
    const data = this.#live === null ? this.#data : this.#live.current;
    return data ?? this.#noData();
  }

  #noData(): never {
    throw new ModelDataError(
      `${this.stageClass.className}: it has no data yet; await snapshot(), call setModelData or load ` +
        'a model.',
    );
  }

  /**
   * Gives the model its data, in place of what it learned; or a stream of data, which it follows
   * from now on: each is a version.
   *
   * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`: of a
   *   stream they come from `completed()`, `snapshot()` and `transform()`.
   */
  setModelData(data: Data | AsyncIterable<Data>): this {
    if (Symbol.asyncIterator in data) {
      const source = new Stoppable(data);
      const check = (each: Data) => this.checkedData(each);
      const stop = () => source.stop();
      return this.follow(new ModelVersions({ versions: checkedAll(source, check), stop }));
    }
    const checked = this.checkedData(data);
    this.#shared?.model.publish(this.pack(checked));
    this.#data = checked;
    this.#live = null;
    return this;
  }

  /** Number of the newest version, as far as this thread knows. */
  get version(): number {
    const live = this.#live;
    if (live === null) return this.versionOf(this.#data);
    return live.version ?? this.versionOf(live.current);
  }

  /**
   * Until when the newest version knows, in milliseconds of event time; infinity for versions that
   * do not go by it, -1 before the first.
   */
  get timestamp(): number {
    const current = this.#live === null ? this.#data : this.#live.current;
    return current === null ? -1 : this.timestampOf(current);
  }

  /**
   * The model after all that its stream has delivered so far. Waits for the first version, and
   * rejects when learning has failed, or gave none.
   */
  async snapshot(): Promise<Version> {
    if (this.#live === null) return this.modelData;
    const newest = await this.#live.newest();
    if (newest !== null) return newest;
    throw new ModelDataError(`${this.stageClass.className}: ${this.noModel}.`);
  }

  /** Every version from now on, in order. The stream waits for its readers. */
  updates(): AsyncIterableIterator<Version> {
    return this.requireLive('updates').updates();
  }

  /** Whether no more versions will come. */
  get isComplete(): boolean {
    return this.#live?.ended ?? true;
  }

  /** Resolves when the stream has ended and the model is final; rejects when learning failed. */
  async completed(): Promise<this> {
    await this.#live?.completed;
    return this;
  }

  /** Ends learning, as if the stream had ended: the stream is closed, and what was learned stays. */
  async stop(): Promise<this> {
    await this.#live?.stop();
    return this;
  }

  /**
   * Shares the model with other threads of this process: from now on every version is written to
   * memory that they read without a message, see `SharedModel`. Waits for the first version,
   * which fixes the size. Further calls give the same handle.
   *
   * @returns Plain data for `workerData` or `postMessage`; `fromShared` of the model's class, or
   *   `attachModel`, makes a live model of it there.
   */
  share(): Promise<SharedModelHandle> {
    this.#sharing ??= this.#startSharing();
    return this.#sharing;
  }

  async #startSharing(): Promise<SharedModelHandle> {
    try {
      await this.snapshot();
    } catch (error) {
      // It may have a model another time.
      this.#sharing = null;
      throw error;
    }
    const { className } = this.stageClass;
    // Not what the snapshot said: that of now, so that no version is left out.
    const first = this.pack(this.modelData);
    const model = SharedModel.of(first);
    model.publish(first);
    const handle = { className, params: this.params as object, buffer: model.buffer };
    this.#shared = { model, handle };
    if (this.#live !== null) this.#publishFrom(this.#live);
    return handle;
  }

  /**
   * Publishes the model to a folder, for other processes that follow it with `watchModel`: the
   * newest version, and each that comes. A version appears as a whole or not at all, whatever
   * becomes of this process; old ones are removed. One process may publish to a folder.
   *
   * A training that is resumed from a checkpoint goes on publishing where it was.
   *
   * @returns When the first version is there.
   * @throws FormatError `ERR_GYRE_FORMAT` when the folder cannot be written, or holds the same
   *   version of another model: of later versions it comes from `completed`.
   */
  async publishTo(folder: string, options: PublishOptions = {}): Promise<Publication> {
    const who = `${this.stageClass.className}.publishTo`;
    await this.snapshot();
    // What there is now, and all that comes after it: nothing in between is left out.
    const first = this.modelData;
    const updates = this.#live?.updates();
    const publication = new Publication(who, folder, options, {
      versions: this.#toPublish(first, updates),
      stop: () => updates?.return?.(),
    });
    await publication.begun;
    return publication;
  }

  async *#toPublish(
    first: Version,
    updates: AsyncIterable<Version> = none(),
  ): AsyncGenerator<PublishedVersion, undefined> {
    let last = this.versionOf(first);
    yield this.#published(first);
    for await (const version of updates) {
      if (this.versionOf(version) <= last) continue;
      last = this.versionOf(version);
      yield this.#published(version);
    }
  }

  /** A version that stays as it is. */
  #published(data: Version): PublishedVersion {
    const Class = this.constructor as new (params: V) => this;
    const model = new Class(this.params as V).setModelData(data);
    return {
      version: this.versionOf(data),
      save: (path) => model.save(path),
      equals: async (path) => {
        const saved = await loadAs(Class as unknown as LoadableClass<typeof model>, path);
        return sameNumbers(saved.pack(saved.modelData), this.pack(data));
      },
    };
  }

  #publishFrom(versions: LiveVersions<Version>): void {
    const { model } = this.#shared!;
    versions.watch((version) => {
      if (this.#live === versions) model.publish(this.pack(version));
    });
    const end = () => {
      if (this.#live === versions) model.end();
    };
    versions.completed.then(end, end);
  }

  /** @internal The data as one row; null when there are none yet. */
  protected override savedData(): Table | null {
    const { newest } = this;
    return newest === null ? null : this.tableOf(newest);
  }

  /** Saves the newest version, with what is needed to go on learning from it. */
  override async save(path: string): Promise<void> {
    await this.ready();
    await super.save(path);
  }

  /** @internal Waits for the newest version that the stream has delivered. */
  override async ready(): Promise<void> {
    if (this.#live !== null) await this.snapshot();
  }

  /** The versions, of a model that has some. */
  protected requireLive(what: string): LiveVersions<Version> {
    if (this.#live !== null) return this.#live;
    throw new ModelDataError(
      `${this.stageClass.className}.${what}: the model does not learn; fit one on a stream.`,
    );
  }

  /** @internal For `fromShared` of each class. */
  attach(handle: SharedModelHandle): this {
    return this.follow(new SharedVersions(handle.buffer, (numbers) => this.unpack(numbers)));
  }
}

async function* none(): AsyncGenerator<never, undefined> {}

function sameNumbers(a: Numbers, b: Numbers): boolean {
  const flat = (numbers: Numbers) =>
    numbers.flatMap((piece) => (typeof piece === 'number' ? [piece] : [...piece]));
  const [left, right] = [flat(a), flat(b)];
  return left.length === right.length && left.every((value, i) => Object.is(value, right[i]));
}

async function* checkedAll<Data, Version>(
  source: AsyncIterable<Data>,
  check: (data: Data) => Version,
): AsyncGenerator<Version> {
  for await (const data of source) yield check(data);
}
