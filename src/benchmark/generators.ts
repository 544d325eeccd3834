/** The generators that a benchmark file may name. */
import { classNamed } from './class-names.js';
import type { ClassSpec } from './config.js';
import { DenseVectorArrayGenerator } from './dense-vector-array-generator.js';
import { DenseVectorGenerator } from './dense-vector-generator.js';
import { DoubleGenerator } from './double-generator.js';
import type { GeneratorClass, InputGenerator } from './input-generator.js';
import { optionsOf } from './json-params.js';
import { LabeledPointWithWeightGenerator } from './labeled-point-with-weight-generator.js';
import { LongGenerator } from './long-generator.js';
import { RandomStringArrayGenerator } from './random-string-array-generator.js';
import { RandomStringGenerator } from './random-string-generator.js';

/** A class of generators, whatever its params are. */
type AnyGeneratorClass = GeneratorClass<object> & (new (options: object) => InputGenerator);

/** Generators of input by class name. */
export const INPUT_GENERATORS: Readonly<Record<string, AnyGeneratorClass>> = {
  DenseVectorArrayGenerator,
  DenseVectorGenerator,
  DoubleGenerator,
  LabeledPointWithWeightGenerator,
  LongGenerator,
  RandomStringArrayGenerator,
  RandomStringGenerator,
} as unknown as Readonly<Record<string, AnyGeneratorClass>>;

/**
 * The generator that an entry asks for.
 *
 * @param scale What its number of rows is multiplied by, see {@link scaledRows}.
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for a class or params that do not exist.
 */
export function inputGenerator({ className, paramMap }: ClassSpec, scale = 1): InputGenerator {
  const Generator = classNamed(INPUT_GENERATORS, className, 'input generator');
  const options = optionsOf(Generator.params, paramMap);
  const generator = new Generator(options);
  if (scale === 1) return generator;
  return new Generator({ ...options, numValues: scaledRows(generator.params.numValues, scale) });
}

/** No stage learns much from fewer rows. */
const FEWEST_ROWS = 100;

/** A share of the rows; 100 where that is less, unless there are fewer. */
function scaledRows(rows: number, scale: number): number {
  return Math.max(Math.min(rows, FEWEST_ROWS), Math.round(rows * scale));
}
