// Brings what needs a person to a person: a desktop notification, a line in the terminal, a line in the log. Limited per key, so
// that one cause cannot drown another; what was held back is counted and told. An alert must never fail or delay its caller.
import type { Alert, Alerts, Log, Severity } from './port.ts';

/** One key is heard at most once in this time. */
export const KEY_INTERVAL_MS = 60_000;
const MAX_KEYS = 1_000;

export interface AlertPorts {
  notify(severity: Severity, title: string, text: string): void;
  line(text: string): void;
  readonly log: Log;
  nowMs(): number;
}

interface Heard {
  readonly atMs: number;
  readonly heldBack: number;
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
    const oldest = heard.keys().next();
    if (heard.size > MAX_KEYS && oldest.done !== true) heard.delete(oldest.value);
  };

  return {
    raise({ severity, key, title, text }: Alert) {
      const nowMs = ports.nowMs();
      const last = heard.get(key);
      ports.log[severity === 'danger' ? 'error' : severity === 'warning' ? 'warn' : 'info']('alert', { severity, key, title, text });
      if (last !== undefined && nowMs - last.atMs < KEY_INTERVAL_MS) {
        remember(key, { ...last, heldBack: last.heldBack + 1 });
        return;
      }
      remember(key, { atMs: nowMs, heldBack: 0 });
      const whole = last !== undefined && last.heldBack > 0 ? `${text} (${last.heldBack} more like this since the last alert)` : text;
      safely(() => ports.line(`${severity.toUpperCase()}  ${title}: ${whole}`));
      safely(() => ports.notify(severity, title, whole));
    },
  };
};
