// What may ask for a person's attention, and where it is written down. Whoever raises an alert must never wait for its delivery.

import type { AlertSeverity } from '../../src-shared/domain/alerts.ts';

export type Severity = AlertSeverity;

export interface Alert {
  readonly severity: Severity;
  /** Alerts of one key are limited together: `stream-loss`, `order-unknown:BTCUSDT`. */
  readonly key: string;
  readonly title: string;
  /** What happened, what was not done, what to do next. */
  readonly text: string;
}

export interface Alerts {
  raise(alert: Alert): void;
}

/** The structured log. Fields are redacted before they are written; never hand it a secret all the same. */
export interface Log {
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void;
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}
