// A change of the policy as people see it (REQUIREMENTS G): field by field, and whether it tightens or loosens.

export interface PolicyFieldChange {
  /** As `limits.maxDailyLossUsdt`. */
  readonly path: string;
  readonly title: string;
  readonly from: string;
  readonly to: string;
  /** Tightening takes effect at once; loosening waits. What is neither (a name) waits for nothing. */
  readonly effect: 'tightens' | 'loosens' | 'neither';
}

/** What became of a wish to change the policy. */
export interface PolicyOutcome {
  /** Of the policy that is in force now. */
  readonly version: number;
  readonly adopted: readonly PolicyFieldChange[];
  /** What waits by it, and until when (wall clock, ms); null: nothing. */
  readonly waiting: { readonly changes: readonly PolicyFieldChange[]; readonly effectiveAtMs: number } | null;
  /** What is not done, and why. */
  readonly refused: { readonly changes: readonly PolicyFieldChange[]; readonly text: string } | null;
}
