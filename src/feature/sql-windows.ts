/** Flink's tumbling windows in SQL, in words that DuckDB knows. */
import type { Schema } from '../table/schema.js';

/**
 * `TABLE(TUMBLE(TABLE t, DESCRIPTOR(time), INTERVAL '10' MINUTES))`, with or without the names of
 * its arguments.
 */
const TUMBLE =
  /TABLE\s*\(\s*TUMBLE\s*\(\s*(?:DATA\s*=>\s*)?TABLE\s+(\w+)\s*,\s*(?:TIMECOL\s*=>\s*)?DESCRIPTOR\s*\(\s*["`]?(\w+)["`]?\s*\)\s*,\s*(?:SIZE\s*=>\s*)?(INTERVAL\s+'[^']+'\s+\w+)\s*\)\s*\)/gi;

/**
 * The statement with each tumbling window as a subquery: the rows with `window_start`, `window_end`
 * and `window_time`. Windows begin at multiples of their size since the epoch; integers and doubles
 * are milliseconds.
 */
export function withTumblingWindows(statement: string, schema: Schema): string {
  return statement.replaceAll(TUMBLE, (_, table: string, name: string, size: string) => {
    const column = `"${name}"`;
    const isTime = schema[name] === undefined || schema[name] === 'timestamp';
    const time = isTime ? column : `epoch_ms(CAST(${column} AS BIGINT))`;
    const start = `time_bucket(${size}, ${time}, TIMESTAMP '1970-01-01')`;
    const last = `${start} + ${size} - INTERVAL '1' MILLISECOND`;
    return (
      `(SELECT *, ${start} AS window_start, ${start} + ${size} AS window_end, ${last} AS window_time ` +
      `FROM ${table})`
    );
  });
}
