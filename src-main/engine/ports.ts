// What the engine needs from the outside besides venue and journal: time.

/** Both clocks at one instant. What a person or the disk sees is on the wall clock; an age is measured on the monotonic one. */
export interface Moment {
  readonly nowMs: number;
  readonly monoMs: number;
}

export interface Clock {
  /** Wall clock, ms since 1970. */
  nowMs(): number;
  /** Monotonic, ms with fractions; only differences mean anything. */
  monoMs(): number;
}

export const momentOf = (clock: Clock): Moment => ({ nowMs: clock.nowMs(), monoMs: clock.monoMs() });
