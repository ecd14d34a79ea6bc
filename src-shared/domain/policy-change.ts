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
