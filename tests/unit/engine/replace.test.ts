// Cancel-replace (B1): one request, two orders, each with its own proof; and a sale of what the console's own protection holds.
import { describe, expect, test } from 'vitest';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import type { ExitPlan } from '../../../src-shared/domain/order.ts';
import { balance, DOWN, fillOf, id, Rig, stated, text } from '../../support/engine-rig.ts';
import { replayed, stateText } from '../../support/state-text.ts';
import { BTC, START_MS } from '../../support/sim.ts';
import { instrument } from '../safety/pictures.ts';

const UNSENT = { kind: 'rejected', code: null, text: 'no connection', sent: false } as const;
const REFUSED = { kind: 'rejected', code: -2010, text: 'no', sent: true } as const;
const FAILED = { kind: 'failed', failure: DOWN } as const;

const resting = (): { rig: Rig; old: ClientOrderId } => {
  const rig = new Rig().ready();
  const old = rig.rest();
  rig.pass(600);
  rig.effects = [];
  return { rig, old };
};
const replacing = (): { rig: Rig; old: ClientOrderId; next: ClientOrderId } => {
  const { rig, old } = resting();
  const reply = rig.replace(old, { price: text('49900') });
  if (reply.kind !== 'placed') throw new Error(JSON.stringify(reply));
  rig.engine.dispatch({ kind: 'sent', clientOrderId: reply.clientOrderId });
  return { rig, old, next: reply.clientOrderId };
};

