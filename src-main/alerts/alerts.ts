// Brings what needs a person to a person: a desktop notification, a line in the terminal, a line in the log. Limited per key, so
// that one cause cannot drown another; what was held back is counted and told, and the last word on a cause is always the newest: an
// alarm is never left standing after the all-clear, nor the other way round. An alert must never fail or delay its caller.
import type { Alert, Alerts, Log, Severity } from './port.ts';

/** One key is heard at most once in this time with each severity. */
export const KEY_INTERVAL_MS = 60_000;
const MAX_KEYS = 1_000;

export interface AlertPorts {
  notify(severity: Severity, title: string, text: string): void;
  line(text: string): void;
  readonly log: Log;
  nowMs(): number;
  /** Runs later, once; gives back the way to prevent it. */
  schedule(run: () => void, delayMs: number): () => void;
}

/** What a person was told under one key. */
interface Heard {
  readonly severity: Severity;
  /** When each severity was told last. */
  readonly atMs: Partial<Record<Severity, number>>;
  readonly heldBack: number;
  /** Ends the wait of an alert that says otherwise than what was told last. */
  readonly drop: (() => void) | null;
}

export const createAlerts = (ports: AlertPorts): Alerts => {
  const heard = new Map<string, Heard>();

  const safely = (deliver: () => void): void => {
    try {
      deliver();
    } catch (error) {
      ports.log.error('alert-not-delivered', { error });
    }
  };

  const remember = (key: string, value: Heard): void => {
    heard.delete(key);
    heard.set(key, value);
    const [oldest] = heard;
    if (heard.size <= MAX_KEYS || oldest === undefined) return;
    oldest[1].drop?.();
    heard.delete(oldest[0]);
  };

  const tell = ({ severity, key, title, text }: Alert): void => {
    const { heldBack = 0, atMs = {} } = heard.get(key) ?? {};
    remember(key, { severity, atMs: { ...atMs, [severity]: ports.nowMs() }, heldBack: 0, drop: null });
    const whole = heldBack > 0 ? `${text} (${heldBack} more like this since the last alert)` : text;
    safely(() => ports.line(`${severity.toUpperCase()}  ${title}: ${whole}`));
    safely(() => ports.notify(severity, title, whole));
  };

  return {
    raise(alert: Alert) {
      const { severity, key, title, text } = alert;
      ports.log[severity === 'danger' ? 'error' : severity === 'warning' ? 'warn' : 'info']('alert', { severity, key, title, text });
      const last = heard.get(key);
      last?.drop?.();
      const waitMs = (last?.atMs[severity] ?? Number.NEGATIVE_INFINITY) + KEY_INTERVAL_MS - ports.nowMs();
      if (last === undefined || waitMs <= 0) return tell(alert);
      // The same as what was told last is only counted; anything else must be heard in the end.
      const drop = last.severity === severity ? null : ports.schedule(() => tell(alert), waitMs);
      remember(key, { ...last, heldBack: last.heldBack + (drop === null ? 1 : 0), drop });
    },
  };
};
