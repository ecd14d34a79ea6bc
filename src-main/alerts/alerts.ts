// Where every alert goes, whatever the policy says: a line in the log each time, and a line in the terminal within its limit. An alert
// must never fail or delay its caller. What else reaches a person is in outlets.ts.
import { limitAlerts } from './limit.ts';
import type { LimitPorts } from './limit.ts';
import type { Alert, Alerts, Log } from './port.ts';

export interface AlertPorts extends LimitPorts {
  line(text: string): void;
  readonly log: Log;
}

export const createAlerts = (ports: AlertPorts): Alerts => {
  const spoken = limitAlerts(({ severity, title, text }) => {
    try {
      ports.line(`${severity.toUpperCase()}  ${title}: ${text}`);
    } catch (error) {
      ports.log.error('alert-not-delivered', { error });
    }
  }, ports);
  return {
    raise(alert: Alert) {
      const { severity, key, title, text } = alert;
      ports.log[severity === 'danger' ? 'error' : severity === 'warning' ? 'warn' : 'info']('alert', { severity, key, title, text });
      spoken.raise(alert);
    },
  };
};
