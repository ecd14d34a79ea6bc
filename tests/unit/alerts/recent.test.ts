// What the window and the command line can still read of the alerts: the newest of each key, and never more than a few.
import { expect, test } from 'vitest';
import type { Alert } from '../../../src-main/alerts/port.ts';
import { MAX_RECENT, rememberAlerts } from '../../../src-main/alerts/recent.ts';

const alert = (key: string, text = key): Alert => ({ severity: 'warning', key, title: 'Title', text });

test('every alert goes on to the person; the newest of each key is kept with its time, and how often it was said in a row', () => {
  let nowMs = 1;
  const raised: string[] = [];
  const alerts = rememberAlerts({ raise: ({ text }) => raised.push(text) }, () => (nowMs += 1));
  alerts.raise(alert('a', 'first'));
  alerts.raise(alert('b'));
  alerts.raise(alert('a', 'again'));
  expect(raised).toEqual(['first', 'b', 'again']);
  expect([...alerts.recent()]).toEqual([
    ['b', { atMs: 3, severity: 'warning', title: 'Title', text: 'b', times: 1 }],
    ['a', { atMs: 4, severity: 'warning', title: 'Title', text: 'again', times: 2 }],
  ]);
  alerts.raise({ ...alert('a', 'over'), severity: 'good' });
  expect(alerts.recent().get('a')).toMatchObject({ severity: 'good', text: 'over', times: 1 });
});

test('a storm of keys pushes out the oldest, not the memory', () => {
  const alerts = rememberAlerts({ raise: () => undefined }, () => 0);
  for (let n = 0; n <= MAX_RECENT; n += 1) alerts.raise(alert(String(n)));
  expect(alerts.recent().size).toBe(MAX_RECENT);
  expect([alerts.recent().has('0'), alerts.recent().has(String(MAX_RECENT))]).toEqual([false, true]);
});