describe('replacing an order (B1)', () => {
  test('is one intent and one request; what the change leaves out stays', () => {
    const { rig, old, next } = replacing();
    expect(rig.effectsOf('replace')).toMatchObject([{ canceled: old, order: { clientOrderId: next, qty: '0.01', price: '49900' } }]);
    expect(rig.effectsOf('cancel')).toEqual([]);
    expect(rig.order(old).cancelRequested).toBe(true);
    expect(rig.order(next).replaces).toBe(old);
  });

  test('both halves done: the old one ended, the new one stands, and a replay agrees', () => {
    const { rig, old, next } = replacing();
    rig.replaced(next, old, {
      canceled: { kind: 'canceled', orders: [stated(old, { status: 'CANCELED' })] },
      placed: { kind: 'accepted', order: stated(next, { price: '49900' }), fills: [] },
    });
    expect([rig.order(old).status, rig.order(next).status]).toEqual(['CANCELED', 'ACCEPTED']);
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });

  test('a partly filled order is not replaced: what fills on the way would come on top of what was judged (B8)', () => {
    const { rig, old } = resting();
    rig.execute(stated(old, { status: 'PARTIALLY_FILLED', filledQty: '0.004' }), fillOf('t1', '0.004'));
    expect(rig.replace(old, { price: text('49900') })).toMatchObject({
      kind: 'denied',
      denial: { text: expect.stringContaining('filled in part') },
    });
    expect(rig.effectsOf('replace')).toEqual([]);
  });

  test('a cancel that failed leaves the old one as it stood, and says so', () => {
    const { rig, old, next } = replacing();
    rig.replaced(next, old, { canceled: FAILED, placed: { ...REFUSED, text: 'not sent' } });
    expect(rig.order(next).status).toBe('REJECTED');
    expect(rig.order(old)).toMatchObject({ status: 'ACCEPTED', cancelRequested: false });
    expect(rig.order(old).reason).toContain('It stands');
  });

  test('an old one that is not open is asked for', () => {
    const { rig, old, next } = replacing();
    rig.effects = [];
    rig.replaced(next, old, { canceled: { kind: 'not-open', text: 'Unknown order sent.' }, placed: REFUSED });
    expect(rig.effectsOf('query').map((effect) => effect.clientOrderId)).toEqual([old]);
  });

  test('a lost answer leaves both in doubt: both are asked for, neither is sent again (B8)', () => {
    const { rig, old, next } = replacing();
    rig.effects = [];
    rig.replaced(next, old, { canceled: FAILED, placed: { kind: 'unknown', text: 'late', provableAtMs: rig.nowMs + 15_000 } });
    expect(rig.order(next).status).toBe('UNKNOWN');
    expect(
      rig
        .effectsOf('query')
        .map((effect) => effect.clientOrderId)
        .toSorted(),
    ).toEqual([old, next].toSorted());
    rig.queried(old, { kind: 'found', order: stated(old) });
    rig.queried(next, { kind: 'absent' }, [], rig.nowMs + 15_000);
    expect(rig.order(next).status).toBe('REJECTED');
    expect(rig.order(old)).toMatchObject({ status: 'ACCEPTED', cancelRequested: false });
    expect(rig.effectsOf('replace')).toEqual([]);
  });

  test('the stream may tell of the old one first; then nothing is asked', () => {
    const { rig, old, next } = replacing();
    rig.execute(stated(old, { status: 'CANCELED' }));
    rig.effects = [];
    rig.replaced(next, old, { canceled: { kind: 'not-open', text: '' }, placed: REFUSED });
    expect(rig.effectsOf('query')).toEqual([]);
    rig.replaced(next, id('gone'), { canceled: FAILED, placed: UNSENT });
    expect(rig.order(next).status).toBe('REJECTED');
  });

  test('a stop before the wire kills the new one and lets the stop deal with the old', () => {
    const rig = new Rig({ slowDisk: true }).ready();
    rig.commit();
    const old = rig.rest();
    rig.commit();
    rig.pass(600);
    rig.replace(old, { price: text('49900') });
    rig.trip();
    rig.commit();
    expect(rig.effectsOf('replace')).toEqual([]);
    expect(rig.order(old).status).toBe('ACCEPTED');
    expect(rig.engine.state.openOrders.size).toBe(1);
  });

  test.each([
    ['an order that is not there', (rig: Rig) => rig.replace('nothing', { price: text('1') })],
    ['an order that has ended', (rig: Rig, old: ClientOrderId) => (rig.execute(stated(old, { status: 'CANCELED' })), rig.replace(old, {}))],
    [
      'an order that is being cancelled',
      (rig: Rig, old: ClientOrderId) => (
        rig.engine.dispatch({ kind: 'cancel', clientOrderId: old, origin: 'cli' }),
        rig.replace(old, { price: text('49900') })
      ),
    ],
    ['an order on its way', (rig: Rig) => rig.replace(rig.send({ symbol: 'ETHUSDT', qty: text('0.2'), price: text('2500') }), {})],
    ['an order of a list', (rig: Rig) => rig.replace(rig.restBracket()[0], { price: text('49900') })],
    ['a change of nothing', (rig: Rig, old: ClientOrderId) => rig.replace(old, {})],
    ['a change above a limit', (rig: Rig, old: ClientOrderId) => rig.replace(old, { qty: text('1') })],
  ])('%s is refused in words, and nothing is sent', (_what, act) => {
    const { rig, old } = resting();
    const reply = act(rig, old);
    expect(reply).toMatchObject({ kind: 'denied' });
    expect(rig.effectsOf('replace')).toEqual([]);
  });

  test('without a policy nothing is replaced', () => {
    const { rig, old } = resting();
    (rig.engine.state as { policy: null }).policy = null;
    expect(rig.replace(old, { price: text('49900') })).toMatchObject({ denial: { code: 'STATE' } });
  });

  test('a name that an order of a lost session has is not given again', () => {
    const { rig, old } = resting();
    rig.execute(
      stated(`hf-bench0-${String(rig.engine.state.seq + 2).padStart(12, '0')}`, { symbol: 'ETHUSDT', qty: '0.1', price: '2500' }),
    );
    expect(rig.replace(old, { price: text('49900') })).toMatchObject({ denial: { code: 'GATE_ERROR' } });
  });
});

