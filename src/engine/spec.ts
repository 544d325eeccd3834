/** What users hand to the methods of streams, made ready for the graph: operators, keys, options. */
import { PlanError } from '../core/errors.js';
import {
  int,
  nullable,
  type ParamTable,
  resolveParams,
  showValue,
  string,
} from '../core/params.js';
import type { KeySelector } from './keys.js';
import type { AnyOperator, OperatorClass } from './operator.js';
import type { CodeRef, KeyPlan, OperatorKind, OperatorPlan, WrapperKind } from './plan.js';

/** A class by which an operator is made on the workers, or a closure, for jobs without workers. */
export type Code<Op, Fn, Params> = OperatorClass<Op, Params> | Fn;

/** What every operator may be given beside its code and params. */
export interface OperatorOptions {
  /** Number of subtasks, 1 to 1024; without it what the stream before asks for. */
  readonly parallelism?: number | undefined;
  /** How errors name it; without it the name of the class or function. */
  readonly name?: string | undefined;
}

/** The operator of a node, as the graph keeps it. */
export interface OperatorSpec extends Pick<OperatorPlan, 'kind' | 'code' | 'params' | 'wrapper'> {
  readonly name: string;
  /** The method of the stream, as errors about the options name it. */
  readonly method: string;
  /** Makes the user's operator on this thread; null when there is no user code. */
  readonly inline: (() => AnyOperator) | null;
}

/** The key of a hashed edge, as the graph keeps it. */
export interface KeySpec {
  readonly plan: KeyPlan;
  /** Makes the selector on this thread; null for a field. */
  readonly inline: (() => KeySelector) | null;
}

const isClass = (code: unknown): code is OperatorClass<unknown, unknown> =>
  typeof code === 'function' && /^class\b/.test(Function.prototype.toString.call(code));

/** Refuses a function where one is not enough. `methods` is what the class must have. */
export function requireClass(method: string, code: unknown, methods: string): void {
  if (isClass(code)) return;
  throw new PlanError(`${method} takes an operator class with ${methods}, got ${showCode(code)}.`);
}

const showCode = (code: unknown): string =>
  typeof code === 'function' ? 'a function' : showValue(code);

/** User code: where workers find it, and how it is made here. */
function codeSpec<T>(
  method: string,
  code: unknown,
  params: unknown,
): { readonly name: string; readonly code: CodeRef | null; readonly inline: () => T } {
  if (isClass(code)) {
    const { name, module } = code;
    // A class without a module can still run where there are no workers.
    const ref = typeof module === 'string' ? { module, name } : null;
    return { name, code: ref, inline: () => new code(params) as T };
  }
  if (typeof code !== 'function') {
    throw new PlanError(`${method} takes an operator class or a function, got ${showValue(code)}.`);
  }
  if (params !== undefined) {
    throw new PlanError(
      `${method}: params are for classes, a function has none, got ${showValue(params)}; options ` +
        'are the argument after them.',
    );
  }
  return { name: code.name, code: null, inline: () => ({ [method]: code }) as T };
}

/** An operator that is a user's class or function. */
export function operatorSpec(kind: OperatorKind, code: unknown, params: unknown): OperatorSpec {
  const spec = codeSpec<AnyOperator>(kind, code, params);
  return { ...spec, method: kind, kind, name: spec.name || kind, params, wrapper: null };
}

/**
 * An operator of the engine's own around a user's class, or around a function that is its `method`;
 * see `loading.ts`.
 */
export function wrappedSpec(
  kind: WrapperKind,
  settings: unknown,
  method: string,
  code: unknown,
  params: unknown,
): OperatorSpec {
  const spec = codeSpec<AnyOperator>(method, code, params);
  const name = spec.name || method;
  return { ...spec, method, kind: 'process', name, params, wrapper: { kind, settings } };
}

/** An operator of the engine's own that needs no user code. */
export function builtInSpec(kind: WrapperKind, settings: unknown): OperatorSpec {
  const wrapper = { kind, settings };
  const none = { code: null, params: null, inline: null };
  return { ...none, method: kind, kind: 'process', name: kind, wrapper };
}

/** What `keyBy` was given: the name of a field, a class of selectors, or a function. */
export function keySpec(selector: unknown, params: unknown): KeySpec {
  if (typeof selector === 'string') {
    const name = `keyBy(${selector})`;
    return { plan: { name, field: selector, code: null, params: null }, inline: null };
  }
  if (typeof selector !== 'function') {
    throw new PlanError(
      `keyBy takes the name of a field, a selector class or a function, got ${showValue(selector)}.`,
    );
  }
  const { name, code, inline } = codeSpec<KeySelector>('key', selector, params);
  return { plan: { name: `keyBy(${name})`, field: null, code, params }, inline };
}

interface ResolvedOptions {
  readonly parallelism: number | null;
  readonly name: string | null;
}

const OPTIONS: ParamTable<ResolvedOptions> = {
  parallelism: nullable(int(1, { min: 1, max: 1024 })),
  name: nullable(string('')),
};

/** Checks the options of an operator. `method` names it in errors: `'map'`. */
export function resolveOptions(method: string, options: OperatorOptions): ResolvedOptions {
  return resolveParams(method, OPTIONS, options);
}
