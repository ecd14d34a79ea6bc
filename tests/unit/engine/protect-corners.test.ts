// Protection in its corners (B5, Q11): what is left over, what comes twice, what is told late, what does not come free.
import { afterEach, describe, expect, test } from 'vitest';
import { legIdOf } from '../../../src-shared/domain/ids.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { balance, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
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
const pairOf = (qty: string): readonly string[] => [`LIMIT_MAKER ${qty} @ 52000`, `STOP_LOSS ${qty} @ 49000`];
/** Coins of before, which belong to no position. */
const RICH = { balances: { USDT: '10000', BTC: '0.5' } };

const phoneSells = (at: Guarded, quantity: string): void => {
  at.sim.core.placeOrder(ACCOUNT, { symbol: BTC, side: 'SELL', type: 'MARKET', quantity } as never, at.sim.time.trueMs());
};

describe('left over', () => {
  test('a guard without its position is cancelled', async () => {
    const at = await up(RICH);
    await at.bought('0.01', STOP);
    at.isLenient = true;
    phoneSells(at, '0.00999');
    await at.pass(2000);
    expect(at.positionQty()).toBe('0');
    expect(at.sells()).toEqual([]);
    expect(at.sim.engine.market.protection.size).toBe(0);
  });

  test('a guard that is larger than what is left goes as well', async () => {
    const at = await up(RICH);
    await at.bought('0.01', STOP);
    at.isLenient = true;
    phoneSells(at, '0.00996');
    await at.pass(3000);
    expect(at.positionQty()).toBe('0.00003');
    expect(at.sells()).toEqual([]);
    expect(at.sim.engine.state.protections.get(BTC)?.plan).toBeNull();
  });

  test('a pair shrinks at once when the phone sold a part of its position from other coins', async () => {
    const at = await up(RICH);
    await at.bought('0.01', BOTH);
    at.isLenient = true;
    phoneSells(at, '0.004');
    await at.pass(1000);
    expect(at.sells()).toEqual(pairOf('0.00599'));
  });

  test('a restart that finds a guard without its position cancels it, once the books are compared and a moment has passed', () => {
    const rig = new Rig().ready();
    rig.hold();
    rig.tell({ kind: 'balances', entries: [balance('BTC', '0.01'), balance('USDT', '9500')], venueTimeMs: rig.nowMs + 2000 });
    rig.engine.dispatch({ kind: 'protect', symbol: BTC, plan: { stopLoss: text('49000') }, origin: 'cli' });
    const guard = rig.of('order.intended').at(-1)?.order.clientOrderId as ClientOrderId;
    const stop = stated(guard, { side: 'SELL', venueType: 'STOP_LOSS', stopPrice: '49000', price: '0' });
    rig.engine.dispatch({ kind: 'sent', clientOrderId: guard });
    rig.answer(guard, { kind: 'accepted', order: stop, fills: [] });
    const gone = { kind: 'position.corrected', symbol: BTC, qty: text('0'), why: 'test' } as const;
    rig.facts.push({ seq: rig.engine.state.seq + 1, atMs: rig.nowMs, fact: gone });
    rig.durableSeq += 1;
    const next = rig.restarted();
    next.boot();
    next.pass(2000);
    expect(next.effectsOf('cancel')).toEqual([]);
    next.reconciled({ openOrders: [stop], balances: [balance('BTC', '0', '0.01'), balance('USDT', '9500')] });
    next.pass(500);
    expect(next.effectsOf('cancel')).toEqual([]);
    next.pass(1500);
    expect(next.effectsOf('cancel').map(({ clientOrderId }) => clientOrderId)).toEqual([guard]);
  });

  test('an alarm ends with the position', async () => {
    const at = await up();
    await at.bought('0.01', undefined);
    at.sim.core.setSymbolStatus(BTC, 'HALT');
    at.protect(STOP);
    await at.pass(4000);
    at.sim.core.setSymbolStatus(BTC, 'TRADING');
    at.placed({ side: 'SELL', qty: '0.00999', reduceOnly: true });
    await at.pass(1500);
    expect(at.sim.alerts.at(-1)).toMatchObject({ severity: 'good', title: 'BTCUSDT is closed' });
  });
});

describe('twice', () => {
  test('the exits of a second entry and the guard of the first become one pair', async () => {
    const at = await up();
    await at.bought('0.008', STOP);
    at.placed({ type: 'LIMIT', price: '49900', qty: '0.006', exits: BOTH });
    await at.pass(500);
    at.price('49850');
    await at.pass(3000);
    expect(at.sells()).toEqual(pairOf('0.01398'));
    expect(at.view().status).toBe('working');
  });
});