describe("a sale of what the console's own protection holds (B5)", () => {
  const RICH = { balances: [balance('USDT', '10000'), balance('BTC', '0.01')] };
  const acknowledge = (rig: Rig): readonly ClientOrderId[] => {
    const single = rig
      .effectsOf('submit')
      .filter(({ order }) => order.origin === 'protection')
      .map(({ order }) => order.clientOrderId);
    const pair = rig.effectsOf('submit-list').flatMap(({ list }) => list.orders.map((order) => order.clientOrderId));
    for (const clientOrderId of [...single, ...pair]) rig.engine.dispatch({ kind: 'sent', clientOrderId });
    for (const one of single) rig.answer(one, { kind: 'accepted', order: stated(one, { side: 'SELL' }), fills: [] });
    if (pair[0] !== undefined) rig.answerList(pair[0], { kind: 'accepted', orders: pair.map((one) => stated(one, { side: 'SELL' })) });
    rig.pass(600);
    rig.effects = [];
    return [...single, ...pair];
  };
  /** 0.01 BTC held, guarded by the console as planned. */
  const protectedBy = (plan: ExitPlan, orderTypes?: readonly string[]): { rig: Rig; guards: readonly ClientOrderId[] } => {
    const rig = new Rig(RICH).ready();
    if (orderTypes !== undefined)
      rig.engine.dispatch({ kind: 'instruments', instruments: [instrument({ orderTypes: new Set(orderTypes) })] });
    rig.hold();
    rig.engine.dispatch({ kind: 'protect', symbol: BTC, plan, origin: 'cli' });
    rig.pass(600);
    return { rig, guards: acknowledge(rig) };
  };
  const guarded = (orderTypes?: readonly string[]): { rig: Rig; guard: ClientOrderId } => {
    const { rig, guards } = protectedBy({ stopLoss: text('49500') }, orderTypes);
    return { rig, guard: guards[0] as ClientOrderId };
  };
  const paired = (): { rig: Rig; pair: readonly ClientOrderId[] } => {
    const { rig, guards } = protectedBy({ stopLoss: text('49500'), takeProfit: text('50900') });
    return { rig, pair: guards };
  };
  const sell = { side: 'SELL', type: 'MARKET', qty: text('0.01'), price: undefined } as const;
  const ends = (rig: Rig, ones: readonly ClientOrderId[]): void => {
    for (const one of ones) rig.execute(stated(one, { side: 'SELL', status: 'CANCELED' }));
  };

  test('takes the place of a lone stop in one request', () => {
    const { rig, guard } = guarded();
    const sale = rig.intend(sell);
    expect(rig.effectsOf('replace')).toMatchObject([{ canceled: guard, order: { clientOrderId: sale, type: 'MARKET' } }]);
    expect(rig.effectsOf('submit')).toEqual([]);
  });

  test('takes a pair off first, in one request, and leaves when both its ends are proven', () => {
    const { rig, pair } = paired();
    const sale = rig.intend(sell);
    expect(rig.effectsOf('cancel').map((effect) => effect.clientOrderId)).toEqual([pair[0]]);
    expect(pair.map((one) => rig.order(one).cancelRequested)).toEqual([true, true]);
    expect(rig.effectsOf('submit')).toEqual([]);
    ends(rig, pair.slice(0, 1));
    expect(rig.effectsOf('submit')).toEqual([]);
    ends(rig, pair.slice(1));
    expect(rig.effectsOf('submit').map((effect) => effect.order.clientOrderId)).toEqual([sale]);
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });

  test('a stop that may fill little by little is cancelled first', () => {
    const { rig, guard } = guarded(['LIMIT', 'MARKET', 'STOP_LOSS_LIMIT']);
    const sale = rig.intend(sell);
    expect(rig.effectsOf('cancel').map((effect) => effect.clientOrderId)).toEqual([guard]);
    ends(rig, [guard]);
    expect(rig.effectsOf('submit').map((effect) => effect.order.clientOrderId)).toEqual([sale]);
  });

  test('protection that sold meanwhile leaves nothing to sell: the sale does not leave (C14)', () => {
    const { rig, pair } = paired();
    const sale = rig.intend(sell);
    rig.execute(stated(pair[1] ?? '', { side: 'SELL', status: 'FILLED', filledQty: '0.01' }), fillOf('s1', '0.01', { price: '50900' }));
    ends(rig, pair.slice(0, 1));
    expect(rig.effectsOf('submit')).toEqual([]);
    expect(rig.order(sale)).toMatchObject({ status: 'REJECTED' });
    expect(rig.order(sale).reason).toContain('0 is left to sell');
  });

  test('protection that cannot be taken off in five seconds lets the sale die, and keeps the coins guarded', () => {
    const { rig, pair } = paired();
    const sale = rig.intend(sell);
    rig.pass(5200);
    expect(rig.order(sale)).toMatchObject({ status: 'REJECTED' });
    ends(rig, pair);
    expect(rig.effectsOf('submit').filter((effect) => effect.order.clientOrderId === sale)).toEqual([]);
    expect(rig.of('order.rejected')).toHaveLength(1);
  });

  test('a cancel of protection that failed is sent again while the sale waits', () => {
    const { rig, pair } = paired();
    const sale = rig.intend(sell);
    rig.effects = [];
    rig.canceled(pair[0] as ClientOrderId, { kind: 'failed', failure: DOWN });
    rig.pass(1100);
    expect(rig.effectsOf('cancel').map((effect) => effect.clientOrderId)).toEqual([pair[0]]);
    ends(rig, pair);
    expect(rig.effectsOf('submit').map((effect) => effect.order.clientOrderId)).toEqual([sale]);
  });

  test('and again half a second after each failure: the sale waits five seconds at most', () => {
    const { rig, pair } = paired();
    const sale = rig.intend(sell);
    for (let time = 0; time < 4; time += 1) {
      rig.effects = [];
      rig.canceled(pair[0] as ClientOrderId, { kind: 'failed', failure: DOWN });
      rig.pass(700);
      expect(rig.effectsOf('cancel').map((effect) => effect.clientOrderId)).toEqual([pair[0]]);
    }
    ends(rig, pair);
    expect(rig.effectsOf('submit').map((effect) => effect.order.clientOrderId)).toEqual([sale]);
  });

  test('a stop kills a sale that waits for its coins', () => {
    const { rig, pair } = paired();
    const sale = rig.intend(sell);
    rig.trip();
    ends(rig, pair);
    expect(rig.effectsOf('submit')).toEqual([]);
    expect(rig.order(sale).status).toBe('REJECTED');
  });

  test('a cancel that is under way already is not sent again', () => {
    const { rig, pair } = paired();
    rig.engine.dispatch({ kind: 'cancel', clientOrderId: pair[0] ?? '', origin: 'cli' });
    rig.effects = [];
    rig.intend(sell);
    expect(rig.effectsOf('cancel')).toEqual([]);
  });

  test("a person's pair takes it off as well, and leaves whole", () => {
    const { rig, guard } = guarded();
    const pair = rig.listed(rig.placeOco());
    expect(rig.effectsOf('cancel').map((effect) => effect.clientOrderId)).toEqual([guard]);
    expect(rig.effectsOf('submit-list')).toEqual([]);
    ends(rig, [guard]);
    expect(rig.effectsOf('submit-list').map(({ list }) => list.orders.map((order) => order.clientOrderId))).toEqual([pair]);
    const late = paired();
    late.rig.listed(late.rig.placeOco());
    late.rig.pass(5200);
    expect(late.rig.of('order.rejected')).toHaveLength(2);
  });

  test('its orders do not count for the pace of the trader (C10)', () => {
    const rig = new Rig(RICH).ready();
    rig.hold();
    rig.pass(600);
    rig.engine.dispatch({ kind: 'protect', symbol: BTC, plan: { stopLoss: text('49500') }, origin: 'cli' });
    expect(rig.effectsOf('submit').filter(({ order }) => order.origin === 'protection')).toHaveLength(1);
    expect(rig.place({ ...sell, qty: text('0.005') })).toMatchObject({ kind: 'placed' });
    expect(rig.place({ ...sell, qty: text('0.002') })).toMatchObject({ kind: 'denied', denial: { code: 'C10.symbolInterval' } });
  });

  test('a person cannot replace it: its plan is what is changed', () => {
    const { rig, guard } = guarded();
    expect(rig.replace(guard, { stopPrice: text('49000') })).toMatchObject({ kind: 'denied', denial: { code: 'BAD_REQUEST' } });
    expect(rig.replace(guard, { stopPrice: text('49000') }, 'protection')).toMatchObject({ kind: 'placed' });
  });

  test('the console that dies while a sale waits knows after its start that the sale never left', () => {
    const { rig, pair } = paired();
    const sale = rig.intend(sell);
    const next = rig.restarted();
    next.boot();
    expect(next.order(sale).status).toBe('UNKNOWN');
    next.queried(sale, { kind: 'absent' }, [], START_MS + 60_000);
    expect(next.order(sale).status).toBe('REJECTED');
    ends(next, pair);
    expect(next.effectsOf('submit')).toEqual([]);
  });
});
