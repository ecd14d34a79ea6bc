// L4: one cause cannot drown another, nothing held back is forgotten, and the last word is always the newest.
import { describe, expect, it } from 'vitest';
import { KEY_INTERVAL_MS, limitAlerts } from '../../../src-main/alerts/limit.ts';
import type { Alert } from '../../../src-main/alerts/port.ts';
import { fakeTimers } from '../shell/fake-console.ts';

const alert = (key: string, text = 'gone', severity: Alert['severity'] = 'warning'): Alert => ({ severity, key, title: 'Stream', text });

const setUp = () => {
  const timers = fakeTimers();
  const told: string[] = [];
  const alerts = limitAlerts(({ severity, text }) => told.push(`${severity} ${text}`), timers);
  return { alerts, timers, told };
};

describe('an alert', () => {
  it('is told once in its time, and then with the number that was held back', () => {
    const { alerts, timers, told } = setUp();
    for (let n = 0; n < 4; n += 1) alerts.raise(alert('stream'));
    expect(told).toEqual(['warning gone']);
    timers.advance(KEY_INTERVAL_MS);
    expect(told).toHaveLength(1);
    alerts.raise(alert('stream'));
    expect(told[1]).toBe('warning gone (3 more like this since the last alert)');
  });

  it('with other words is not lost: when its time comes, the newest words are told with the number of all', () => {
    const { alerts, timers, told } = setUp();
    for (const words of ['one is gone', 'two are gone', 'two are gone', 'three are gone']) {
      alerts.raise(alert('stream', words));
      timers.advance(1_000);
    }
    expect(told).toEqual(['warning one is gone']);
    timers.advance(KEY_INTERVAL_MS);
    expect(told).toEqual(['warning one is gone', 'warning three are gone (2 more like this since the last alert)']);
  });

  it('is followed by its all-clear at once, and what changes again and again ends with the newest word', () => {
    const { alerts, timers, told } = setUp();
    const [down, up] = [alert('stream', 'gone', 'danger'), alert('stream', 'back', 'good')];
    alerts.raise(down);
    timers.advance(1_000);
    alerts.raise(up);
    expect(told).toEqual(['danger gone', 'good back']);
    for (const one of [down, up, down]) {
      timers.advance(1_000);
      alerts.raise(one);
    }
    expect(told).toHaveLength(2);
    timers.advance(KEY_INTERVAL_MS);
    expect(told[2]).toMatch(/^danger gone/);
    expect(told).toHaveLength(3);
  });

  it('that was taken back before it could be told again is not told', () => {
    const { alerts, timers, told } = setUp();
    const [down, up] = [alert('stream', 'gone', 'danger'), alert('stream', 'back', 'good')];
    for (const one of [down, up, down, up]) alerts.raise(one);
    timers.advance(2 * KEY_INTERVAL_MS);
    expect(told.map((line) => line.split(' ')[0])).toEqual(['danger', 'good']);
  });

  it('does not hold back another one', () => {
    const { alerts, told } = setUp();
    alerts.raise(alert('a'));
    alerts.raise(alert('b'));
    expect(told).toHaveLength(2);
  });

  it('under ever new keys does not fill the memory: an old key is simply told again', () => {
    const { alerts, told } = setUp();
    for (let n = 0; n < 1_500; n += 1) alerts.raise(alert(`key-${n}`));
    alerts.raise(alert('key-0'));
    alerts.raise(alert('key-1499'));
    expect(told).toHaveLength(1_501);
  });
});
