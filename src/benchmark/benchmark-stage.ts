/** The stages that a benchmark file may name. */
import { InvalidParamError } from '../core/errors.js';
import type { ParamTable } from '../core/params.js';
import { STAGES } from '../pipeline/stages.js';
import { AlgoOperator, Estimator, type Model, Transformer } from '../stage/stage.js';
import { classNamed, simpleName } from './class-names.js';
import type { ClassSpec } from './config.js';
import { optionsOf } from './json-params.js';

/** What a benchmark can run. */
export type BenchmarkStage =
  | Estimator<object, Model<object, unknown>>
  | AlgoOperator<object>
  | Transformer<object>;

interface StageConstructor {
  readonly params: ParamTable<object>;
  readonly prototype: unknown;
  new (options: object): BenchmarkStage;
}

/**
 * The stage that an entry asks for, by Flink ML's class name or by Gyre's.
 *
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for a class that there is not, that is made of
 *   other stages, or that has no such params.
 */
export async function benchmarkStage({ className, paramMap }: ClassSpec): Promise<BenchmarkStage> {
  const load = classNamed(STAGES, className, 'stage');
  const module = (await load()) as Readonly<Record<string, Partial<StageConstructor>>>;
  const Stage = module[simpleName(className)!] as StageConstructor;
  const isAlone = [Estimator, AlgoOperator, Transformer].some(
    (kind) => Stage.prototype instanceof kind,
  );
  if (isAlone) return new Stage(optionsOf(Stage.params, paramMap));
  throw new InvalidParamError(
    `${className} is made of other stages, which a paramMap cannot describe; name one of them.`,
    { details: { className } },
  );
}
