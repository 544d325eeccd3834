/** Stages by name, as seen by a test that runs any of them. */

import type { Table, TableStream } from '../../src/index.js';
import * as gyre from '../../src/index.js';

/** What every stage object has; those of its kind have more. */
export interface AnyStage {
  readonly params: Readonly<Record<string, unknown>>;
  save(path: string): Promise<void>;
  transform(table: Table, options?: object): Promise<Table>;
  fit(table: Table | TableStream, options?: object): Promise<AnyModel>;
}

export interface AnyModel extends AnyStage {
  readonly modelData: Readonly<Record<string, unknown>>;
  setModelData(data: object): AnyModel;
}

export interface AnyStageClass {
  new (params?: object): AnyStage;
  load(path: string): Promise<AnyStage>;
  readonly className: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The class of a stage, or undefined when the package does not have it. */
export function classOf(name: string): AnyStageClass | undefined {
  return (gyre as unknown as Record<string, AnyStageClass>)[name];
}

/** What an error of a vector is here. Errors that Flink ML throws lazily may come earlier. */
export const ERRORS: Readonly<Record<string, { readonly code: string; readonly message: RegExp }>> =
  {
    'training set is empty': {
      code: 'ERR_GYRE_DATA',
      message: /^StandardScaler\.fit: the table must have at least one row/,
    },
    'categoricalCols not contained in inputCols': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^FeatureHasher\.categoricalCols must be among inputCols/,
    },
  };

/** Calls that may fail, in order. */
export const CALLS: readonly string[] = ['construct', 'setParam', 'fit', 'transform'];