describe('late', () => {
  const entry = { exits: { stopLoss: text('49000'), takeProfit: text('52000') } };
  const resting = (): { rig: Rig; listId: string } => {
    const rig = new Rig().ready();
    const reply = rig.place(entry);
    if (reply.kind !== 'placed') throw new Error('not placed');
    const listId = reply.clientOrderId.slice(0, -2) as never;
    const leg = (place: number, changes: object) => stated(legIdOf(listId, place), { venueOrderId: `v-${place}`, ...changes });
    for (const id of reply.orders ?? []) rig.engine.dispatch({ kind: 'sent', clientOrderId: id });
    rig.engine.dispatch({
      kind: 'submitted-list',
      listId,
      outcome: {
        kind: 'accepted',
        orders: [
          leg(1, {}),
          leg(2, { side: 'SELL', venueType: 'STOP_LOSS', status: 'PENDING_NEW', stopPrice: '49000', qty: '0.00999' }),
          leg(3, { side: 'SELL', venueType: 'LIMIT_MAKER', status: 'PENDING_NEW', price: '52000', qty: '0.00999' }),
        ],
      },
    });
    return { rig, listId };
  };
  const filled = (listId: string) => stated(`${listId}-1`, { venueOrderId: 'v-1', status: 'FILLED', filledQty: '0.01' });
  const fee = { fee: text('0.00001'), feeAsset: 'BTC' };

  test('exits that should work by now are asked for, and nothing is placed beside them', () => {
    const { rig, listId } = resting();
    rig.execute(filled(listId), fillOf('t1', '0.01', fee));
    rig.tell({ kind: 'balances', entries: [balance('BTC', '0.00999'), balance('USDT', '9500')], venueTimeMs: rig.nowMs });
    rig.effects = [];
    rig.pass(2500);
    expect(rig.effectsOf('query').map(({ clientOrderId }) => clientOrderId)).toEqual(
      expect.arrayContaining([`${listId}-2`, `${listId}-3`]),
    );
    expect(rig.of('list.intended')).toHaveLength(1);
    expect(rig.of('order.intended')).toEqual([]);
  });

  test('an exit that works before its entry’s fill is known: the entry is asked for, the exit is left alone', () => {
    const { rig, listId } = resting();
    rig.execute(stated(`${listId}-2`, { venueOrderId: 'v-2', side: 'SELL', venueType: 'STOP_LOSS', stopPrice: '49000', qty: '0.00999' }));
    rig.effects = [];
    rig.pass(3000);
    expect(rig.effectsOf('query').map(({ clientOrderId }) => clientOrderId)).toContain(`${listId}-1`);
    expect(rig.effectsOf('cancel')).toEqual([]);
  });

  test('a market entry that fills in parts is protected once, when it is through', () => {
    const rig = new Rig().ready();
    const id = rig.send({ type: 'MARKET', price: undefined, exits: { stopLoss: text('49000') } });
    const part = (status: string, total: string) => stated(id, { venueType: 'MARKET', status, filledQty: total });
    rig.execute(part('PARTIALLY_FILLED', '0.004'), fillOf('t1', '0.004'));
    rig.tell({ kind: 'balances', entries: [balance('BTC', '0.004'), balance('USDT', '9800')], venueTimeMs: rig.nowMs });
    rig.pass(100);
    expect(rig.of('order.intended')).toHaveLength(1);
    rig.execute(part('FILLED', '0.01'), fillOf('t2', '0.006'));
    rig.tell({ kind: 'balances', entries: [balance('BTC', '0.01'), balance('USDT', '9500')], venueTimeMs: rig.nowMs });
    expect(
      rig
        .of('order.intended')
        .slice(1)
        .map(({ order }) => [order.type, order.qty]),
    ).toEqual([['STOP_LOSS', '0.01']]);
  });
});

describe('not free', () => {
  test('coins that a cancelled pair released are waited for, and their balance is asked for', async () => {
    const at = await up();
    await at.bought('0.01', BOTH);
    at.sim.faults.streamMissing = 1;
    at.protect({ stopLoss: '48500', takeProfit: '53000' });
    await at.pass(900);
    expect(at.sells()).toEqual([]);
    await at.pass(5000);
    expect(at.sells()).toEqual(['LIMIT_MAKER 0.00999 @ 53000', 'STOP_LOSS 0.00999 @ 48500']);
    expect(at.sim.factsOf('order.denied')).toEqual([]);
  });

  test('what the gate denies again and again is one fact, and the alarm says why', async () => {
    const at = await up();
    await at.bought('0.01', undefined);
    at.suspended(true);
    at.protect(STOP);
    await at.pass(8000);
    expect(at.sim.factsOf('order.denied').map(({ origin }) => origin)).toEqual(['protection']);
    expect(at.view()).toMatchObject({ status: 'missing', text: expect.stringContaining('HALTED is not TRADING') as string });
    at.suspended(false);
    await at.pass(15_000);
    expect(at.sells()).toEqual(['STOP_LOSS 0.00999 @ 49000']);
  });
});

