// C9 and Q10: the count that the adapter believes in is never below the venue's, so no window is ever passed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AFTER_HOLD_MS, createBudget, SPOT_LIMITS, type BudgetTicket, type TrafficClass } from '../../../src-main/venue/budget.ts';

const NO_REPORT = { weight: null, orders10s: null, orders1d: null };
const T0 = 1_800_000_000_000; // a whole minute
const budgetOf = (weightCeiling = 5000, emergencyReserve = 1000, limits = SPOT_LIMITS) =>
  createBudget({ limits, weightCeiling, emergencyReserve });
const take = (budget: ReturnType<typeof budgetOf>, weight: number, traffic: TrafficClass = 'normal', nowMs = T0, orders = 0) =>
  budget.take({ weight, orders }, traffic, nowMs, nowMs);
const must = (verdict: ReturnType<typeof take>): BudgetTicket => {
  if (verdict.kind !== 'go') throw new Error(verdict.kind);
  return verdict.ticket;
};

describe('rate budget', () => {
  it('normal traffic stops at the ceiling, emergencies go on to the limit (C9)', () => {
    const budget = budgetOf();
    must(take(budget, 5000));
    expect(take(budget, 1)).toEqual({ kind: 'budget', retryAtMs: T0 + 60_000 });
    must(take(budget, 1000, 'emergency'));
    expect(take(budget, 1, 'emergency').kind).toBe('budget');
  });

  it('the reserve is kept from normal traffic whatever the ceiling says', () => {
    const budget = budgetOf(6000, 1000);
    expect(take(budget, 5001).kind).toBe('budget');
    expect(take(budget, 5000).kind).toBe('go');
  });

  it('a correction of the exchange’s clock empties no window: what was counted may be of the same minute (Q10)', () => {
    const budget = budgetOf();
    budget.settle(must(take(budget, 20)), true, { ...NO_REPORT, weight: 5900 }, T0 + 5, T0 + 5);
    for (const offMs of [-3_600_000, 3_600_000, 90_000]) {
      expect(budget.take({ weight: 200, orders: 0 }, 'emergency', T0 + 10, T0 + 10 + offMs).kind, `off by ${offMs}`).toBe('budget');
      expect(budget.reading(T0 + 20, T0 + 20).usedWeight, 'back again').toBeGreaterThanOrEqual(5900);
    }
    expect(budget.reading(T0 + 60_000, T0 + 60_000).usedWeight, 'a minute later').toBe(0);
  });

  it('counts ahead of the answers and takes the answer for the truth', () => {
    const budget = budgetOf();
    const ticket = must(take(budget, 20));
    expect(budget.reading(T0, T0).usedWeight).toBe(20);
    budget.settle(ticket, true, { ...NO_REPORT, weight: 3000 }, T0 + 5, T0 + 5); // somebody else behind the same address
    expect(budget.reading(T0, T0).usedWeight).toBe(3000);
  });

  it('an older answer that comes late does not unsay what a newer one reported', () => {
    const budget = budgetOf();
    const [older, newer] = [must(take(budget, 10)), must(take(budget, 10))];
    budget.settle(newer, true, { ...NO_REPORT, weight: 3000 }, T0 + 5, T0 + 5);
    budget.settle(older, true, { ...NO_REPORT, weight: 100 }, T0 + 6, T0 + 6);
    expect(budget.reading(T0 + 6, T0 + 6).usedWeight).toBeGreaterThanOrEqual(3000);
  });

  it('what others behind the same address took counts for emergencies too', () => {
    const budget = budgetOf();
    budget.settle(must(take(budget, 20)), true, { ...NO_REPORT, weight: 5990 }, T0 + 5, T0 + 5);
    expect(take(budget, 10, 'emergency').kind).toBe('go');
    expect(take(budget, 1, 'emergency').kind).toBe('budget');
  });

  it('windows follow the clock: the next minute starts from what is still on its way', () => {
    const budget = budgetOf();
    const early = must(take(budget, 4000));
    must(take(budget, 100, 'normal', T0 + 59_000));
    budget.settle(early, true, { ...NO_REPORT, weight: 4000 }, T0 + 59_500, T0 + 59_500);
    expect(take(budget, 2000, 'normal', T0 + 59_900).kind).toBe('budget');
    expect(take(budget, 2000, 'normal', T0 + 60_000).kind).toBe('go');
    expect(budget.reading(T0 + 60_000, T0 + 60_000).usedWeight).toBe(2100);
  });

  it('a report about the last minute does not count against this one', () => {
    const budget = budgetOf();
    const ticket = must(take(budget, 10, 'normal', T0 + 59_990));
    budget.settle(ticket, true, { ...NO_REPORT, weight: 4990 }, T0 + 60_010, T0 + 60_010);
    expect(budget.reading(T0 + 60_010, T0 + 60_010).usedWeight).toBe(10);
  });

  it('a clock that was far ahead and stepped back does not close the budget for ever', () => {
    const budget = budgetOf();
    must(take(budget, 5000, 'normal', T0 + 3_600_000));
    expect(take(budget, 4000, 'normal', T0).kind).toBe('budget'); // what is on its way still counts
    const second = budgetOf();
    const ticket = must(take(second, 5000, 'normal', T0 + 3_600_000));
    second.settle(ticket, true, NO_REPORT, T0 + 3_600_000, T0 + 3_600_000);
    expect(take(second, 4000, 'normal', T0).kind).toBe('go');
  });

  it('orders have windows of their own', () => {
    const budget = budgetOf();
    for (let order = 0; order < SPOT_LIMITS.ordersPer10s; order++) must(take(budget, 1, 'normal', T0, 1));
    expect(take(budget, 1, 'normal', T0 + 1, 1)).toEqual({ kind: 'budget', retryAtMs: T0 + 10_000 });
    expect(take(budget, 1, 'normal', T0 + 1, 0).kind).toBe('go');
    expect(take(budget, 1, 'normal', T0 + 10_000, 1).kind).toBe('budget'); // 100 still on their way
    budget.setLimits({ ...SPOT_LIMITS, ordersPer10s: 200 });
    expect(take(budget, 1, 'normal', T0 + 10_000, 1).kind).toBe('go');
  });

  it('a hold stops everything, is never shortened, and lets cancels go first (C9)', () => {
    const budget = budgetOf();
    budget.hold(T0 + 5000);
    budget.hold(T0 + 1000);
    expect(take(budget, 1, 'emergency', T0 + 4999)).toEqual({ kind: 'held', retryAtMs: T0 + 5000 });
    expect(budget.reading(T0, T0).holdUntilMs).toBe(T0 + 5000);
    expect(take(budget, 1, 'emergency', T0 + 5000).kind).toBe('go');
    expect(take(budget, 1, 'normal', T0 + 5000)).toEqual({ kind: 'held', retryAtMs: T0 + 5000 + AFTER_HOLD_MS });
    expect(take(budget, 1, 'normal', T0 + 5000 + AFTER_HOLD_MS).kind).toBe('go');
    expect(budget.reading(T0 + 5000, T0 + 5000).holdUntilMs).toBeNull();
  });
});

