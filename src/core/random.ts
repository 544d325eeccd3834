/** Random numbers: only seeded ones. */

/**
 * The generator of `java.util.Random`: a 48-bit linear congruential generator. Sampling gives the
 * rows that Flink ML takes with the same seed. Not for cryptography.
 *
 * @see Knuth, The Art of Computer Programming, volume 2, section 3.2.1; multiplier 0x5DEECE66D.
 */
export class JavaRandom {
  // The state in two halves of 24 bits, so that products stay exact in doubles.
  #high: number;
  #low: number;

  /** @param seed Any integer that a double holds exactly, or a bigint. */
  constructor(seed: number | bigint) {
    const bits = BigInt.asUintN(48, BigInt(seed) ^ 0x5deece66dn);
    this.#high = Number(bits >> 24n);
    this.#low = Number(bits & 0xffffffn);
  }

  /** The next `bits` (1 to 32) random bits, as a signed 32-bit integer when 32. */
  next(bits: number): number {
    // state = state * 0x5DEECE66D + 0xB (mod 2^48); the multiplier's halves are 0x5DE and 0xECE66D.
    const low = this.#low * 0xece66d + 0xb;
    const carry = Math.floor(low / 0x1000000);
    const high = this.#high * 0xece66d + this.#low * 0x5de + carry;
    this.#low = low - carry * 0x1000000;
    this.#high = high - Math.floor(high / 0x1000000) * 0x1000000;
    const top32 = this.#high * 256 + Math.floor(this.#low / 65536);
    return bits === 32 ? top32 | 0 : top32 >>> (32 - bits);
  }

  /** Uniform in 0 .. bound - 1; `bound` in 1 .. 2^31 - 1. */
  nextInt(bound: number): number {
    if ((bound & -bound) === bound) return Math.floor((bound * this.next(31)) / 2 ** 31);
    for (;;) {
      const bits = this.next(31);
      const value = bits % bound;
      if (bits - value + (bound - 1) < 2 ** 31) return value;
    }
  }

  /** Uniform in [0, 1), with 53 bits. */
  nextDouble(): number {
    return (this.next(26) * 2 ** 27 + this.next(27)) * 2 ** -53;
  }
}

/**
 * `k` of the indices 0 .. n - 1, all when there are fewer: a reservoir sample in one pass.
 *
 * @see DataStreamUtils.sample of Flink ML, on one subtask: the same indices in the same order.
 */
export function reservoirSample(n: number, k: number, seed: number): Int32Array {
  const random = new JavaRandom(seed);
  const sample = Int32Array.from({ length: Math.min(n, k) }, (_, i) => i);
  for (let seen = sample.length + 1; seen <= n; seen++) {
    const slot = random.nextInt(seen);
    if (slot < k) sample[slot] = seen - 1;
  }
  return sample;
}
