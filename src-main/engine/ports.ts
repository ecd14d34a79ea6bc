// What the engine needs from the outside besides venue and journal: time.

export interface Clock {
  /** Wall clock, ms since 1970. */
  nowMs(): number;
  /** Monotonic, ms with fractions; only differences mean anything. */
  monoMs(): number;
}
