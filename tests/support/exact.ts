// Exact rational numbers on BigInt: what an independent recount computes with. It shares no code with the money that it checks, and it
// never rounds but where a text of so many places is asked for.

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

export class Exact {
  static readonly ZERO = new Exact(0n, 1n);
  readonly #over: bigint;
  readonly #under: bigint;

  private constructor(over: bigint, under: bigint) {
    const common = gcd(over < 0n ? -over : over, under);
    this.#over = over / common;
    this.#under = under / common;
  }

  /** Of a plain decimal, as `-0.015`. Throws on anything else. */
  static of(text: string): Exact {
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
    if (match === null) throw new Error(`not a plain decimal: ${text}`);
    const [, sign, whole = '', fraction = ''] = match;
    const digits = BigInt(whole + fraction);
    return new Exact(sign === '-' ? -digits : digits, 10n ** BigInt(fraction.length));
  }

  static sum(parts: Iterable<Exact>): Exact {
    let sum = Exact.ZERO;
    for (const part of parts) sum = sum.plus(part);
    return sum;
  }

  plus(other: Exact): Exact {
    return new Exact(this.#over * other.#under + other.#over * this.#under, this.#under * other.#under);
  }
  minus(other: Exact): Exact {
    return this.plus(new Exact(-other.#over, other.#under));
  }
  times(other: Exact): Exact {
    return new Exact(this.#over * other.#over, this.#under * other.#under);
  }
  over(other: Exact): Exact {
    if (other.#over === 0n) throw new Error('a division by nothing');
    const sign = other.#over < 0n ? -1n : 1n;
    return new Exact(sign * this.#over * other.#under, sign * this.#under * other.#over);
  }
  abs(): Exact {
    return this.#over < 0n ? new Exact(-this.#over, this.#under) : this;
  }
  get isZero(): boolean {
    return this.#over === 0n;
  }
  isAbove(other: Exact): boolean {
    return this.#over * other.#under > other.#over * this.#under;
  }
  equals(other: Exact): boolean {
    return this.#over === other.#over && this.#under === other.#under;
  }

  /** Rounded half away from zero to so many places, all of them written. */
  toFixed(places: number): string {
    const scaled = (this.abs().#over * 10n ** BigInt(places) * 2n + this.#under) / (this.#under * 2n);
    const digits = String(scaled).padStart(places + 1, '0');
    const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
    return this.#over < 0n && scaled !== 0n ? `-${text}` : text;
  }
}
