/** Loading any stage: the class that its metadata name, and the stages that it is made of. */
import { join } from 'node:path';
import { InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { checkClass, type LoadableClass, loadContents, readMetadata } from '../stage/load.js';
import { METADATA_FILE, type StageMetadata } from '../stage/save.js';
import { broken, SavedFolder } from '../stage/saved-folder.js';
import type { Servable, ServableOptions } from '../stage/servable.js';
import { type AnyStage, isTransforming, nameOf, type TransformingStage } from './composite.js';
import { STAGES } from './stages.js';

/** Pipelines in pipelines in pipelines; who needs more can put them side by side. */
const MAX_DEPTH = 16;
/** Stages of all pipelines in one folder together. */
const MAX_TOTAL = 10_000;

/** Options of loading. */
export interface LoadOptions {
  /** Classes of your own that the folder may name, beside those of this library. */
  readonly classes?: readonly LoadableClass<AnyStage>[] | undefined;
}

/** The folders of the stages that a stage is made of. */
export type FoldersOf = (metadata: StageMetadata, path: string) => readonly string[];

/** A class whose stages are made of stages. */
export interface CompositeClass<S> {
  readonly className: string;
  /** @throws FormatError `ERR_GYRE_FORMAT` when the metadata do not say. */
  readonly foldersOf: FoldersOf;
  fromStages(metadata: StageMetadata, stages: readonly AnyStage[], path: string): S;
}

type AnyClass = LoadableClass<AnyStage> | CompositeClass<AnyStage>;

/**
 * Loads a stage of any class: whatever `save` of a stage, a pipeline or a graph wrote.
 *
 * Nothing in the folder is executed, links in it are not followed, and nothing it says is trusted:
 * sizes, checksums, counts and params are checked, pipelines are at most 16 deep.
 *
 * @throws FormatError `ERR_GYRE_FORMAT` for a folder that is broken, or of a class that is not known.
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for params that the class refuses.
 */
export async function loadStage(path: string, options: LoadOptions = {}): Promise<AnyStage> {
  const loading = new Loading('loadStage', options);
  return loading.load(new SavedFolder(path), 0);
}

/**
 * Loads a stage that transforms rows, or a pipeline of such, to serve with.
 *
 * @throws what {@link loadStage} throws; InvalidParamError `ERR_GYRE_INVALID_PARAM` for a stage that
 *   does not look at every row alone.
 */
export async function loadServable(
  path: string,
  { classes, ...options }: LoadOptions & ServableOptions = {},
): Promise<Servable> {
  const loading = new Loading('loadServable', { classes });
  const stage = await loading.load(new SavedFolder(path), 0);
  if (isServed(stage)) return stage.toServable(options);
  throw new InvalidParamError(
    `loadServable: ${nameOf(stage)} does not look at every row alone; only transformers, models and ` +
      'pipelines of them serve.',
    { details: { path, stage: nameOf(stage) } },
  );
}

function isServed(
  stage: AnyStage,
): stage is TransformingStage & { toServable(options: ServableOptions): Servable } {
  return isTransforming(stage) && 'toServable' in stage;
}

/** Loads a pipeline or a graph of one class. */
export async function loadComposite<S extends AnyStage>(
  Class: CompositeClass<S>,
  path: string,
  options: LoadOptions = {},
): Promise<S> {
  const loading = new Loading(`${Class.className}.load`, options);
  const folder = new SavedFolder(path);
  const metadata = await readMetadata(folder);
  checkClass(Class, folder, metadata);
  return loading.composite(Class, folder, metadata, 0);
}

/** One call of loading: which classes there are, and how much has been loaded. */
class Loading {
  readonly #own = new Map<string, AnyClass>();
  #left = MAX_TOTAL;

  constructor(who: string, { classes = [], ...rest }: LoadOptions) {
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) {
      throw new InvalidParamError(`${who} has no option ${JSON.stringify(unknown)}.`, {
        details: { who, option: unknown },
      });
    }
    classes.forEach((Class, i) => {
      if (typeof Class?.className !== 'string' || typeof Class.fromSaved !== 'function') {
        throw new InvalidParamError(
          `${who}: classes must have a className and fromSaved, got ${showValue(Class)} at ${i}.`,
          { details: { who, index: i } },
        );
      }
      this.#own.set(Class.className, Class);
    });
  }

  async load(folder: SavedFolder, depth: number): Promise<AnyStage> {
    const metadata = await readMetadata(folder);
    const Class = await this.#classOf(folder, metadata);
    if (!('fromStages' in Class)) return loadContents(Class, folder, metadata);
    return this.composite(Class, folder, metadata, depth);
  }

  async composite<S>(
    Class: CompositeClass<S>,
    folder: SavedFolder,
    metadata: StageMetadata,
    depth: number,
  ): Promise<S> {
    const path = join(folder.path, METADATA_FILE);
    const folders = Class.foldersOf(metadata, folder.path);
    this.#left -= folders.length;
    if (depth >= MAX_DEPTH) throw broken(path, `it must not be more than ${MAX_DEPTH} deep.`);
    if (this.#left < 0) throw broken(path, `there must be at most ${MAX_TOTAL} stages in all.`);
    const stages: AnyStage[] = [];
    for (const name of folders) stages.push(await this.load(folder.child(name), depth + 1));
    try {
      return Class.fromStages(metadata, stages, folder.path);
    } catch (cause) {
      throw broken(path, `it does not fit: ${(cause as Error).message}`, { cause });
    }
  }

  async #classOf(folder: SavedFolder, { className }: StageMetadata): Promise<AnyClass> {
    const own = this.#own.get(className);
    if (own !== undefined) return own;
    if (!Object.hasOwn(STAGES, className)) {
      throw broken(
        join(folder.path, METADATA_FILE),
        `there is no stage class ${showValue(className)}; give your own as { classes: [...] }.`,
        { className },
      );
    }
    const exports = await STAGES[className]!();
    return (exports as Readonly<Record<string, AnyClass>>)[className]!;
  }
}
