/** A stage with a param of every kind, as in Flink ML's own test of params. */
import {
  boolean,
  double,
  doubles,
  int,
  ints,
  nullable,
  type ParamOptions,
  type ParamTable,
  string,
  strings,
} from '../../../src/core/params.js';
import { Stage } from '../../../src/stage/stage.js';

interface AllParamsValues {
  readonly booleanParam: boolean;
  readonly intParam: number;
  readonly longParam: number;
  readonly longParam2: number;
  readonly floatParam: number;
  readonly doubleParam: number;
  readonly stringParam: string;
  readonly intArrayParam: readonly number[];
  readonly longArrayParam: readonly number[];
  readonly floatArrayParam: readonly number[];
  readonly doubleArrayParam: readonly number[];
  readonly stringArrayParam: readonly string[];
  readonly paramWithNullDefault: number | null;
}

export class AllParams extends Stage<AllParamsValues> {
  static readonly className = 'AllParams';
  static readonly params: ParamTable<AllParamsValues> = {
    booleanParam: boolean(false),
    intParam: int(1, { below: 100 }),
    longParam: int(2, { below: 100 }),
    longParam2: int(2, { below: 2_147_483_747 }),
    floatParam: double(3, { below: 100 }),
    doubleParam: double(4, { below: 100 }),
    stringParam: string('5'),
    intArrayParam: ints([6, 7]),
    longArrayParam: ints([8, 9]),
    floatArrayParam: doubles([10, 11]),
    doubleArrayParam: doubles([12, 13]),
    stringArrayParam: strings(['14', '15']),
    paramWithNullDefault: nullable(int(0)),
  };

  static fromSaved(params: ParamOptions<AllParamsValues>): AllParams {
    return new AllParams(params);
  }
}
