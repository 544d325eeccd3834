/** Windows as a param. */

import type { Param } from '../core/params.js';
import { checkWindows, globalWindow, type Windows } from '../engine/operators/windows.js';

const FLINK_PACKAGE = 'org.apache.flink.ml.common.window.';

/** How rows are cut into windows; also in the form of Flink ML's saved params. */
export const windowsParam: Param<Windows> = {
  expected: 'windows, as globalWindow() or countWindow(100) give them',
  default: globalWindow(),
  accepts: (value) => readWindows(value) !== null,
  read: readWindows,
  invalid: [
    ...[null, 100, 'GlobalWindows', { kind: 'NoSuchWindows' }, { kind: 'GlobalWindows', size: 3 }],
    ...[{ kind: 'CountTumblingWindows', size: 0 }, { kind: 'EventTimeSessionWindows' }],
  ],
};

/** Windows with all defaults; null for what does not describe any. */
function readWindows(value: unknown): Windows | null {
  try {
    return checkWindows(fromFlink(value));
  } catch {
    return null;
  }
}

/** `{ class, size }` and `{ class, gap }` as ours; anything else as it is. */
function fromFlink(value: unknown): unknown {
  const { class: name, size, gap } = Object(value) as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || !name.startsWith(FLINK_PACKAGE)) return value;
  const kind = name.slice(FLINK_PACKAGE.length);
  const byCount = kind === 'CountTumblingWindows';
  return {
    kind,
    ...(size !== undefined && (byCount ? { size } : { sizeMs: size })),
    ...(gap !== undefined && { gapMs: gap }),
  };
}
