// How alerts reach a person (REQUIREMENTS L4): the outlets, and from which severity on each is used. Window, policy and console read it.

export type AlertSeverity = 'info' | 'good' | 'warning' | 'danger';

export const ALERT_OUTLETS = ['desktop', 'sound', 'webhook', 'mail'] as const;
export type AlertOutlet = (typeof ALERT_OUTLETS)[number];

/** `warning`: dangers and warnings with their all-clears. `all`: what is only told as well. */
export const ALERT_LEVELS = ['off', 'danger', 'warning', 'all'] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

/** True when an alert of this severity goes where this level is set. The all-clear of a danger is the outlet's own matter (alerts/outlets.ts). */
export const reaches = (level: AlertLevel, severity: AlertSeverity): boolean => {
  if (level === 'off') return false;
  if (level === 'danger') return severity === 'danger';
  return level === 'all' || severity !== 'info';
};
