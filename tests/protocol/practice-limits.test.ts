// The practice exchange's limits and fault rules in virtual time: windows, bans, unfilled orders, seeds. BINANCE 3, C9.
import { describe, expect, it } from 'vitest';
import { Faults, faultRuleSchema, type FaultRule } from '../../src-main/practice/protocol/faults.ts';
import { BINANCE_LIMITS, RateLimits } from '../../src-main/practice/protocol/limits.ts';

const NOON_MS = Date.UTC(2026, 9, 1, 12, 0, 0);
const IP = '127.0.0.1';
const limits = (settings: Partial<typeof BINANCE_LIMITS> = {}): RateLimits => new RateLimits({ ...BINANCE_LIMITS, ...settings });

describe('request weight', () => {
  it('follows the clock: what is used at 12:00:59 is forgotten at 12:01:00', () => {
    const l = limits();
    expect(l.admit(IP, 5999, NOON_MS + 59_999)).toBeUndefined();
    expect(l.usedWeight(IP, NOON_MS + 59_999)).toBe(5999);
    expect(l.usedWeight(IP, NOON_MS + 60_000)).toBe(0);
  });

  it('allows exactly 6000 a minute and answers the next with 429, until the minute ends', () => {
    const l = limits();
    expect(l.admit(IP, 6000, NOON_MS)).toBeUndefined();
    const refusal = l.admit(IP, 1, NOON_MS + 20_000);
    expect(refusal).toMatchObject({ status: 429, code: -1003, retryAtMs: NOON_MS + 60_000 });
    expect(l.admit(IP, 1, NOON_MS + 60_000)).toBeUndefined();
  });

  it('counts each address by itself', () => {
    const l = limits({ weightPerMinute: 10 });
    l.admit(IP, 10, NOON_MS);
    expect(l.admit('127.0.0.2', 10, NOON_MS)).toBeUndefined();
  });

  it('gives the weight of a successful order back', () => {
    const l = limits();
    l.admit(IP, 1, NOON_MS);
    l.refund(IP, 1, NOON_MS);
    expect(l.usedWeight(IP, NOON_MS)).toBe(0);
  });

  it('counts raw requests over five minutes', () => {
    const l = limits({ rawRequestsPer5Min: 2 });
    l.admit(IP, 1, NOON_MS);
    l.admit(IP, 1, NOON_MS + 90_000);
    expect(l.admit(IP, 1, NOON_MS + 200_000)).toMatchObject({ status: 429, retryAtMs: NOON_MS + 300_000 });
  });
});

describe('bans', () => {
  const exhaust = (l: RateLimits, nowMs: number): void => {
    l.admit(IP, BINANCE_LIMITS.weightPerMinute, nowMs);
    for (let more = 0; more < BINANCE_LIMITS.graceAfter429; more++) expect(l.admit(IP, 1, nowMs)?.status).toBe(429);
  };

  it('who keeps going after 429 is banned: 418 for two minutes, whatever the new minute allows', () => {
    const l = limits();
    exhaust(l, NOON_MS);
    expect(l.admit(IP, 1, NOON_MS)).toMatchObject({ status: 418, code: -1003, retryAtMs: NOON_MS + 120_000 });
    expect(l.admit(IP, 1, NOON_MS + 119_999)?.status).toBe(418);
    expect(l.admit(IP, 1, NOON_MS + 120_000)).toBeUndefined();
  });

  it('grow for a repeat offender, up to three days', () => {
    const l = limits();
    let nowMs = NOON_MS;
    const bansMs: number[] = [];
    for (let offence = 0; offence < 8; offence++) {
      exhaust(l, nowMs);
      const until = l.admit(IP, 1, nowMs)?.retryAtMs ?? 0;
      bansMs.push(until - nowMs);
      nowMs = until;
    }
    expect(bansMs.map((ms) => ms / 60_000)).toEqual([2, 10, 60, 360, 1440, 4320, 4320, 4320]);
  });

  it('who waits after 429 is not banned', () => {
    const l = limits();
    for (let minute = 0; minute < 50; minute++) {
      const nowMs = NOON_MS + minute * 60_000;
      l.admit(IP, 6000, nowMs);
      expect(l.admit(IP, 1, nowMs)?.status).toBe(429);
    }
  });
});

