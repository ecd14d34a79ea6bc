// What reconciliation finds: one row of local against venue, and what is done about it.

/** One difference between local and venue that reconciliation found (REQUIREMENTS I). */
export interface Difference {
  readonly what: 'balance' | 'order' | 'fill' | 'position';
  readonly key: string;
  readonly local: string;
  readonly venue: string;
  readonly action: string;
}
