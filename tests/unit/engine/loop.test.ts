// The one writer (DESIGN 1, 7): its order of things, its inbox, and what it does when something contradicts itself or the disk dies.
import { describe, expect, test } from 'vitest';
import type { AssetId, SymbolId } from '../../../src-shared/domain/ids.ts';
import type { Reply } from '../../../src-main/engine/inputs.ts';
import { balance, id, Rig, stated, text } from '../../support/engine-rig.ts';
import { replayed, stateText } from '../../support/state-text.ts';
import { WIDE } from '../../support/wide.ts';
import { PASSED } from '../../support/sim.ts';
import { instrument } from '../safety/pictures.ts';

describe('a broken invariant (DESIGN 7)', () => {
  test('halts trading and says so; what was true before it stays, and cancels and the stop go on', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.onTurn = () => {
      rig.onTurn = () => undefined;
      throw new Error('a listener lost its mind');
    };
    rig.effects = [];
    expect(rig.place({ symbol: 'ETHUSDT', price: text('2500'), qty: text('0.1') })).toMatchObject({ kind: 'refused' });
    expect(rig.engine.trading()).toMatchObject({ level: 'HALTED', causes: [{ code: 'ENGINE_BROKEN' }] });
    expect(rig.titles()).toContain('Trading is halted');
    expect(rig.place()).toMatchObject({ kind: 'denied', denial: { code: 'STATE' } });
    expect(rig.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' })).toMatchObject({ kind: 'requested' });
    rig.trip();
    expect(rig.effectsOf('cancel-all')).toHaveLength(3);
  });

  test('a fact that contradicts the state never was: the sequence has no hole and a replay gives the same state', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    const stump = rig.engine.state.orders as unknown as Map<string, unknown>;
    const whole = stump.get(order);
    rig.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' });
    stump.delete(order);
    (rig.engine.state.openOrders as unknown as Set<string>).add('ghost');
    stump.set('ghost', { ...(whole as object), clientOrderId: id('nobody') });
    const before = rig.engine.state.seq;
    rig.engine.dispatch({ kind: 'cancel', clientOrderId: 'ghost', origin: 'cli' });
    expect(rig.engine.market.engineProblem).toContain('order nobody is known');
    expect(rig.engine.state.seq).toBe(before);
    expect(rig.appended).toBe(before);
  });

  test('a restart begins anew from the journal', () => {
    const rig = new Rig().ready();
    rig.onTurn = () => {
      throw new Error('again and again');
    };
    rig.pass(200);
    expect(rig.engine.trading().level).toBe('HALTED');
    const next = rig.restarted().ready();
    expect(next.engine.trading().level).toBe('ACTIVE');
  });
});

describe('the inbox', () => {
  test('an effect that answers at once waits its turn', () => {
    const rig = new Rig().ready();
    const seen: number[] = [];
    // What a listener throws the engine takes for its own fault: nothing is claimed in there.
    const replies: Reply[] = [];
    rig.onTurn = () => {
      rig.onTurn = () => void seen.push(rig.engine.state.seq);
      replies.push(rig.engine.dispatch({ kind: 'cancel-all', symbol: null, origin: 'cli' }));
    };
    const order = rig.intend();
    expect(replies).toEqual([{ kind: 'none' }]);
    expect(rig.engine.market.engineProblem).toBe('');
    expect(rig.order(order).cancelRequested).toBe(true);
    expect(seen).toEqual([rig.engine.state.seq]);
  });

  test('quotes and other market news make no fact', () => {
    const rig = new Rig().ready();
    const { seq } = rig.engine.state;
    rig.tell({ kind: 'trade', symbol: 'BTCUSDT' as never, price: text('50000') });
    rig.tell({ kind: 'trade', symbol: 'NEWUSDT' as never, price: text('1') });
    rig.tell({ kind: 'depth', depth: { symbol: 'BTCUSDT' as never, bids: [], asks: [] } });
    rig.tell({ kind: 'clock', offsetMs: 5, roundTripMs: 1 });
    expect(rig.engine.state.seq).toBe(seq);
    expect(rig.engine.market.quote('BTCUSDT' as never)?.last?.toFixed()).toBe('50000');
    expect(rig.engine.market.quote('NEWUSDT' as never)).toBeNull();
  });
});

