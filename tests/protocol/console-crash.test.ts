// The whole console killed hard, with the exchange outliving it: the latch, the trip's number and the cool-down are found again, orders
// in flight are proven, nothing counts twice (B8, E6, Q4, Q6).
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { customVenueOf, startConsoleProcess, temporaryHome } from '../support/console-process.ts';
import type { ConsoleProcess } from '../support/console-process.ts';

let practice: PracticeHandle;
beforeAll(async () => {
  practice = await startPractice({ seed: 11, eventsPerSecond: 20 });
});
afterAll(() => practice.close());

let place: ReturnType<typeof temporaryHome>;
let running: ConsoleProcess;
const start = async (): Promise<ConsoleProcess> => {
  running = startConsoleProcess(place.home, ['--custom-venue', customVenueOf(practice)]);
  await running.ready();
  return running;
};
beforeEach(async () => {
  place = temporaryHome();
  await practice.heal();
  await start();
});
afterEach(async () => {
  if (running.child.exitCode === null && running.child.signalCode === null) await running.kill('SIGTERM');
  place.remove();
});

const restingOrder = async (price: string): Promise<string> => {
  const client = await running.client();
  const order = { symbol: 'ETHUSDT', side: 'BUY', type: 'LIMIT', qty: '0.05', price } as const;
  try {
    // READY does not mean that every symbol has been quoted yet.
    await expect
      .poll(
        async () => {
          const preview = await client.call('previewOrder', order);
          return preview.ok && preview.value.verdict;
        },
        { timeout: 20_000 },
      )
      .toBe('pass');
    const answer = await client.call('placeOrder', order);
    if (!answer.ok) throw new Error(answer.error.text);
    return answer.value.clientOrderId;
  } finally {
    client.close();
  }
};

const restingPrice = async (): Promise<string> => {
  const client = await running.client();
  try {
    const answer = await client.call('showChart', { symbol: 'ETHUSDT', interval: '1m' });
    if (!answer.ok) throw new Error(answer.error.text);
    const close = answer.value.candles.at(-1)?.close ?? '0';
    return `${(BigInt(close.replace('.', '').padEnd(4, '0').slice(0, 4)) * 99n) / 100n}`;
  } finally {
    client.close();
  }
};

describe('a console that dies', () => {
  it('E6: is still TRIPPED after kill -9 and restart, with the same trip and its receipt, and only a person resets it', async () => {
    const client = await running.client();
    const tripped = await client.call('tripStop', { reason: 'about to die' });
    expect(tripped).toMatchObject({ ok: true, value: { tripId: 1 } });
    // The trip is on disk once its receipt can be had.
    expect((await client.call('awaitReceipt', { tripId: 1, timeoutMs: 10_000 })).ok).toBe(true);
    client.close();
    await running.kill('SIGKILL');

    await start();
    const view = await running.view();
    expect(view.safety.stop).toMatchObject({ phase: 'TRIPPED', tripId: 1, reason: 'about to die', receipt: { tripId: 1, complete: true } });
    expect(view.safety.trading).toMatchObject({ level: 'HALTED' });
    const again = await running.client();
    const denied = await again.call('placeOrder', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', qty: '0.005' });
    expect(denied).toMatchObject({ ok: false, error: { code: 'DENIED', denial: { code: 'STATE' } } });
    const wrong = await again.call('resetStop', { why: 'wrong number', readBackTripId: 2 });
    expect(wrong).toMatchObject({ ok: false, error: { code: 'REFUSED' } });
    const reset = await again.call('resetStop', { why: 'looked at it', readBackTripId: 1 });
    expect(reset.ok).toBe(true);
    again.close();
    await running.until('the cool-down', (seen) => seen.safety.stop?.phase === 'COOLING_DOWN');
    await running.kill('SIGKILL');

    await start();
    const cooling = await running.view();
    expect(cooling.safety.stop?.phase).toBe('COOLING_DOWN');
    expect(cooling.safety.stop?.coolDownUntilMs).toBe(reset.ok ? reset.value.coolDownUntilMs : 0);
    expect(cooling.safety.trading?.causes.map((cause) => cause.code)).toContain('COOLING_DOWN');
  });

  it('E6: killed at once after the trip, it finishes the stop after the restart', async () => {
    const id = await restingOrder(await restingPrice());
    await running.until('the order open', (view) => view.orders[id]?.status === 'ACCEPTED');
    // Nothing gets through to the exchange: the stop cannot finish before the console dies.
    await practice.addFault({ match: { channel: 'rest', method: 'DELETE' }, action: { type: 'drop', stage: 'before' } });
    const client = await running.client();
    expect((await client.call('tripStop', { reason: 'cable pulled' })).ok).toBe(true);
    await running.until('TRIPPED', (view) => view.safety.stop?.phase === 'TRIPPED');
    client.close();
    await running.kill('SIGKILL');
    await practice.heal();

    await start();
    const done = await running.until('the receipt', (view) => view.safety.stop?.receipt?.complete === true);
    expect(done.safety.stop?.receipt?.orders).toContainEqual(expect.objectContaining({ clientOrderId: id, outcome: 'canceled' }));
    const { orders } = await practice.state();
    expect(orders.filter((order) => order.status === 'NEW' || order.status === 'PARTIALLY_FILLED')).toEqual([]);
  });

  it('B8: an order whose answer was lost with the process is found, once', async () => {
    await practice.addFault({
      match: { channel: 'rest', method: 'POST', path: '/api/v3/order' },
      action: { type: 'drop', stage: 'after', how: 'silent' },
      times: 1,
    });
    const id = await restingOrder(await restingPrice());
    await expect
      .poll(async () => (await practice.state()).orders.some((order) => order.clientOrderId === id), { timeout: 20_000 })
      .toBe(true);
    await running.kill('SIGKILL');
    await start();
    const view = await running.until('the proof', (seen) => seen.orders[id]?.status === 'ACCEPTED');
    expect(view.orders[id]?.venueOrderId).not.toBeNull();
    const { orders } = await practice.state();
    expect(orders.filter((order) => order.clientOrderId === id)).toHaveLength(1);
    const client = await running.client();
    expect((await client.call('verifyJournal', {})).ok).toBe(true);
    client.close();
  });
});
