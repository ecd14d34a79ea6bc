// What is said of protection is what stands at the exchange, whatever was wished (B5), and what the trader's own sales hold is nobody's
// reason to sell the rest.
import { afterEach, describe, expect, test } from 'vitest';
import { Guarded } from '../../support/guarded.ts';
import { BTC } from '../../support/sim.ts';
import type { SimOptions } from '../../support/sim.ts';
import { ACCOUNT } from '../../support/sim-wire.ts';

let desk: Guarded | undefined;
const up = async (options: SimOptions = {}): Promise<Guarded> => (desk = await new Guarded(options).start());
afterEach(() => {
  desk?.end();
  desk = undefined;
});

const STOP = { stopLoss: '49000' };
const BOTH = { stopLoss: '49000', takeProfit: '52000' };

describe('a change of protection that does not come about', () => {
  test('shows what stands at the exchange, not what was wished', async () => {
    const at = await up();
    await at.bought('0.01', STOP);
    at.suspended(true);
    at.protect({ stopLoss: '49500' });
    await at.pass(1000);
    expect(at.sells()).toEqual(['STOP_LOSS 0.00999 @ 49000']);
    const { status, text } = at.view();
    expect(status).toBe('placing');
    expect(text).toMatch(/^At the exchange: a stop at 49000\. Wanted: a stop at 49500\. It could not be changed: /);
  });

  test.each([
    ['a stop too far below to be worth an order', { stopLoss: '1' }, "Value in the exchange's range"],
    ['a take profit outside the exchange’s band', { takeProfit: '999999' }, "Price in the exchange's band"],
    ['one of a pair outside the band', { stopLoss: '49500', takeProfit: '999999' }, "Price in the exchange's band"],
  ])('%s is refused with words, and the guard that stands stays', async (_, plan, words) => {
    const at = await up();
    await at.bought('0.01', STOP);
    expect(at.protect(plan)).toMatchObject({ kind: 'denied', denial: { text: expect.stringContaining(words) as string } });
    await at.pass(2000);
    expect(at.sells()).toEqual(['STOP_LOSS 0.00999 @ 49000']);
    expect(at.view()).toMatchObject({ status: 'working', text: 'At the exchange: a stop at 49000.' });
    expect(at.sim.factsOf('cancel.requested')).toEqual([]);
  });

  test('a guard that stands again after the phone took it off is not said to be unchangeable', async () => {
    const at = await up();
    await at.bought('0.01', STOP);
    at.sim.core.cancelAllOpen(ACCOUNT, BTC, at.sim.time.trueMs());
    await at.pass(2000);
    expect(at.sells()).toEqual(['STOP_LOSS 0.00999 @ 49000']);
    expect(at.view().text).toBe('At the exchange: a stop at 49000.');
  });
});

describe('a sale of the trader’s own beside the guard', () => {
  test('is named as the reason why a part is not guarded', async () => {
    const at = await up();
    await at.bought('0.01', BOTH);
    at.placed({ side: 'SELL', type: 'LIMIT', price: '50500', qty: '0.004', reduceOnly: true });
    await at.pass(4500);
    expect(at.view()).toMatchObject({ status: 'partial', coversQty: '0.00599' });
    expect(at.view().text).toContain('Orders of your own sell 0.004 of it');
    const alert = at.sim.alerts.findLast(({ key }) => key === 'protection:BTCUSDT');
    expect(alert?.text).toContain('Orders of your own sell 0.004 of it');
    expect(alert?.text).not.toContain('keeps trying');
  });

  test('does not make the policy sell what is guarded', async () => {
    const at = await up({ policy: { protection: { graceSeconds: 10, closeUnprotected: true } } });
    await at.bought('0.01', BOTH);
    at.placed({ side: 'SELL', type: 'LIMIT', price: '50500', qty: '0.004', reduceOnly: true });
    await at.pass(30_000);
    expect(at.positionQty()).toBe('0.00999');
    expect(at.sells()).toEqual(['LIMIT 0.004 @ 50500', 'LIMIT_MAKER 0.00599 @ 52000', 'STOP_LOSS 0.00599 @ 49000']);
  });
});
