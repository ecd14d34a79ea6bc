// The test of the alerts as window and command line ask for it (REQUIREMENTS L4).
import type { AlertOutlet } from '../domain/alerts.ts';

export interface AlertTestResult {
  readonly outlet: AlertOutlet;
  /** `not-sent`: it is off, or not set up. */
  readonly verdict: 'sent' | 'failed' | 'not-sent';
  /** Where it went, or why not. */
  readonly text: string;
}
