/** Models of other processes and threads: followed as they are published. */
import { warn } from '../core/diagnostics.js';
import { abortError, FormatError, InvalidParamError } from '../core/errors.js';
import { int, type ParamTable, resolveParams } from '../core/params.js';
import { FolderWatch, ModelFolder } from '../online/model-folder.js';
import { ModelVersions } from '../online/model-versions.js';
import { OnlineModel } from '../online/online-model.js';
import type { SharedModelHandle } from '../online/shared-model.js';
import { type AnyStage, nameOf } from './composite.js';
import { type LoadOptions, loadStage } from './load-stage.js';
import { STAGES } from './stages.js';

/** Options of following a folder. */
export interface WatchModelOptions extends LoadOptions {
  /**
   * The folder is looked at after so many milliseconds in any case, whatever the file system says
   * of it. **Default:** 1000.
   */
  readonly pollMs?: number | undefined;
  /** Ends the following, also while the first version is waited for. */
  readonly signal?: AbortSignal | undefined;
}

const watchParams: ParamTable<{ readonly pollMs: number }> = {
  pollMs: int(1000, { min: 1, max: 2 ** 31 - 1 }),
};

/** A model with versions, of whatever class. */
// biome-ignore lint/suspicious/noExplicitAny: data and params are known to those who know the class.
export type AnyOnlineModel = OnlineModel<any, any, any>;

/**
 * The models that are published to a folder, each as a model of its own: the newest one, then the
 * newest each time that there is another. Versions only go up; those that come faster than they are
 * taken are left out. One that is broken (it fails its checksums) is left out with an event on
 * `gyre:warning`. The folder need not be there yet. It does not end by itself.
 *
 * @throws FormatError `ERR_GYRE_FORMAT` when the folder cannot be read.
 */
export function watchVersions(
  folder: string,
  options: WatchModelOptions = {},
): AsyncIterableIterator<AnyStage> {
  const { watch, loadOptions } = openWatch('watchVersions', folder, options);
  return closing(follow(folder, watch, loadOptions), () => watch.close());
}

/**
 * The data of the models that are published to a folder, for `setModelData` of a model of that
 * class; see {@link watchVersions}.
 */
export function watchModelData<Data extends object>(
  folder: string,
  options: WatchModelOptions = {},
): AsyncIterableIterator<Data> {
  const { watch, loadOptions } = openWatch('watchModelData', folder, options);
  const models = follow(folder, watch, loadOptions);
  return closing(dataOf<Data>(folder, models), () => watch.close());
}

/**
 * A live model that follows those which a process publishes to a folder with `publishTo`, see
 * {@link watchVersions}. `stop()` ends that, and the model keeps the version that it has.
 *
 * @returns With the first version, which is waited for.
 * @throws AbortError `ERR_GYRE_ABORTED`; InvalidParamError `ERR_GYRE_INVALID_PARAM` for the folder of
 *   a model that has no versions.
 */
export async function watchModel(
  folder: string,
  options: WatchModelOptions = {},
): Promise<AnyOnlineModel> {
  const { signal } = options;
  const { watch, loadOptions } = openWatch('watchModel', folder, options);
  const models = follow(folder, watch, loadOptions);
  try {
    const { value: first } = await models.next();
    if (first === undefined) throw abortError('watchModel', signal!);
    const model = onlineModel(folder, first);
    const data = dataOf(folder, models, model.modelData as object);
    const versions = new ModelVersions({ versions: data, stop: () => watch.close() });
    await model.follow(versions).ready();
    return model;
  } catch (error) {
    watch.close();
    throw error;
  }
}

/**
 * A live model that follows one which another thread of this process shares, of any class; see
 * `share` of online models. `fromShared` of a class is the same at once.
 */
export async function attachModel(
  handle: SharedModelHandle,
  { classes = [] }: LoadOptions = {},
): Promise<AnyOnlineModel> {
  const { className } = handle;
  const own = classes.find((Class) => Class.className === className);
  const known = Object.hasOwn(STAGES, className) ? await STAGES[className]!() : {};
  const Class = own ?? (known as Readonly<Record<string, unknown>>)[className];
  if (typeof Class === 'function' && Class.prototype instanceof OnlineModel) {
    return new (Class as new (params: object) => AnyOnlineModel)(handle.params).attach(handle);
  }
  throw new InvalidParamError(
    `attachModel: there is no online model ${JSON.stringify(className)}; give your own as ` +
      '{ classes: [...] }.',
    { details: { className } },
  );
}

/** A watch of a folder that ends with the signal of the options, and the options of loading. */
function openWatch(
  who: string,
  folder: string,
  { pollMs, signal, ...loadOptions }: WatchModelOptions,
): { readonly watch: FolderWatch; readonly loadOptions: LoadOptions } {
  const settings = resolveParams(who, watchParams, { pollMs });
  const watch = new FolderWatch(new ModelFolder(folder).path, settings.pollMs);
  const close = () => watch.close();
  if (signal?.aborted) close();
  signal?.addEventListener('abort', close, { once: true });
  watch.closed.then(() => signal?.removeEventListener('abort', close));
  return { watch, loadOptions };
}

/** An iterator that can be closed while it waits, which a generator cannot. */
function closing<T>(
  items: AsyncGenerator<T, undefined>,
  close: () => void,
): AsyncIterableIterator<T> {
  return {
    next: () => items.next(),
    return: () => {
      close();
      return items.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* follow(
  path: string,
  watch: FolderWatch,
  options: LoadOptions,
): AsyncGenerator<AnyStage, undefined> {
  const folder = new ModelFolder(path);
  const broken = new Set<number>();
  let last = -1;
  while (!watch.isClosed) {
    watch.arm();
    const newer = (await folder.versions()).filter((version) => version > last);
    const found = await newestWhole(folder, newer, broken, options);
    if (found === null) {
      await watch.changed();
    } else {
      last = found.version;
      yield found.model;
    }
  }
  return undefined;
}

/** The newest of some versions that can be loaded. */
async function newestWhole(
  folder: ModelFolder,
  versions: readonly number[],
  broken: Set<number>,
  options: LoadOptions,
): Promise<{ readonly version: number; readonly model: AnyStage } | null> {
  for (const version of versions) {
    if (broken.has(version)) continue;
    try {
      return { version, model: await loadStage(folder.pathOf(version), options) };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      // It may have been removed meanwhile, since there are newer ones.
      if (!(await folder.versions()).includes(version)) continue;
      broken.add(version);
      warn(`watchModel: ${folder.pathOf(version)} was skipped: ${error.message}`, {
        path: folder.pathOf(version),
        error: error.toJSON(),
      });
    }
  }
  return null;
}

async function* dataOf<Data extends object>(
  folder: string,
  models: AsyncIterable<AnyStage>,
  first?: Data,
): AsyncGenerator<Data, undefined> {
  if (first !== undefined) yield first;
  for await (const model of models) yield onlineModel(folder, model).modelData as Data;
  return undefined;
}

function onlineModel(folder: string, model: AnyStage): AnyOnlineModel {
  if (model instanceof OnlineModel) return model;
  throw new InvalidParamError(
    `watchModel: ${folder} must hold an online model, got a ${nameOf(model)}; see watchVersions.`,
    { details: { folder, className: nameOf(model) } },
  );
}
