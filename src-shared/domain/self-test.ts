// One row of the startup self-test (REQUIREMENTS J).

export interface SelfTestItem {
  readonly id: string;
  readonly title: string;
  readonly verdict: 'pass' | 'fail' | 'not-needed';
  /** What was measured, and for a failure the fix, in words. */
  readonly text: string;
}
