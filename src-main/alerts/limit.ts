// One cause cannot drown another: under one key a person is told at most once a minute with each severity. What was held back is counted
// and told, and the last word on a cause is always the newest: no alarm is left standing after its all-clear, and no other words are lost.
import type { Alert, Alerts, Severity } from './port.ts';

/** One key is heard at most once in this time with each severity. */
export const KEY_INTERVAL_MS = 60_000;
const MAX_KEYS = 1_000;

export interface LimitPorts {
  /** Monotonic. */
  nowMs(): number;
  /** Runs later, once; gives back the way to prevent it. */
  schedule(run: () => void, delayMs: number): () => void;
}

/** What a person was told under one key. */
interface Heard {
  readonly severity: Severity;
  readonly text: string;
  /** When each severity was told last. */
  readonly atMs: Partial<Record<Severity, number>>;
  readonly heldBack: number;
  /** What says otherwise than what was told last waits here for its time. */
  readonly waiting: { readonly severity: Severity; readonly drop: () => void } | null;
}

/** @param deliver gets an alert when its time has come, its text with the number of those that were held back; it must not throw */
export const limitAlerts = (deliver: (alert: Alert) => void, ports: LimitPorts): Alerts => {
  const heard = new Map<string, Heard>();

  const remember = (key: string, value: Heard): void => {
    heard.delete(key);
    heard.set(key, value);
    const [oldest] = heard;
    if (heard.size <= MAX_KEYS || oldest === undefined) return;
    oldest[1].waiting?.drop();
    heard.delete(oldest[0]);
  };

  const tell = (alert: Alert): void => {
    const { severity, key, text } = alert;
    const { heldBack = 0, atMs = {} } = heard.get(key) ?? {};
    remember(key, { severity, text, atMs: { ...atMs, [severity]: ports.nowMs() }, heldBack: 0, waiting: null });
    deliver(heldBack > 0 ? { ...alert, text: `${text} (${heldBack} more like this since the last alert)` } : alert);
  };

  return {
    raise(alert: Alert) {
      const { severity, key, text } = alert;
      const last = heard.get(key);
      last?.waiting?.drop();
      const waitMs = (last?.atMs[severity] ?? Number.NEGATIVE_INFINITY) + KEY_INTERVAL_MS - ports.nowMs();
      if (last === undefined || waitMs <= 0) return tell(alert);
      // The same as what was told last is only counted; anything else must be heard in the end, in its newest words.
      const isTold = last.severity === severity && last.text === text;
      const isMore = isTold || last.waiting?.severity === severity;
      const waiting = isTold ? null : { severity, drop: ports.schedule(() => tell(alert), waitMs) };
      remember(key, { ...last, heldBack: last.heldBack + (isMore ? 1 : 0), waiting });
    },
  };
};
