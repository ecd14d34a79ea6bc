// What reconciliation finds: one row of local against venue, and what is done about it; and the comparisons of the past.

/** One difference between local and venue that reconciliation found (REQUIREMENTS I). */
export interface Difference {
  readonly what: 'balance' | 'order' | 'fill' | 'position' | 'protection';
  readonly key: string;
  readonly local: string;
  readonly venue: string;
  readonly action: string;
}

/** One comparison of the past that found differences. */
export interface Comparison {
  readonly atMs: number;
  /** Why the venue was asked, as `as planned` or `the account stream was away`. */
  readonly why: string;
  readonly tookMs: number;
  /** How many differences there were; the first of them follow, all of them are in the journal. */
  readonly total: number;
  readonly differences: readonly Difference[];
}
