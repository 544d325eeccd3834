/** node:fs/promises with a log of its calls, and with failures at chosen ones. */
import type { EventEmitter } from 'node:events';
import * as nodeFs from 'node:fs/promises';
import { basename } from 'node:path';
import type { FileSystem } from '../../../src/core/durable-fs.js';

/** What happens to a call: a failure before it or after it, or a write of half of the bytes. */
export type Fault = 'before' | 'after' | 'short';

type Method = (...args: unknown[]) => Promise<unknown>;

/** Calls are logged as `sync data.bin`. Closing always closes: so do systems that report an error. */
export class FailingFs {
  readonly fs: FileSystem;
  readonly calls: string[] = [];
  /** Bytes of each call that wrote to a file. */
  readonly writes: number[] = [];
  readonly #open = new Set<object>();
  /** Asked with the number of each call, from 0 on. */
  fault: (call: number) => Fault | null = () => null;
  code = 'ENOSPC';

  constructor() {
    this.fs = this.#watched(nodeFs, null);
  }

  get openHandles(): number {
    return this.#open.size;
  }

  /** Forgets the log, so that numbers begin again. */
  restart(fault: (call: number) => Fault | null = () => null): void {
    this.calls.length = 0;
    this.writes.length = 0;
    this.fault = fault;
  }

  #watched<T extends object>(target: T, file: string | null): T {
    return new Proxy(
      {},
      {
        get: (_, key: string) => {
          const method: unknown = Reflect.get(target, key);
          if (typeof method !== 'function' || key === 'then') return method;
          const bound = method.bind(target) as Method;
          return (...args: unknown[]) =>
            this.#call(key, file ?? basename(String(args[0])), bound, args);
        },
      },
    ) as T;
  }

  async #call(name: string, file: string, method: Method, args: unknown[]): Promise<unknown> {
    const fault = this.fault(this.calls.length);
    this.calls.push(`${name} ${file}`);
    if (fault === 'before' && name !== 'close') throw this.#error(name);
    if (name === 'write') {
      if (fault === 'short') args[2] = Math.ceil((args[2] as number) / 2);
      this.writes.push(args[2] as number);
    }
    const result = await method(...args);
    if (fault !== null && fault !== 'short') {
      // Who is told that a file is not open cannot close it.
      if (name === 'open') await (result as nodeFs.FileHandle).close();
      throw this.#error(name);
    }
    return name === 'open' ? this.#opened(result as nodeFs.FileHandle, file) : result;
  }

  #opened(handle: nodeFs.FileHandle, file: string): nodeFs.FileHandle {
    this.#open.add(handle);
    // It is one; the types do not say so.
    (handle as unknown as EventEmitter).once('close', () => this.#open.delete(handle));
    return this.#watched(handle, file);
  }

  #error(name: string): Error {
    return Object.assign(new Error(`${this.code}: made up, ${name}`), { code: this.code });
  }
}
