// L4: which alert goes out where. An all-clear follows its alarm, a way's own trouble goes everywhere but there, and a way that breaks
// takes no other one with it.
import { expect, it } from 'vitest';
import type { AlertLevel, AlertOutlet } from '../../../src-shared/domain/alerts.ts';
import { createOutlets, keyOfOutlet, TEST_KEY } from '../../../src-main/alerts/outlets.ts';
import type { Alert } from '../../../src-main/alerts/port.ts';
import { fakeTimers } from '../shell/fake-console.ts';

const setUp = (levels: Partial<Record<AlertOutlet, AlertLevel>>, broken: AlertOutlet[] = []) => {
  const went: string[] = [];
  const logged: string[] = [];
  const to = (outlet: AlertOutlet) => (alert: Alert) => {
    if (broken.includes(outlet)) throw new Error('broken');
    went.push(`${outlet} ${alert.severity} ${alert.key}`);
  };
  const log = (event: string) => logged.push(event);
  const timers = fakeTimers();
  const outlets = createOutlets({
    level: (outlet) => levels[outlet] ?? 'off',
    outlets: { desktop: to('desktop'), sound: to('sound'), webhook: to('webhook'), mail: to('mail') },
    log: { debug: log, info: log, warn: log, error: log },
    ...timers,
  });
  const raise = (severity: Alert['severity'], key: string): void => outlets.raise({ severity, key, title: 'T', text: `${severity} words` });
  return { raise, went, logged, timers, levels };
};

it('each level takes what it says and no less', () => {
  const { raise, went } = setUp({ desktop: 'all', webhook: 'warning', mail: 'danger' });
  for (const severity of ['info', 'good', 'warning', 'danger'] as const) raise(severity, severity);
  expect(went).toEqual([
    'desktop info info',
    'desktop good good',
    'webhook good good',
    'desktop warning warning',
    'webhook warning warning',
    'desktop danger danger',
    'webhook danger danger',
    'mail danger danger',
  ]);
});

it('an all-clear goes where its alarm went, once, even where only dangers go', () => {
  const { raise, went, timers } = setUp({ mail: 'danger' });
  raise('good', 'stream');
  raise('danger', 'stream');
  raise('good', 'stream');
  timers.advance(120_000);
  raise('good', 'stream');
  expect(went).toEqual(['mail danger stream', 'mail good stream']);
});

it('what is switched off meanwhile is off', () => {
  const { raise, went, levels } = setUp({ webhook: 'all' });
  raise('danger', 'a');
  levels.webhook = 'off';
  raise('danger', 'b');
  expect(went).toEqual(['webhook danger a']);
});

it('the trouble of a way goes everywhere but there, and a test goes its own way', () => {
  const { raise, went } = setUp({ webhook: 'all', mail: 'all' });
  raise('warning', keyOfOutlet('webhook'));
  raise('warning', TEST_KEY);
  expect(went).toEqual(['mail warning alerts:webhook']);
});

it('a way that breaks is logged and takes no other with it, nor its caller', () => {
  const { raise, went, logged } = setUp({ desktop: 'all', mail: 'all' }, ['desktop']);
  raise('danger', 'a');
  expect([went, logged]).toEqual([['mail danger a'], ['alert-not-delivered']]);
});

it('under ever new keys the memory does not grow: an all-clear of long ago is simply not sent to those who want dangers only', () => {
  const { raise, went } = setUp({ mail: 'danger' });
  for (let n = 0; n < 600; n += 1) raise('danger', `key-${n}`);
  raise('good', 'key-0');
  raise('good', 'key-599');
  expect(went.slice(600)).toEqual(['mail good key-599']);
});
