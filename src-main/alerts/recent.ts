// Keeps the newest alert of each key for the replicas, and how often it was said in a row, so that the window and the command line show
// what the terminal said. It only remembers: how often a person is called is decided in limit.ts.
import type { AlertView } from '../../src-shared/contract/view.ts';
import type { Alert, Alerts } from './port.ts';

export const MAX_RECENT = 50;

export interface RecentAlerts extends Alerts {
  /** By the alert's key, the oldest first. */
  recent(): ReadonlyMap<string, AlertView>;
}

export const rememberAlerts = (next: Alerts, nowMs: () => number): RecentAlerts => {
  const alerts = new Map<string, AlertView>();
  return {
    raise(alert: Alert) {
      const { severity, key, title, text } = alert;
      const before = alerts.get(key);
      const times = before?.severity === severity ? before.times + 1 : 1;
      alerts.delete(key);
      alerts.set(key, { atMs: nowMs(), severity, title, text, times });
      const oldest = alerts.keys().next();
      if (alerts.size > MAX_RECENT && oldest.done !== true) alerts.delete(oldest.value);
      next.raise(alert);
    },
    recent: () => alerts,
  };
};
