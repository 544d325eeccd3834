/** The files of Flink ML's benchmark framework. */
import { FormatError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { parseCommented } from './json-comments.js';

/** Version of the files that are understood. */
const VERSION = 1;

type JsonObject = Readonly<Record<string, unknown>>;

/** A class and its params by name, as JSON has them. */
export interface ClassSpec {
  /** Flink ML's full class name, or Gyre's. */
  readonly className: string;
  readonly paramMap: JsonObject;
}

/** Where a model's data come from: a generator, or an estimator that is fitted. */
export interface ModelDataSpec extends ClassSpec {
  /** What an estimator learns from; null for the entry's own input. */
  readonly inputData: ClassSpec | null;
}

/** What an entry of a file asks for. */
export interface BenchmarkSpec {
  readonly stage: ClassSpec;
  readonly inputData: ClassSpec;
  readonly modelData: ModelDataSpec | null;
}

/** An entry of a file, as it stands there: it is read when it is run. */
export interface BenchmarkEntry {
  readonly name: string;
  readonly json: unknown;
}

/**
 * The entries of a file, in its order.
 *
 * @param where The file, for messages.
 * @throws FormatError `ERR_GYRE_FORMAT` for text that is not JSON with comments, and for another
 *   version than 1.
 */
export function readConfig(text: string, where: string): readonly BenchmarkEntry[] {
  let config: unknown;
  try {
    config = parseCommented(text);
  } catch (cause) {
    const { message } = cause as SyntaxError;
    throw new FormatError(`${where}: it must be JSON, with comments or without: ${message}.`, {
      details: { where },
      cause,
    });
  }
  if (!isObject(config)) {
    throw new FormatError(`${where}: it must be a JSON object, got ${showValue(config)}.`);
  }
  const { version, ...entries } = config;
  if (version !== VERSION) {
    throw new FormatError(`${where}: version must be ${VERSION}, got ${showValue(version)}.`, {
      details: { where, got: version, expected: VERSION },
    });
  }
  return Object.entries(entries).map(([name, json]) => ({ name, json }));
}

/** @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for an entry without what it must have. */
export function readEntry({ name, json }: BenchmarkEntry): BenchmarkSpec {
  // What a run has added to its entry is of no use to the next one.
  const keys = ['stage', 'inputData', 'modelData', 'results'];
  const { stage, inputData, modelData } = checkedObject(name, json, keys);
  return {
    stage: classSpec(`${name}.stage`, stage),
    inputData: classSpec(`${name}.inputData`, inputData),
    modelData: modelData === undefined ? null : modelDataSpec(`${name}.modelData`, modelData),
  };
}

function modelDataSpec(where: string, json: unknown): ModelDataSpec {
  const { inputData, ...spec } = checkedObject(where, json, ['className', 'paramMap', 'inputData']);
  return {
    ...classSpec(where, spec),
    inputData: inputData === undefined ? null : classSpec(`${where}.inputData`, inputData),
  };
}

function classSpec(where: string, json: unknown): ClassSpec {
  const { className, paramMap = {} } = checkedObject(where, json, ['className', 'paramMap']);
  if (typeof className !== 'string') {
    throw new InvalidParamError(
      `${where}: className must be the name of a class, got ${showValue(className)}.`,
      { details: { where, got: className } },
    );
  }
  if (!isObject(paramMap)) {
    throw new InvalidParamError(
      `${where}: paramMap must be an object, got ${showValue(paramMap)}.`,
      { details: { where, got: paramMap } },
    );
  }
  return { className, paramMap };
}

function checkedObject(where: string, json: unknown, keys: readonly string[]): JsonObject {
  if (!isObject(json)) {
    throw new InvalidParamError(`${where} must be an object, got ${showValue(json)}.`, {
      details: { where, got: json },
    });
  }
  const stranger = Object.keys(json).find((key) => !keys.includes(key));
  if (stranger === undefined) return json;
  throw new InvalidParamError(
    `${where} has no key ${JSON.stringify(stranger)}; it has ${keys.join(', ')}.`,
    { details: { where, key: stranger, known: keys } },
  );
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
