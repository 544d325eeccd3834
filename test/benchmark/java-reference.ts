/** `java.util.Random` over big integers, and the seeds of generators: another way to the same numbers. */
export class ReferenceRandom {
  #state: bigint;

  constructor(seed: number) {
    this.#state = BigInt.asUintN(48, BigInt(seed) ^ 0x5deece66dn);
  }

  next(bits: bigint): bigint {
    this.#state = BigInt.asUintN(48, this.#state * 0x5deece66dn + 0xbn);
    return this.#state >> (48n - bits);
  }

  nextDouble(): number {
    return Number((this.next(26n) << 27n) + this.next(27n)) / 2 ** 53;
  }

  /** For bounds that are no powers of two and so small that none is drawn again. */
  nextInt(bound: number): number {
    return Number(this.next(31n) % BigInt(bound));
  }
}