interface OnItsWay {
  readonly ticket: BudgetTicket;
  readonly weight: number;
  counted: boolean;
  reported: number;
  /** Given up by us; the venue may get to it in this window or the next. */
  lost: boolean;
  windowsLost: number;
}

/** A venue that counts requests when it gets to them, in any order, and answers in any order, or never. */
const play = (steps: readonly { readonly kind: 'send' | 'emergency' | 'serve' | 'answer' | 'lose' | 'pass'; readonly n: number }[]) => {
  const budget = budgetOf(500, 100, { ...SPOT_LIMITS, weightPerMinute: 600 });
  let nowMs = T0;
  let used = 0;
  let mostNormal = 0;
  let most = 0;
  let refusedEmergency = 0;
  const way: OnItsWay[] = [];
  const pick = (n: number, from: readonly OnItsWay[]) => from[n % Math.max(1, from.length)];
  for (const { kind, n } of steps) {
    if (kind === 'pass') {
      const before = Math.floor(nowMs / 60_000);
      nowMs += n * 400;
      const turned = Math.floor(nowMs / 60_000) - before;
      if (turned === 0) continue;
      used = 0;
      for (const request of way) if (request.lost) request.windowsLost += turned;
    } else if (kind === 'send' || kind === 'emergency') {
      const weight = kind === 'send' ? 1 + (n % 80) : 1;
      const verdict = take(budget, weight, kind === 'send' ? 'normal' : 'emergency', nowMs);
      if (verdict.kind === 'go') way.push({ ticket: verdict.ticket, weight, counted: false, reported: 0, lost: false, windowsLost: 0 });
      else if (kind === 'emergency') refusedEmergency += 1;
      if (verdict.kind === 'go' && kind === 'send') mostNormal = Math.max(mostNormal, budget.reading(nowMs, nowMs).usedWeight);
    } else if (kind === 'serve') {
      const request = pick(n, way.filter(({ counted, windowsLost }) => !counted && windowsLost < 2)); // prettier-ignore
      if (request === undefined) continue;
      used += request.weight;
      request.counted = true;
      request.reported = used;
      most = Math.max(most, used);
    } else if (kind === 'lose') {
      const request = pick(n, way.filter(({ lost }) => !lost)); // prettier-ignore
      if (request === undefined) continue;
      request.lost = true;
      budget.settle(request.ticket, false, NO_REPORT, nowMs, nowMs);
    } else {
      const request = pick(n, way.filter(({ counted, lost }) => counted && !lost)); // prettier-ignore
      if (request === undefined) continue;
      way.splice(way.indexOf(request), 1);
      budget.settle(request.ticket, true, { ...NO_REPORT, weight: request.reported }, nowMs, nowMs);
    }
    expect(budget.reading(nowMs, nowMs).usedWeight).toBeGreaterThanOrEqual(used);
  }
  return { mostNormal, most, refusedEmergency };
};

describe('rate budget, whatever order the venue works and answers in', () => {
  const step = fc.record({
    kind: fc.constantFrom('send', 'emergency', 'serve', 'answer', 'lose', 'pass'),
    n: fc.nat({ max: 100 }),
  } as const);

  it('never believes in less than the venue counted, and so never passes its limit (Q10)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        const { mostNormal, most } = play(steps);
        expect(mostNormal).toBeLessThanOrEqual(500);
        expect(most).toBeLessThanOrEqual(600);
      }),
      { numRuns: 300 },
    );
  });

  it('always has the reserve for a hundred emergencies after normal traffic took all it may', () => {
    fc.assert(
      fc.property(fc.array(step.filter(({ kind }) => kind === 'send' || kind === 'serve' || kind === 'answer'), { maxLength: 200, size: 'max' }), (steps) => {
        const flood = [...steps, ...Array.from({ length: 500 }, () => ({ kind: 'send' as const, n: 0 }))];
        const stop = Array.from({ length: 100 }, () => ({ kind: 'emergency' as const, n: 0 }));
        expect(play([...flood, ...stop]).refusedEmergency).toBe(0);
      }), // prettier-ignore
      { numRuns: 100 },
    );
  });
});