describe('a journal that cannot be written', () => {
  test('halts, lets cancels pass, and what waited for the disk dies unsent', () => {
    const rig = new Rig({ slowDisk: true }).ready();
    rig.commit();
    const waiting = rig.intend();
    rig.effects = [];
    rig.breakDisk();
    expect(rig.engine.trading().causes[0]?.code).toBe('JOURNAL_BROKEN');
    expect(rig.order(waiting)).toMatchObject({ status: 'REJECTED' });
    rig.commit();
    expect(rig.effectsOf('submit')).toEqual([]);
    expect(rig.titles()).toContain('The journal is broken');
    expect(rig.place()).toMatchObject({ kind: 'denied' });
  });

  test('an order that waits for a stalled disk does not hold up the stop’s receipt', () => {
    const rig = new Rig({ slowDisk: true }).ready();
    rig.commit();
    const waiting = rig.intend();
    rig.trip();
    expect(rig.order(waiting)).toMatchObject({ status: 'REJECTED', sentAtMs: null });
    rig.stopCanceled();
    rig.openOrdersSeen([]);
    expect(rig.engine.state.stop.receipt).toMatchObject({ complete: true, orders: [{ clientOrderId: waiting, outcome: 'never-sent' }] });
    rig.commit();
    expect(rig.effectsOf('submit')).toEqual([]);
  });
});

