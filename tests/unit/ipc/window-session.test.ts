// One window's life with the console: M6, a reload loses nothing; a flood is refused, the stop never.
import { describe, expect, it } from 'vitest';
import type { Push } from '../../../src-shared/contract/contract.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { createWindowSession } from '../../../src-main/ipc/window-session.ts';
import { fakeConsole, fakeTimers } from '../shell/fake-console.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

const setUp = () => {
  const console = fakeConsole();
  const sent: Push[] = [];
  const session = createWindowSession(console, {
    ...fakeTimers(),
    user: 'ann',
    onFault: () => undefined,
    send: (pushes) => {
      sent.push(...pushes);
      return Promise.resolve();
    },
  });
  return { console, session, sent };
};

describe('a window session', () => {
  it('answers subscribe with the picture now and feeds what follows', async () => {
    const { console, session, sent } = setUp();
    console.change(['log', '1', { seq: 1 }]);
    expect(await session.call('subscribe', {})).toMatchObject({ ok: true, value: { n: 1 } });
    console.change(['log', '2', { seq: 2 }]);
    await settle();
    expect(sent).toMatchObject([{ kind: 'deltas', deltas: [{ n: 2 }] }]);
  });

  it('has one feed at a time: a reloaded page replaces the old one, a page that is gone has none', async () => {
    const { console, session, sent } = setUp();
    await session.call('subscribe', {});
    await session.call('subscribe', {});
    expect(console.subscribers.size).toBe(1);
    session.detach();
    expect(console.subscribers.size).toBe(0);
    console.change(['log', '1', null]);
    await settle();
    expect(sent).toEqual([]);
  });

  it('refuses a flood, and lets the stop through it', async () => {
    const { console, session } = setUp();
    console.answer('reconcile', () => new Promise(() => undefined));
    console.answer('tripStop', () => Promise.resolve(ok({ tripId: 1 })));
    for (let n = 0; n < 64; n += 1) void session.call('reconcile', {});
    expect(await session.call('reconcile', {})).toMatchObject({ ok: false, error: { code: 'REFUSED' } });
    expect(await session.call('tripStop', {})).toEqual({ ok: true, value: { tripId: 1 } });
  });
});
