// L4: every alert is logged, and told in the terminal; a terminal that is gone cannot fail the caller.
import { expect, it } from 'vitest';
import { createAlerts } from '../../../src-main/alerts/alerts.ts';
import type { Alert } from '../../../src-main/alerts/port.ts';
import { fakeTimers } from '../shell/fake-console.ts';

const alert = (key: string, text = 'gone'): Alert => ({ severity: 'warning', key, title: 'Stream', text });

const setUp = (line?: (text: string) => void) => {
  const timers = fakeTimers();
  const lines: string[] = [];
  const logged: string[] = [];
  const log = (event: string) => logged.push(event);
  const alerts = createAlerts({
    line: line ?? ((text) => lines.push(text)),
    log: { debug: log, info: log, warn: log, error: log },
    nowMs: timers.nowMs,
    schedule: timers.schedule,
  });
  return { alerts, lines, logged };
};

it('is logged each time, and is one line in its time', () => {
  const { alerts, lines, logged } = setUp();
  for (let n = 0; n < 4; n += 1) alerts.raise(alert('stream'));
  expect(lines).toEqual(['WARNING  Stream: gone']);
  expect(logged).toEqual(['alert', 'alert', 'alert', 'alert']);
});

it('on a terminal that is gone is no failure of the caller', () => {
  const { alerts, logged } = setUp(() => {
    throw new Error('no terminal');
  });
  alerts.raise(alert('a'));
  expect(logged).toEqual(['alert', 'alert-not-delivered']);
});
