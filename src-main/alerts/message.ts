// Alerts in words for those who are not at the console: webhook and mail say the same. What looks like a secret is taken out (L2).
import type { Alert } from './port.ts';
import { redactText } from './redact.ts';

/** An alert with the time at which it was raised. */
export interface DatedAlert extends Alert {
  readonly atMs: number;
}

const timeText = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

// What an exchange or a person wrote begins no line and no header of its own.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;
const tidy = (text: string): string => redactText(text.replace(CONTROL, ' '));

/** One line each, oldest first. */
export const linesOf = (alerts: readonly DatedAlert[]): readonly string[] =>
  alerts.map(({ severity, title, text, atMs }) => tidy(`${severity.toUpperCase()}  ${title}: ${text} (${timeText(atMs)})`));

const RANK: readonly Alert['severity'][] = ['danger', 'warning', 'good', 'info'];

/** The worst of them in few words, and how many others there are. */
export const headOf = (alerts: readonly DatedAlert[]): string => {
  const [worst] = alerts.toSorted((a, b) => RANK.indexOf(a.severity) - RANK.indexOf(b.severity));
  if (worst === undefined) return 'nothing';
  const more = alerts.length === 1 ? '' : ` and ${alerts.length - 1} more`;
  return tidy(`${worst.severity.toUpperCase()}: ${worst.title}${more}`);
};
