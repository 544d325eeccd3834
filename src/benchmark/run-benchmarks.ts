/** Flink ML's benchmark framework: entries of a file run one after the other. */
import { abortError, GyreError } from '../core/errors.js';
import type { Session } from '../engine/session.js';
import { benchmarkStage } from './benchmark-stage.js';
import { type BenchmarkEntry, readEntry } from './config.js';
import { countOutput } from './count-output.js';
import { GeneratedRows } from './generated-rows.js';
import { inputGenerator } from './generators.js';
import { giveModelData } from './model-data.js';
import { PeakMemory } from './peak-memory.js';

/** What is measured of an entry. */
export interface BenchmarkFigures {
  /** From the first row that is made to the last one that is counted, in milliseconds. */
  readonly totalTimeMs: number;
  /** Rows of the input. */
  readonly inputRecordNum: number;
  /** Rows of the input per second. */
  readonly inputThroughput: number;
  /** Rows of all outputs; of an estimator, of the model's data. */
  readonly outputRecordNum: number;
  /** Rows of the output per second. */
  readonly outputThroughput: number;
  /** The part of `totalTimeMs` in which the input was made. */
  readonly generateTimeMs: number;
  /** The largest resident set of the process. */
  readonly peakMemoryBytes: number;
  /** Workers of the session. */
  readonly threads: number;
  /** The build of the kernels. */
  readonly kernels: string;
}

/** Why an entry has no figures. */
export interface BenchmarkFailure {
  /** Name, code and message of the error. */
  readonly exception: string;
}

/** What became of an entry. */
export interface BenchmarkResult {
  readonly name: string;
  /** The entry as it stands in the file. */
  readonly json: unknown;
  readonly results: BenchmarkFigures | BenchmarkFailure;
}

/** How entries are run. */
export interface BenchmarkOptions {
  readonly session: Session;
  readonly signal: AbortSignal;
  /** What every `numValues` is multiplied by; 100 rows stay at least. **Default:** 1. */
  readonly scale?: number | undefined;
}

/** Tells figures from a failure. */
export function isMeasured(
  results: BenchmarkFigures | BenchmarkFailure,
): results is BenchmarkFigures {
  return !('exception' in results);
}

/**
 * Runs one entry. An error is part of the result, so that the entries after it are run.
 *
 * @throws AbortError `ERR_GYRE_ABORTED` when the signal is aborted.
 */
export async function runBenchmark(
  entry: BenchmarkEntry,
  options: BenchmarkOptions,
): Promise<BenchmarkResult> {
  const { signal } = options;
  if (signal.aborted) throw abortError('runBenchmark', signal);
  try {
    return { ...entry, results: await measure(entry, options) };
  } catch (error) {
    if (signal.aborted) throw abortError('runBenchmark', signal);
    return { ...entry, results: { exception: describe(error) } };
  }
}

async function measure(
  entry: BenchmarkEntry,
  { session, signal, scale = 1 }: BenchmarkOptions,
): Promise<BenchmarkFigures> {
  const { stage: stageSpec, inputData, modelData } = readEntry(entry);
  const stage = await benchmarkStage(stageSpec);
  const generator = inputGenerator(inputData, scale);
  if (modelData !== null) {
    await giveModelData(stage, modelData, new GeneratedRows(generator), { session, signal });
  }
  const rows = new GeneratedRows(generator);
  const memory = new PeakMemory();
  try {
    const start = performance.now();
    const outputRecordNum = await countOutput(stage, rows, { session, signal });
    const totalTimeMs = performance.now() - start;
    const perSecond = (records: number): number => (records * 1000) / totalTimeMs;
    return {
      totalTimeMs,
      inputRecordNum: rows.numRows,
      inputThroughput: perSecond(rows.numRows),
      outputRecordNum,
      outputThroughput: perSecond(outputRecordNum),
      generateTimeMs: rows.generateTimeMs,
      peakMemoryBytes: memory.stop(),
      threads: session.threads,
      kernels: session.kernelBuild,
    };
  } finally {
    memory.stop();
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof GyreError ? ` (${error.code})` : '';
  return `${error.name}${code}: ${error.message}`;
}

/**
 * The file with what became of its entries: each has its `results` beside what it asked for, so
 * that it can be run again as it is.
 */
export function resultsJson(results: readonly BenchmarkResult[]): string {
  const entries = results.map(({ name, json, results }) => [name, withResults(json, results)]);
  return `${JSON.stringify({ version: 1, ...Object.fromEntries(entries) }, null, 2)}\n`;
}

function withResults(json: unknown, results: BenchmarkResult['results']): unknown {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  return isObject ? { ...json, results } : { results };
}
