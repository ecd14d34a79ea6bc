// Which alert goes out on which way: by severity, as the policy says now, each key within its limit. An all-clear follows its alarm to
// wherever that went. Handing on never waits and never fails its caller.
import { ALERT_OUTLETS, reaches } from '../../src-shared/domain/alerts.ts';
import type { AlertLevel, AlertOutlet } from '../../src-shared/domain/alerts.ts';
import { limitAlerts } from './limit.ts';
import type { LimitPorts } from './limit.ts';
import type { Alert, Alerts, Log } from './port.ts';

export interface OutletPorts extends LimitPorts {
  level(outlet: AlertOutlet): AlertLevel;
  readonly outlets: Readonly<Record<AlertOutlet, (alert: Alert) => void>>;
  readonly log: Log;
}

/** The key of an alert about an outlet: it goes everywhere but there. */
export const keyOfOutlet = (outlet: AlertOutlet): string => `alerts:${outlet}`;

/** True for an alert about a way on which alerts leave. */
export const isAboutOutlet = ({ key }: Pick<Alert, 'key'>): boolean => ALERT_OUTLETS.some((outlet) => key === keyOfOutlet(outlet));

/** A test that a person asked for is handed to each outlet by itself (console/alerting.ts). */
export const TEST_KEY = 'alerts-test';

const MAX_TOLD = 500;

export const createOutlets = (ports: OutletPorts): Alerts => {
  /** The keys whose alarm went out on an outlet, and has not been taken back there. */
  const told = new Map<AlertOutlet, Set<string>>(ALERT_OUTLETS.map((outlet) => [outlet, new Set()]));

  const wants = (outlet: AlertOutlet, { severity, key }: Alert): boolean => {
    const level = ports.level(outlet);
    if (level === 'off' || key === TEST_KEY || key === keyOfOutlet(outlet)) return false;
    return reaches(level, severity) || (severity === 'good' && told.get(outlet)?.has(key) === true);
  };

  const remember = (keys: Set<string>, { severity, key }: Alert): void => {
    keys.delete(key);
    if (severity === 'danger' || severity === 'warning') keys.add(key);
    const [oldest] = keys;
    if (keys.size > MAX_TOLD && oldest !== undefined) keys.delete(oldest);
  };

  return limitAlerts((alert) => {
    for (const outlet of ALERT_OUTLETS) {
      if (!wants(outlet, alert)) continue;
      remember(told.get(outlet) ?? new Set(), alert);
      try {
        ports.outlets[outlet](alert);
      } catch (error) {
        ports.log.error('alert-not-delivered', { outlet, error });
      }
    }
  }, ports);
};