describe('unfilled orders (faqs/order_count_decrement.md)', () => {
  it('example 1: an order that fills as taker does not count', () => {
    const l = limits();
    l.placed('main', 1, NOON_MS); // A rests
    l.placed('main', 1, NOON_MS); // B fills at once
    l.firstFill('main', false, NOON_MS);
    expect(l.orderCounts('main', NOON_MS)).toEqual({ tenSeconds: 1, day: 1 });
  });

  it("example 2: a maker's first fill takes five off, never below nothing", () => {
    const l = limits();
    l.placed('main', 5, NOON_MS);
    l.firstFill('main', true, NOON_MS + 1000);
    expect(l.orderCounts('main', NOON_MS + 1000).tenSeconds).toBe(0);
    l.placed('main', 2, NOON_MS + 2000);
    l.firstFill('main', true, NOON_MS + 2000);
    expect(l.orderCounts('main', NOON_MS + 2000).tenSeconds).toBe(0);
  });

  it('100 in ten seconds and 200 000 a day, per account, each with its own end', () => {
    const l = limits();
    l.placed('main', 100, NOON_MS);
    expect(l.admitOrders('main', 1, NOON_MS + 9_999)).toMatchObject({
      status: 429,
      code: -1015,
      msg: 'Too many new orders; current limit is 100 orders per 10 SECOND.',
      retryAtMs: NOON_MS + 10_000,
    });
    expect(l.admitOrders('main', 1, NOON_MS + 10_000)).toBeUndefined();
    expect(l.admitOrders('other', 100, NOON_MS)).toBeUndefined();
    l.placed('main', 199_900, NOON_MS + 10_000);
    expect(l.admitOrders('main', 1, NOON_MS + 20_000)?.msg).toBe('Too many new orders; current limit is 200000 orders per 1 DAY.');
  });

  it('an OCO counts as two: it does not fit where one is left', () => {
    const l = limits();
    l.placed('main', 99, NOON_MS);
    expect(l.admitOrders('main', 2, NOON_MS)).toBeDefined();
    expect(l.admitOrders('main', 1, NOON_MS)).toBeUndefined();
  });
});

describe('fault rules', () => {
  const armed = (...rules: FaultRule[]): Faults => {
    const faults = new Faults();
    for (const rule of rules) faults.add(faultRuleSchema.parse(rule));
    return faults;
  };
  const swallow = { type: 'swallow' } as const;

  it('strikes only what it names', () => {
    const faults = armed({ match: { channel: 'rest', method: 'POST', path: '/api/v3/order', symbol: 'BTCUSDT' }, action: swallow });
    const hit = { method: 'POST', path: '/api/v3/order', symbol: 'BTCUSDT' };
    expect(faults.strike('rest', hit)).toHaveLength(1);
    expect(faults.strike('wsapi', hit)).toHaveLength(0);
    expect(faults.strike('rest', { ...hit, method: 'DELETE' })).toHaveLength(0);
    expect(faults.strike('rest', { ...hit, path: '/api/v3/order/test' })).toHaveLength(0);
    expect(faults.strike('rest', { ...hit, symbol: 'ETHUSDT' })).toHaveLength(0);
  });

  it('skips and counts: the third and the fourth, no more', () => {
    const faults = armed({ match: { channel: 'user' }, action: swallow, skip: 2, times: 2 });
    expect(Array.from({ length: 6 }, () => faults.strike('user', {}).length)).toEqual([0, 0, 1, 1, 0, 0]);
  });

  it('draws its own seed: the same rule strikes the same events again, another seed others', () => {
    const draw = (seed: number): readonly number[] => {
      const faults = armed({ match: { channel: 'stream' }, action: swallow, probability: 0.5, seed });
      return Array.from({ length: 200 }, () => faults.strike('stream', {}).length);
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    const hits = draw(7).filter((each) => each === 1).length;
    expect(hits).toBeGreaterThan(70);
    expect(hits).toBeLessThan(130);
  });

  it.each([
    { match: { channel: 'telegraph' }, action: swallow },
    { match: { channel: 'rest' }, action: { type: 'explode' } },
    { match: { channel: 'rest' }, action: { type: 'status', stage: 'before', status: 200 } },
    { match: { channel: 'rest' }, action: { type: 'drop', stage: 'during' } },
    { match: { channel: 'rest' }, action: swallow, probability: 2 },
    { match: { channel: 'rest', colour: 'red' }, action: swallow },
  ])('refuses a rule that makes no sense: %j', (rule) => {
    expect(faultRuleSchema.safeParse(rule).success).toBe(false);
  });
});