describe('what restricts trading', () => {
  test('each cause by its name, the worst first', () => {
    const rig = new Rig();
    expect(rig.engine.trading().causes.map((cause) => cause.code)).toEqual(['POLICY_BROKEN', 'RECOVERING', 'USER_STREAM', 'MARKET_STREAM']);
    rig.ready();
    expect(rig.engine.trading()).toEqual({ level: 'ACTIVE', causes: [] });
    rig.engine.dispatch({ kind: 'policy-broken', text: 'The policy file makes no sense.' });
    rig.engine.dispatch({ kind: 'mode-refused', text: 'Not here.' });
    rig.engine.dispatch({ kind: 'self-test', items: [{ ...PASSED, verdict: 'fail', title: 'Clock', text: 'off' }] });
    rig.tell({ kind: 'budget', budget: { ...(rig.engine.market.budget as object), holdUntilMs: rig.nowMs + 4000 } as never });
    rig.tell({ kind: 'stream', stream: 'market', status: 'down', text: 'gone' });
    expect(rig.engine.trading().causes.map((cause) => cause.code)).toEqual([
      'POLICY_BROKEN',
      'MODE_REFUSED',
      'SELF_TEST',
      'MARKET_STREAM',
      'VENUE_HOLD',
    ]);
    expect(rig.titles()).toContain('The market stream is down');
  });

  test('a start is not over before everything that is held has a price: READY must mean that the day can be judged (C4, C15)', () => {
    const SOL = 'SOLUSDT' as SymbolId;
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('SOL', '1')] }).boot();
    rig.engine.dispatch({ kind: 'instruments', instruments: [instrument({ symbol: SOL, base: 'SOL' as AssetId })] });
    rig.reconciled({});
    rig.engine.dispatch({ kind: 'self-test', items: [PASSED] });
    rig.pass(100);
    expect(rig.engine.trading()).toMatchObject({
      level: 'REDUCING',
      causes: [{ code: 'RECOVERING', text: expect.stringContaining('of SOL') }],
    });
    rig.tell({ kind: 'quote', symbol: SOL, bid: text('149'), ask: text('151') });
    expect(rig.engine.trading()).toMatchObject({ level: 'REDUCING', causes: [{ code: 'RECOVERING' }] });
    rig.pass(100);
    expect(rig.engine.trading()).toEqual({ level: 'ACTIVE', causes: [] });
    expect(rig.engine.state.day?.openingEquityUsdt.toFixed()).toBe('10150');
  });

  test('an account stream that is still down is called down; only once it is back is what was missed asked for', () => {
    const rig = new Rig().ready();
    rig.tell({ kind: 'stream', stream: 'user', status: 'down', text: 'gone' });
    expect(rig.engine.trading().causes.map((cause) => cause.code)).toEqual(['USER_STREAM']);
    rig.tell({ kind: 'stream', stream: 'user', status: 'live', text: '' });
    expect(rig.engine.trading().causes).toMatchObject([{ code: 'RECONCILIATION', level: 'REDUCING' }]);
  });

  test('a stream that is back is told in the place of the loss, and a first connection is no news (L4)', () => {
    const rig = new Rig().ready();
    expect(rig.titles().filter((title) => title.includes('stream'))).toEqual([]);
    rig.tell({ kind: 'stream', stream: 'market', status: 'down', text: 'gone' });
    rig.tell({ kind: 'stream', stream: 'market', status: 'live', text: '' });
    rig.tell({ kind: 'stream', stream: 'market', status: 'live', text: '' });
    const alerts = rig.effectsOf('alert').filter((alert) => alert.key === 'stream:market');
    expect(alerts.map(({ severity, text }) => [severity, text])).toEqual([
      ['warning', 'gone. Openings are denied until it is back.'],
      ['good', 'What was missed is asked for.'],
    ]);
  });

  test('streams that say nothing although they are live: REDUCING as soon as C11 would deny', () => {
    const rig = new Rig().ready();
    rig.monoMs += 5001;
    expect(rig.engine.trading().causes).toMatchObject([{ code: 'MARKET_STREAM', level: 'REDUCING', text: expect.stringContaining('5 s') }]);
    rig.quotes();
    rig.monoMs += 5000;
    expect(rig.engine.trading().causes).toMatchObject([{ code: 'USER_STREAM', level: 'REDUCING', text: expect.stringContaining('10 s') }]);
    rig.pass(100);
    expect(rig.engine.trading().level).toBe('ACTIVE');
  });

  test('a clock more than a second off halts at once, with the fix in words', () => {
    const rig = new Rig().ready();
    rig.tell({ kind: 'clock', offsetMs: -1000, roundTripMs: 1 });
    expect(rig.engine.trading().level).toBe('ACTIVE');
    rig.tell({ kind: 'clock', offsetMs: -1001, roundTripMs: 1 });
    expect(rig.engine.trading().causes).toMatchObject([{ code: 'CLOCK', level: 'HALTED', text: expect.stringContaining('set the clock') }]);
    rig.tell({ kind: 'clock', offsetMs: 3, roundTripMs: 1 });
    expect(rig.engine.trading().level).toBe('ACTIVE');
  });

  test('a policy is adopted once for each content', () => {
    const rig = new Rig().ready();
    const again = { kind: 'policy', policy: rig.engine.state.policy as never, version: 1, by: 'test', why: 'again' } as const;
    rig.engine.dispatch(again);
    expect(rig.of('policy.adopted')).toHaveLength(1);
    rig.engine.dispatch({ ...again, version: 2 });
    expect(rig.of('policy.adopted')).toHaveLength(1);
    rig.engine.dispatch({ ...again, version: 2, policy: { ...WIDE, name: 'OTHER' } });
    expect(rig.engine.state).toMatchObject({ policyVersion: 2, policy: { name: 'OTHER' } });
  });

  test('one of the account stream may have told a fill: nothing is opened until the books are compared (I, C11)', () => {
    const rig = new Rig().ready();
    rig.pass(60_000);
    rig.effects = [];
    rig.tell({ kind: 'garbled', stream: 'market', text: 'field X is no text' });
    rig.pass(200);
    expect(rig.effectsOf('see-books')).toEqual([]);
    rig.tell({ kind: 'garbled', stream: 'user', text: 'field X is no text' });
    expect(rig.engine.trading().level).toBe('REDUCING');
    rig.pass(200);
    expect(rig.effectsOf('see-books')).toHaveLength(1);
    // Another one, while the answers are on their way: they may have been asked for before it.
    rig.tell({ kind: 'garbled', stream: 'user', text: 'field X is no text' });
    rig.reconciled({});
    expect(rig.engine.trading().level).toBe('REDUCING');
    rig.pass(30_000);
    rig.reconciled({});
    expect(rig.engine.trading().level).toBe('ACTIVE');
  });

  test('a message that makes no sense is counted, told and not used', () => {
    const rig = new Rig().ready();
    const before = stateText(rig.engine.state);
    rig.tell({ kind: 'garbled', stream: 'market', text: 'field X is no text' });
    expect(rig.engine.market.garbledFrames).toBe(1);
    expect(rig.titles()).toEqual(['A message that makes no sense']);
    expect(stateText(rig.engine.state)).toBe(before);
  });
});

test('everything that happened is in the facts (Q6)', () => {
  const rig = new Rig().ready();
  rig.rest();
  rig.tell({
    kind: 'execution',
    report: { clientOrderId: 'phone', order: stated('phone'), execution: 'NEW', fill: null, reason: '', eventTimeMs: 1 },
  });
  rig.notReconciled();
  rig.pass(1000);
  expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
});
