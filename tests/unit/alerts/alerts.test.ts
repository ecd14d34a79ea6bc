// L4: one cause cannot drown another, nothing held back is forgotten, and a broken desktop cannot fail the caller.
import { describe, expect, it } from 'vitest';
import { createAlerts, KEY_INTERVAL_MS } from '../../../src-main/alerts/alerts.ts';
import type { Alert } from '../../../src-main/alerts/port.ts';
import { fakeTimers } from '../shell/fake-console.ts';

const alert = (key: string, text = 'gone'): Alert => ({ severity: 'warning', key, title: 'Stream', text });

const setUp = (notify: () => void = () => undefined) => {
  const timers = fakeTimers();
  const lines: string[] = [];
  const logged: string[] = [];
  const log = (event: string) => logged.push(event);
  const alerts = createAlerts({
    notify,
    line: (text) => lines.push(text),
    log: { debug: log, info: log, warn: log, error: log },
    nowMs: timers.nowMs,
    schedule: timers.schedule,
  });
  return { alerts, timers, lines, logged };
};

describe('an alert', () => {
  it('is heard once in its time, logged each time, and told with what was held back', () => {
    const { alerts, timers, lines, logged } = setUp();
    for (let n = 0; n < 4; n += 1) alerts.raise(alert('stream'));
    expect(lines).toEqual(['WARNING  Stream: gone']);
    expect(logged).toHaveLength(4);
    timers.advance(KEY_INTERVAL_MS);
    alerts.raise(alert('stream'));
    expect(lines[1]).toBe('WARNING  Stream: gone (3 more like this since the last alert)');
  });

  it('is followed by its all-clear at once, and what changes again and again ends with the newest word', () => {
    const { alerts, timers, lines } = setUp();
    const down = { ...alert('stream', 'gone'), severity: 'danger' } as const;
    const up = { ...alert('stream', 'back'), severity: 'good' } as const;
    alerts.raise(down);
    timers.advance(1_000);
    alerts.raise(up);
    expect(lines).toEqual(['DANGER  Stream: gone', 'GOOD  Stream: back']);
    for (const one of [down, up, down]) {
      timers.advance(1_000);
      alerts.raise(one);
    }
    expect(lines).toHaveLength(2);
    timers.advance(KEY_INTERVAL_MS);
    expect(lines[2]).toMatch(/^DANGER {2}Stream: gone/);
    expect(lines).toHaveLength(3);
  });

  it('that was taken back before it could be heard again is not heard', () => {
    const { alerts, timers, lines } = setUp();
    const [down, up] = [{ ...alert('stream'), severity: 'danger' } as const, { ...alert('stream'), severity: 'good' } as const];
    for (const one of [down, up, down, up]) alerts.raise(one);
    timers.advance(2 * KEY_INTERVAL_MS);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['DANGER', 'GOOD']);
  });

  it('does not hold back another one', () => {
    const { alerts, lines } = setUp();
    alerts.raise(alert('a'));
    alerts.raise(alert('b'));
    expect(lines).toHaveLength(2);
  });

  it('whose notification fails is still a line, and no failure of the caller', () => {
    const { alerts, lines, logged } = setUp(() => {
      throw new Error('no desktop');
    });
    alerts.raise(alert('a'));
    expect(lines).toHaveLength(1);
    expect(logged).toContain('alert-not-delivered');
  });

  it('under ever new keys does not fill the memory: an old key is simply heard again', () => {
    const { alerts, lines } = setUp();
    for (let n = 0; n < 1_500; n += 1) alerts.raise(alert(`key-${n}`));
    alerts.raise(alert('key-0'));
    alerts.raise(alert('key-1499'));
    expect(lines).toHaveLength(1_501);
  });
});
