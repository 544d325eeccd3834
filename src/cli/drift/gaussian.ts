import { JavaRandom } from '../../core/random.js';

/** Seeded numbers of the standard normal distribution, and uniform ones. */
export class Gaussian {
  readonly #random: JavaRandom;

  constructor(seed: number) {
    this.#random = new JavaRandom(seed);
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.#random.nextDouble();
  }

  /** By the transformation of Box and Muller. */
  next(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random.nextDouble()));
    return radius * Math.cos(2 * Math.PI * this.#random.nextDouble());
  }
}