describe('a cancel that does not get through', () => {
  test('is repeated later each time, and the pair changes once it does', async () => {
    const at = await up();
    await at.bought('0.01', BOTH);
    const { port } = at.sim.venue;
    const whole = { ...port };
    let asked = 0;
    Object.assign(port, {
      cancel: () => {
        asked += 1;
        return Promise.resolve({ kind: 'failed', failure: { kind: 'held', code: null, text: 'told to wait' } });
      },
    });
    at.protect({ stopLoss: '48500', takeProfit: '53000' });
    await at.pass(10_000);
    expect(asked).toBeGreaterThan(3);
    expect(asked).toBeLessThan(9);
    expect(at.sells()).toEqual(pairOf('0.00999'));
    Object.assign(port, whole);
    await at.pass(16_000);
    expect(at.sells()).toEqual(['LIMIT_MAKER 0.00999 @ 53000', 'STOP_LOSS 0.00999 @ 48500']);
  });
});

describe('in words', () => {
  test('a half that a stop of one’s own guards is told as a part', async () => {
    const at = await up();
    await at.bought('0.01', undefined);
    at.placed({ side: 'SELL', type: 'STOP_LOSS', stopPrice: '48500', qty: '0.005', reduceOnly: true });
    await at.pass(500);
    expect(at.view()).toMatchObject({ status: 'partial', coversQty: '0.005', text: expect.stringContaining('0.005 of 0.00999') as string });
    at.sim.core.setSymbolStatus(BTC, 'HALT');
    at.protect(STOP);
    await at.pass(4000);
    expect(at.view()).toMatchObject({ status: 'partial' });
    const told = at.sim.alerts.find(({ title }) => title === 'BTCUSDT is guarded in part only');
    expect(told?.text).toContain('Only 0.005 of 0.00999 is guarded.');
  });

  test('what is on its way, being changed, being sold, and not changed after all', async () => {
    const at = await up();
    await at.bought('0.01', undefined);
    at.sim.faults.latencyMs = [200, 200];
    at.protect(BOTH);
    expect(at.view()).toMatchObject({
      status: 'placing',
      text: expect.stringMatching(/^Wanted: a stop at 49000 and a take profit at 52000\. The stop \S+ is on its way/) as string,
    });
    await at.pass(1500);
    at.protect(STOP);
    expect(at.view()).toMatchObject({ status: 'placing', text: expect.stringContaining('is being cancelled') as string });
    await at.pass(2000);
    at.suspended(true);
    at.protect({ stopLoss: '48000' });
    await at.pass(1000);
    expect(at.sells()).toEqual(['STOP_LOSS 0.00999 @ 49000']);
    expect(at.view()).toMatchObject({ status: 'placing', text: expect.stringContaining('It could not be changed') as string });
    at.suspended(false);
    at.sim.core.cancelAllOpen(ACCOUNT, BTC, at.sim.time.trueMs());
    at.price('47900');
    for (let waited = 0; waited < 1500 && !at.view().text.includes('It is being sold at market'); waited += 50) await at.pass(50);
    expect(at.view().text).toContain('It is being sold at market');
  });
});

describe('the exchange does not act', () => {
  test('a bid that stays below a stop that stands is sold to after 3 s', async () => {
    const at = await up();
    await at.bought('0.01', BOTH);
    at.end();
    const { core, time } = at.sim;
    const flicker = (): void => {
      const depth = `${5 + (time.trueMs() % 2)}`;
      core.applyDepth(BTC, { kind: 'snapshot', bids: [['48900', depth]], asks: [['48900.02', '5']] }, time.trueMs());
    };
    for (let second = 0; second < 6; second += 1) {
      flicker();
      await at.pass(501);
      flicker();
      await at.pass(500);
    }
    expect(at.positionQty()).toBe('0');
    expect(at.titles()).toContain('BTCUSDT is being sold at market');
  });

  test('tries that failed are forgotten once it has stood for 30 s', async () => {
    const at = await up();
    await at.bought('0.01', BOTH);
    at.sim.core.cancelAllOpen(ACCOUNT, BTC, at.sim.time.trueMs());
    await at.pass(2000);
    expect(at.sim.engine.market.protection.get(BTC)?.failures).toBe(1);
    await at.pass(31_000);
    expect(at.sim.engine.market.protection.get(BTC)).toMatchObject({ failures: 0, why: '' });
  });
});
