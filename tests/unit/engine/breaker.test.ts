// The circuit breaker and the automatic trips in the engine (REQUIREMENTS D, E1): what opens them, what they forbid and let pass, and
// the way back.
import { describe, expect, test } from 'vitest';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import { fail } from '../../../src-shared/errors/result.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import { policySchema } from '../../../src-shared/policy/schema.ts';
import { readAccount } from '../../../src-main/engine/account-reading.ts';
import { autoTripView, breakerView } from '../../../src-main/engine/breaker-view.ts';
import type { VenueFailure } from '../../../src-main/venue/port.ts';
import { balance, DOWN, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import type { RigOptions } from '../../support/engine-rig.ts';
import { BTC, ETH } from '../../support/sim.ts';

type Changes = {
  readonly [K in 'limits' | 'exposure' | 'circuitBreaker' | 'emergencyStop']?: Partial<Policy[K]>;
};
/** The stop's own thresholds out of the way, unless a test is about them. */
const CALM = { autoDailyDrawdownPct: text('50'), autoOpenLossPct: text('50'), autoExecutionErrors: 100 };
const policyOf = ({ limits, exposure, circuitBreaker, emergencyStop }: Changes = {}): Policy =>
  policySchema.parse({
    ...NORMAL,
    limits: { ...NORMAL.limits, ...limits },
    exposure: { ...NORMAL.exposure, ...exposure },
    circuitBreaker: { ...NORMAL.circuitBreaker, ...circuitBreaker },
    emergencyStop: { ...NORMAL.emergencyStop, ...CALM, ...emergencyStop },
  });

/** Half of 10 000 USDT in coins that this console did not buy, so that the market alone moves the account. */
const HALF = [balance('USDT', '5000'), balance('BTC', '0.1')];

class Market extends Rig {
  btc = 50_000;

  override quotes(): void {
    const at = this.btc ?? 50_000;
    this.tell({ kind: 'quote', symbol: BTC, bid: text(String(at - 1)), ask: text(String(at + 1)) });
    this.tell({ kind: 'quote', symbol: ETH, bid: text('2499'), ask: text('2501') });
    this.tell({ kind: 'quote', symbol: 'BNBUSDT' as SymbolId, bid: text('499'), ask: text('501') });
  }

  /** The market goes there and stays. */
  to(btc: number, forMs = 2000): void {
    this.btc = btc;
    this.pass(forMs);
  }

  get breaker() {
    return this.engine.state.breaker;
  }

  causes(): readonly string[] {
    return this.engine.trading().causes.map(({ code }) => code);
  }

  closeBreaker(rule = this.breaker.breach?.rule ?? 'api-errors') {
    return this.engine.dispatch({ kind: 'breaker-reset', by: 'ada', why: 'looked at it', readBackRule: rule });
  }

  failCall(failure: VenueFailure = DOWN): void {
    this.engine.dispatch({ kind: 'account-seen', tripId: null, askedAtMs: this.nowMs, result: fail(failure) });
  }

  refuse(): void {
    this.pass(1000);
    this.answer(this.send({ symbol: ETH, price: text('2500'), qty: text('0.1') }), {
      kind: 'rejected',
      code: -2010,
      text: 'no',
      sent: true,
    });
  }
}

/** Ready, and equity marked. */
const market = (options: RigOptions = {}): Market => {
  const rig = new Market({ policy: policyOf(), balances: HALF, ...options }).ready();
  rig.pass(3000);
  return rig;
};

describe('a drawdown', () => {
  test('opens the breaker once two readings agree, with both as its evidence; nothing is opened and sells go (D)', () => {
    const rig = market();
    rig.to(44_900, 900);
    expect(rig.breaker.phase).toBe('CLOSED');
    rig.pass(300);
    expect(rig.breaker).toMatchObject({ phase: 'OPEN', breach: { rule: 'daily-drawdown', limit: '5' } });
    expect(rig.breaker.breach?.text).toContain('two readings agree: 9490.00 and 9490.00 USDT');
    expect(rig.causes()).toEqual(['BREAKER']);
    expect(rig.engine.trading().level).toBe('REDUCING');
    expect(rig.titles()).toContain('The circuit breaker is open');
    expect(rig.place({ symbol: ETH, price: text('2500'), qty: text('0.1') })).toMatchObject({ kind: 'denied', denial: { code: 'STATE' } });
  });

  test('is no drawdown on one bad quote, however often that quote is read', () => {
    const rig = market();
    rig.btc = 44_000;
    rig.quotes();
    rig.btc = 50_000;
    // The quote of a symbol that nobody trades stands for a while; the others go on.
    const silent = rig.quotes.bind(rig);
    rig.quotes = () => rig.tell({ kind: 'quote', symbol: ETH, bid: text('2499'), ask: text('2501') });
    rig.pass(4000);
    rig.quotes = silent;
    rig.pass(3000);
    expect(rig.of('breaker.opened')).toEqual([]);
  });

  test('is no coin without a price because the instruments are not known yet (found by simulation)', () => {
    const rig = market();
    rig.engine.market.instruments = new Map();
    rig.tell({ kind: 'stream', stream: 'market', status: 'live', text: '' });
    expect(readAccount(rig.engine.state, rig.engine.market, rig.monoMs).equityUsdt).toBeNull();
    rig.pass(3000);
    expect(rig.of('breaker.opened')).toEqual([]);
  });

  test('is neither told nor forgotten while quotes are missing', () => {
    const rig = market();
    rig.to(44_900, 500);
    rig.tell({ kind: 'stream', stream: 'market', status: 'down', text: 'gone' });
    rig.pass(3000);
    expect(rig.breaker.phase).toBe('CLOSED');
    rig.tell({ kind: 'stream', stream: 'market', status: 'live', text: '' });
    rig.pass(100);
    expect(rig.breaker.phase).toBe('OPEN');
  });

  test('is no withdrawal: money that left is taken out of the peaks', () => {
    const rig = market();
    rig.tell({ kind: 'balances', entries: [balance('USDT', '1000')], venueTimeMs: rig.nowMs });
    rig.pass(2000);
    rig.tell({ kind: 'balance-moved', asset: 'USDT' as never, delta: text('-4000'), venueTimeMs: rig.nowMs });
    rig.pass(20_000);
    expect(rig.of('breaker.opened')).toEqual([]);
    rig.to(46_000);
    expect(rig.breaker.breach?.rule).toBe('daily-drawdown');
  });

  test('is no larger by a withdrawal from below the peak: neither breaker nor stop takes half the account gone for a loss (D, E1)', () => {
    const rig = new Market({ policy: NORMAL, balances: HALF }).ready();
    rig.pass(2000);
    rig.to(47_000);
    rig.tell({ kind: 'balances', entries: [balance('USDT', '0')], venueTimeMs: rig.nowMs });
    rig.tell({ kind: 'balance-moved', asset: 'USDT' as never, delta: text('-5000'), venueTimeMs: rig.nowMs });
    rig.pass(20_000);
    expect(rig.breaker.breach).toBeNull();
    expect(rig.engine.state.stop.phase).toBe('ARMED');
    // What is left may fall as far as it might before, in percent.
    rig.to(46_100);
    expect(rig.breaker.breach).toBeNull();
    rig.to(45_900, 4000);
    expect(rig.engine.state.stop).toMatchObject({ phase: 'TRIPPED', trigger: 'automatic' });
  });

  test('of a day that is forgiven goes on counting for the week', () => {
    const rig = market();
    rig.to(44_900);
    expect(rig.closeBreaker()).toEqual({ kind: 'breaker-closed', rule: 'daily-drawdown' });
    rig.pass(3000);
    expect(rig.breaker.phase).toBe('CLOSED');
    rig.to(40_500);
    expect(rig.breaker.phase).toBe('CLOSED');
    rig.to(39_900);
    expect(rig.breaker.breach?.rule).toBe('weekly-drawdown');
  });

  test('stays what it was over a restart', () => {
    const rig = market();
    rig.to(44_900);
    const again = rig.restarted();
    expect(again.engine.state.breaker).toEqual(rig.breaker);
    expect(again.engine.state.autoTrip).toEqual(rig.engine.state.autoTrip);
  });
});

describe('a reset of the breaker', () => {
  test('is a person who reads back what broke', () => {
    const rig = market();
    rig.to(44_900);
    expect(rig.closeBreaker('api-errors')).toMatchObject({ kind: 'refused' });
    expect(rig.breaker.phase).toBe('OPEN');
    rig.closeBreaker();
    expect(rig.of('breaker.closed')).toEqual([{ kind: 'breaker.closed', by: 'ada', why: 'looked at it' }]);
    expect(rig.closeBreaker('daily-drawdown')).toMatchObject({ kind: 'refused' });
    expect(rig.causes()).toEqual([]);
  });

  test('measures anew from that moment: another five percent is another breach', () => {
    const rig = market({ policy: policyOf({ circuitBreaker: { maxWeeklyDrawdownPct: text('40'), maxTotalDrawdownPct: text('50') } }) });
    rig.to(44_900);
    rig.closeBreaker();
    rig.to(40_300);
    expect(rig.breaker.phase).toBe('CLOSED');
    rig.to(40_100);
    expect(rig.of('breaker.opened').map(({ breach }) => breach.rule)).toEqual(['daily-drawdown', 'daily-drawdown']);
  });
});

describe('what fails', () => {
  test('three failed calls within a minute open it, and two with one of a minute ago do not', () => {
    const rig = market();
    rig.failCall();
    rig.pass(59_000);
    rig.failCall();
    rig.pass(1100);
    rig.failCall();
    rig.pass(200);
    expect(rig.breaker.phase).toBe('CLOSED');
    rig.failCall();
    rig.pass(200);
    expect(rig.breaker.breach).toMatchObject({ rule: 'api-errors', value: '3', limit: '3' });
  });

  test('a refusal, a hold and our own budget are no API errors; late and garbled answers are', () => {
    const rig = market();
    for (const kind of ['refused', 'held', 'budget'] as const) for (let n = 0; n < 5; n += 1) rig.failCall({ ...DOWN, kind });
    expect(rig.engine.market.breaker.apiErrorsMs).toEqual([]);
    for (const kind of ['late', 'garbled', 'unreachable'] as const) rig.failCall({ ...DOWN, kind });
    expect(rig.engine.market.breaker.apiErrorsMs).toHaveLength(3);
  });

  test('every call that fails is one: orders, lists, replacements, cancels, questions, books; what the stop asks is none', () => {
    const rig = market({ policy: policyOf({ circuitBreaker: { apiErrors: 100 } }) });
    const errors = () => rig.engine.market.breaker.apiErrorsMs.length;
    const order = rig.rest({ symbol: ETH, price: text('2490'), qty: text('0.1') });
    const failed = { kind: 'failed', failure: DOWN } as const;
    const unknown = { kind: 'unknown', text: 'no answer', provableAtMs: 0 } as const;
    const accepted = { kind: 'accepted', order: stated(order, { symbol: ETH }), fills: [] } as const;
    rig.answer(order, accepted);
    rig.canceled(order, { kind: 'not-open', text: '' });
    rig.queried(order, { kind: 'found', order: stated(order, { symbol: ETH }) });
    expect(errors()).toBe(0);
    rig.answer(order, unknown);
    rig.answerList(order, unknown);
    rig.replaced(order, order, { canceled: { kind: 'not-open', text: '' }, placed: unknown });
    rig.replaced(order, order, { canceled: failed, placed: accepted });
    rig.canceled(order, failed);
    rig.engine.dispatch({ kind: 'canceled-all', symbol: ETH, tripId: null, outcome: failed });
    rig.queried(order, failed);
    rig.notReconciled();
    expect(errors()).toBe(8);
    rig.engine.dispatch({ kind: 'canceled-all', symbol: ETH, tripId: 1, outcome: failed });
    rig.engine.dispatch({ kind: 'account-seen', tripId: 1, askedAtMs: 0, result: fail(DOWN) });
    expect(errors()).toBe(8);
  });

  test('five orders in a row that the exchange refuses open it; one that it takes begins anew', () => {
    const rig = market({ policy: policyOf({ circuitBreaker: { failedTrades: 50 } }) });
    for (let n = 0; n < 4; n += 1) rig.refuse();
    rig.pass(1000);
    rig.rest({ symbol: ETH, price: text('2490'), qty: text('0.1') });
    for (let n = 0; n < 4; n += 1) rig.refuse();
    rig.pass(200);
    expect(rig.breaker.phase).toBe('CLOSED');
    rig.refuse();
    rig.pass(200);
    expect(rig.breaker.breach).toMatchObject({ rule: 'order-failures', value: '5', limit: '5' });
  });

  test('five failed within an hour open it whatever went well between; an hour later they are forgotten', () => {
    const rig = market({ policy: policyOf({ circuitBreaker: { consecutiveOrderFailures: 50, failedTradeWindowMinutes: 1 } }) });
    for (let n = 0; n < 4; n += 1) rig.refuse();
    rig.pass(60_000);
    rig.refuse();
    rig.pass(200);
    expect(rig.breaker.phase).toBe('CLOSED');
    for (let n = 0; n < 4; n += 1) rig.refuse();
    rig.pass(200);
    expect(rig.breaker.breach?.rule).toBe('failed-trades');
  });

  test('losses in a row open it', () => {
    const rig = market({
      policy: policyOf({ circuitBreaker: { consecutiveLosses: 1 }, limits: { coolDownAfterLosses: 100 } }),
      balances: [balance('USDT', '10000')],
    });
    rig.hold();
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9500'), balance('BTC', '0.01')], venueTimeMs: rig.nowMs });
    rig.pass(1000);
    const sale = rig.send({ side: 'SELL', price: text('49600') });
    rig.execute(stated(sale, { side: 'SELL', status: 'FILLED', filledQty: '0.01' }), fillOf('s', '0.01', { price: text('49600') }));
    rig.pass(200);
    expect(rig.breaker.breach).toMatchObject({ rule: 'consecutive-losses', value: '1' });
  });
});

describe('a probe (D)', () => {
  const probing = (changes: Partial<Policy['circuitBreaker']> = {}): Market => {
    const circuitBreaker = { probeAfterCoolDown: true, probeCoolDownMinutes: 1, ...changes };
    const rig = market({ policy: policyOf({ circuitBreaker }), balances: [balance('USDT', '10000')] });
    for (let n = 0; n < 3; n += 1) rig.failCall();
    rig.pass(200);
    expect(rig.breaker.phase).toBe('OPEN');
    return rig;
  };
  const opening = { symbol: ETH, price: text('2490'), qty: text('0.1') };

  test('may try after the cool-down, one order alone; that the exchange takes it closes the breaker', () => {
    const rig = probing();
    rig.pass(59_500);
    expect(rig.breaker.phase).toBe('OPEN');
    rig.pass(1000);
    expect(rig.breaker).toMatchObject({ phase: 'HALF_OPEN', probe: null });
    const first = rig.send(opening);
    expect(rig.breaker.probe).toBe(first);
    expect(rig.engine.trading([first]).level).toBe('ACTIVE');
    rig.pass(600);
    expect(rig.place(opening)).toMatchObject({ kind: 'denied', denial: { code: 'STATE' } });
    rig.answer(first, { kind: 'accepted', order: stated(first, { symbol: ETH }), fills: [] });
    rig.pass(100);
    expect(rig.of('breaker.closed')).toMatchObject([{ by: 'probe' }]);
    expect(rig.causes()).toEqual([]);
  });

  test('that fails opens it again, for as long', () => {
    for (const end of ['refused', 'lost'] as const) {
      const rig = probing();
      rig.pass(61_000);
      const probe = rig.send(opening);
      if (end === 'lost') rig.lose(probe);
      else rig.answer(probe, { kind: 'rejected', code: -2010, text: 'no', sent: true });
      rig.pass(100);
      expect(rig.breaker, end).toMatchObject({ phase: 'OPEN', breach: { rule: 'api-errors' }, openedAtMs: rig.nowMs });
      expect(rig.breaker.breach?.text, end).toContain(`The probe ${probe} failed`);
      rig.pass(59_000);
      expect(rig.breaker.phase, end).toBe('OPEN');
    }
  });

  test('that never left lets another one try', () => {
    const rig = probing();
    rig.pass(61_000);
    const probe = rig.intend(opening);
    rig.engine.dispatch({ kind: 'held-at-wire', clientOrderId: probe, denial: { code: 'STATE', text: 'held', advice: '' } });
    rig.pass(600);
    expect(rig.breaker).toMatchObject({ phase: 'HALF_OPEN', probe: null });
    expect(rig.place(opening)).toMatchObject({ kind: 'placed' });
  });

  test('waits while calls still fail', () => {
    const rig = probing({ apiErrorWindowSeconds: 300 });
    rig.pass(30_000);
    for (let n = 0; n < 3; n += 1) rig.failCall();
    rig.pass(120_000);
    expect(rig.breaker.phase).toBe('OPEN');
    rig.pass(200_000);
    expect(rig.breaker.phase).toBe('HALF_OPEN');
  });

  test('ends no loss: that is for a person', () => {
    const rig = market({ policy: policyOf({ circuitBreaker: { probeAfterCoolDown: true, probeCoolDownMinutes: 1 } }) });
    rig.to(44_900);
    rig.pass(180_000);
    expect(rig.breaker).toMatchObject({ phase: 'OPEN', breach: { rule: 'daily-drawdown' } });
  });

  test('forgives no drawdown', () => {
    const rig = probing();
    const peak = rig.engine.state.risk.dayPeakUsdt;
    rig.pass(61_000);
    rig.answer(rig.send(opening), { kind: 'accepted', order: stated('x', { symbol: ETH }), fills: [] });
    rig.pass(200);
    expect(peak).not.toBeNull();
    expect(rig.engine.state.risk.dayPeakUsdt?.eq(peak ?? 0)).toBe(true);
  });
});

describe('the stop trips by itself (E1)', () => {
  const STOPPING = { autoDailyDrawdownPct: text('5'), autoOpenLossPct: text('50'), autoExecutionErrors: 5 };
  const stopping = (emergencyStop: Partial<Policy['emergencyStop']> = {}, options: RigOptions = {}): Market =>
    market({
      policy: policyOf({
        emergencyStop: { ...STOPPING, ...emergencyStop },
        circuitBreaker: {
          maxDailyDrawdownPct: text('30'),
          maxWeeklyDrawdownPct: text('40'),
          maxTotalDrawdownPct: text('50'),
          apiErrors: 100,
        },
        exposure: { maxPositionPct: text('90'), maxSymbolPct: text('90'), maxStrategyPct: text('90') },
        limits: { maxDailyLossUsdt: text('5000'), maxDailyLossPct: text('50') },
      }),
      ...options,
    });
  const finish = (rig: Market): void => {
    rig.stopCanceled();
    rig.pass(200);
    rig.openOrdersSeen([]);
    rig.pass(5000);
  };
  const resetStop = (rig: Market) =>
    rig.engine.dispatch({ kind: 'reset', by: 'ada', why: 'looked at it', readBackTripId: rig.engine.state.stop.tripId });

  test('on a drawdown of the day, with value, limit and both readings as its reason; every cancel leaves at once', () => {
    const rig = stopping();
    rig.effects = [];
    rig.to(44_900, 900);
    expect(rig.engine.state.stop.phase).toBe('ARMED');
    rig.pass(300);
    expect(rig.engine.state.stop).toMatchObject({ phase: 'TRIPPED', trigger: 'automatic', tripId: 1 });
    expect(rig.engine.state.stop.reason).toMatch(
      /5\.1 % below today's peak of 10000\.00 .* limit is 5 %; two readings agree: 9490\.00 and 9490\.00/u,
    );
    expect(rig.effectsOf('cancel-all').length).toBeGreaterThan(0);
    expect(rig.causes()[0]).toBe('EMERGENCY_STOP');
  });

  test('not twice for what a person has seen and reset; for another drawdown, again', () => {
    const rig = stopping();
    rig.to(44_900);
    finish(rig);
    expect(resetStop(rig)).toMatchObject({ kind: 'reset' });
    rig.pass(120_000);
    expect(rig.of('stop.tripped')).toHaveLength(1);
    rig.to(40_300);
    expect(rig.of('stop.tripped')).toHaveLength(1);
    rig.to(40_000);
    expect(rig.of('stop.tripped')).toHaveLength(2);
  });

  test('not on one bad quote', () => {
    const rig = stopping();
    rig.to(40_000, 100);
    rig.to(50_000, 5000);
    expect(rig.of('stop.tripped')).toEqual([]);
  });

  test('goes before the breaker, which opens beside it', () => {
    const rig = market({ policy: policyOf({ emergencyStop: STOPPING }) });
    rig.to(44_900);
    expect(rig.facts.map(({ fact }) => fact.kind).filter((kind) => kind === 'stop.tripped' || kind === 'breaker.opened')).toEqual([
      'stop.tripped',
      'breaker.opened',
    ]);
    expect(rig.causes().slice(0, 2)).toEqual(['EMERGENCY_STOP', 'BREAKER']);
  });

  test('on five execution errors in a row: orders in doubt and cancels that do not get through', () => {
    const rig = stopping();
    const ids = [1, 2].map(() => {
      rig.pass(600);
      return rig.rest({ symbol: ETH, price: text('2490'), qty: text('0.1') });
    });
    for (const one of ids) {
      rig.pass(600);
      rig.canceled(one, { kind: 'failed', failure: DOWN });
    }
    for (let n = 0; n < 2; n += 1) {
      rig.pass(600);
      rig.lose(rig.send({ symbol: ETH, price: text('2490'), qty: text('0.1') }));
    }
    rig.pass(600);
    expect(rig.engine.state.autoTrip.executionErrorsInRow).toBe(4);
    expect(rig.of('stop.tripped')).toEqual([]);
    rig.lose(rig.send({ symbol: ETH, price: text('2490'), qty: text('0.1') }));
    rig.pass(100);
    expect(rig.of('stop.tripped')).toMatchObject([{ trigger: 'automatic' }]);
    expect(rig.engine.state.stop.reason).toContain('5 times in a row');
  });

  test('what fails in one instant is one error, and an order that is taken ends the row', () => {
    const rig = stopping();
    const ids = [1, 2, 3].map(() => {
      rig.pass(600);
      return rig.rest({ symbol: ETH, price: text('2490'), qty: text('0.1') });
    });
    rig.engine.dispatch({ kind: 'canceled-all', symbol: ETH, tripId: null, outcome: { kind: 'failed', failure: DOWN } });
    expect(rig.of('cancel.failed')).toHaveLength(ids.length);
    expect(rig.engine.state.autoTrip.executionErrorsInRow).toBe(1);
    rig.pass(600);
    rig.rest({ symbol: ETH, price: text('2490'), qty: text('0.1') });
    expect(rig.engine.state.autoTrip.executionErrorsInRow).toBe(0);
  });

  test('a cancel that is told to wait is none', () => {
    const rig = stopping();
    const one = rig.rest({ symbol: ETH, price: text('2490'), qty: text('0.1') });
    for (const kind of ['held', 'budget'] as const) {
      rig.pass(600);
      rig.canceled(one, { kind: 'failed', failure: { ...DOWN, kind } });
    }
    expect(rig.of('cancel.failed')).toHaveLength(2);
    expect(rig.engine.state.autoTrip.executionErrorsInRow).toBe(0);
  });

  test('what a crash of this console left in doubt is no execution error', () => {
    const rig = stopping();
    for (let n = 0; n < 5; n += 1) {
      rig.pass(600);
      rig.send({ symbol: ETH, price: text('2490'), qty: text('0.1') });
    }
    const again = rig.restarted();
    again.boot();
    expect(again.of('order.unknown').length).toBeGreaterThanOrEqual(5);
    expect(again.engine.state.autoTrip.executionErrorsInRow).toBe(0);
  });

  describe('on an open loss', () => {
    const losing = (): Market => {
      const rig = stopping({ autoDailyDrawdownPct: text('50'), autoOpenLossPct: text('5') }, { balances: [balance('USDT', '1000')] });
      rig.hold();
      rig.tell({ kind: 'balances', entries: [balance('USDT', '500'), balance('BTC', '0.01')], venueTimeMs: rig.nowMs });
      rig.pass(1000);
      rig.to(44_000);
      expect(rig.of('stop.tripped')).toMatchObject([{ trigger: 'automatic' }]);
      expect(rig.engine.state.stop.reason).toContain('The open positions lose 60.00 USDT, 6.38 %');
      return rig;
    };

    test('once; a reset while it stands accepts it, until it was seen within its limit', () => {
      const rig = losing();
      finish(rig);
      expect(resetStop(rig)).toMatchObject({ kind: 'reset' });
      expect(rig.engine.state.autoTrip.openLossAccepted).toBe(true);
      rig.to(43_000, 10_000);
      expect(rig.of('stop.tripped')).toHaveLength(1);
      rig.to(49_000, 100);
      rig.to(43_500, 3000);
      expect(rig.of('open-loss.recovered')).toEqual([]);
      rig.to(49_000, 3000);
      expect(rig.of('open-loss.recovered')).toHaveLength(1);
      rig.to(43_500, 3000);
      expect(rig.of('stop.tripped')).toHaveLength(2);
    });

    test('that is over at the reset may trip again at once', () => {
      const rig = losing();
      rig.to(50_000, 3000);
      finish(rig);
      resetStop(rig);
      expect(rig.engine.state.autoTrip.openLossAccepted).toBe(false);
    });
  });
});

describe('what is shown', () => {
  test('every threshold with its number, the nearest first; unknown where it is', () => {
    const rig = market();
    rig.to(47_000);
    const now = { nowMs: rig.nowMs, monoMs: rig.monoMs };
    const view = breakerView(rig.engine.state, rig.engine.market, now);
    expect(view.phase).toBe('CLOSED');
    expect(view.counters).toHaveLength(7);
    expect(view.counters[0]).toMatchObject({ rule: 'daily-drawdown', value: '3', limit: '5', usedRatio: 0.6, unit: 'percent' });
    expect(autoTripView(rig.engine.state, rig.engine.market, now).counters.map(({ rule }) => rule)).toEqual([
      'daily-drawdown',
      'open-loss',
      'execution-errors',
    ]);
    rig.tell({ kind: 'stream', stream: 'market', status: 'down', text: '' });
    const blind = breakerView(rig.engine.state, rig.engine.market, now).counters.filter(({ value }) => value === null);
    expect(blind.map(({ rule }) => rule)).toEqual(['total-drawdown', 'weekly-drawdown', 'daily-drawdown']);
  });

  test('without a policy there is nothing to show, and nothing trips', () => {
    const rig = new Market();
    const now = { nowMs: rig.nowMs, monoMs: rig.monoMs };
    expect(breakerView(rig.engine.state, rig.engine.market, now).counters).toEqual([]);
    expect(autoTripView(rig.engine.state, rig.engine.market, now).counters).toEqual([]);
    rig.pass(2000);
    expect(rig.of('breaker.opened')).toEqual([]);
  });
});
