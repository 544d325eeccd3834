/** Seeds of generators: those of Flink ML's first subtask. */
import { JavaRandom } from '../core/random.js';

/**
 * The random numbers that a generator draws from.
 *
 * @param seed An integer; null for the hash of the class name.
 * @param className Flink ML's full class name.
 * @see InputTableGenerator of Flink ML: subtask 0 of `Tuple2.of(seed, subtask).hashCode()`.
 */
export function randomOf(seed: number | null, className: string): JavaRandom {
  return new JavaRandom(Math.imul(31, longHash(seed ?? stringHash(className))));
}

/** Java's `Long.hashCode`: its two halves, one XOR the other. */
function longHash(value: number): number {
  const bits = BigInt.asUintN(64, BigInt(value));
  return Number(BigInt.asIntN(32, bits ^ (bits >> 32n)));
}

/** Java's `String.hashCode`. */
function stringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}
