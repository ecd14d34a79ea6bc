// The tilt guard (REQUIREMENTS G): tightening at once, loosening after its wait and never while tripped, cooling down or past the daily
// loss; in no order of asking, editing, clock steps and restarts is a limit looser sooner than 15 minutes after it was asked for.
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import { isSamePolicy, looseningOf, tighterOf } from '../../../src-shared/policy/diff.ts';
import { setFields } from '../../../src-shared/policy/fields.ts';
import type { SequencedFact } from '../../../src-main/engine/facts.ts';
import { Rig } from '../../support/engine-rig.ts';
import { WIDE } from '../../support/wide.ts';

const MINUTE = 60_000;
const set = (policy: Policy, values: Readonly<Record<string, string>>): Policy => {
  const made = setFields(
    policy,
    Object.entries(values).map(([path, value]) => ({ path, value })),
  );
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
};
const MORE = set(WIDE, { 'limits.maxDailyTrades': String(WIDE.limits.maxDailyTrades + 1) });
const LESS = set(WIDE, { 'limits.maxDailyTrades': String(WIDE.limits.maxDailyTrades - 1) });
const MIXED = set(MORE, { 'limits.maxOrdersPerSecond': '1' });

const asks = (rig: Rig, policy: Policy) => rig.engine.dispatch({ kind: 'policy-asked', policy, by: 'trader', why: 'a test' });
const reads = (rig: Rig, policy: Policy, inForce?: Policy, problem = '') =>
  rig.engine.dispatch({
    kind: 'policy',
    policy,
    version: rig.engine.state.policyVersion,
    by: 'policy.json',
    why: 'the file was edited',
    problem,
    ...(inForce !== undefined && { inForce }),
  });
/** Both clocks go on, and one tick looks at them. */
const waits = (rig: Rig, wallMs: number, monoMs = wallMs): void => {
  rig.nowMs += wallMs;
  rig.monoMs += monoMs;
  rig.engine.dispatch({ kind: 'tick' });
};
const trades = (rig: Rig): number => rig.engine.state.policy?.limits.maxDailyTrades ?? 0;
const base = WIDE.limits.maxDailyTrades;

describe('what is asked', () => {
  test('tightening is in force at once, as a new version with who, why and what changed', () => {
    const rig = new Rig().ready();
    expect(asks(rig, LESS)).toMatchObject({ kind: 'policy', outcome: { version: 2, waiting: null, refused: null } });
    expect(trades(rig)).toBe(base - 1);
    expect(rig.of('policy.adopted').at(-1)).toMatchObject({
      version: 2,
      by: 'trader',
      why: 'a test',
      changes: [{ path: 'limits.maxDailyTrades', from: String(base), to: String(base - 1), effect: 'tightens' }],
    });
  });

  test.each([asks, reads])('loosening waits 15 minutes, whoever asks', (ask) => {
    const rig = new Rig().ready();
    ask(rig, MORE);
    expect(trades(rig)).toBe(base);
    waits(rig, 15 * MINUTE - 1);
    expect(trades(rig)).toBe(base);
    waits(rig, 1);
    expect(trades(rig)).toBe(base + 1);
    expect(rig.engine.state.pendingPolicy).toBeNull();
  });

  test('of a change that does both the tight half is in force at once', () => {
    const rig = new Rig().ready();
    asks(rig, MIXED);
    expect(rig.engine.state.policy?.limits).toMatchObject({ maxDailyTrades: base, maxOrdersPerSecond: 1 });
    expect(rig.engine.state.pendingPolicy?.changes).toMatchObject([{ path: 'limits.maxDailyTrades', effect: 'loosens' }]);
  });

  test('a further wish that is no looser than what waits does not begin the wait anew; a looser one does', () => {
    const rig = new Rig().ready();
    asks(rig, MORE);
    waits(rig, 5 * MINUTE);
    asks(rig, MIXED);
    waits(rig, 10 * MINUTE);
    expect(trades(rig)).toBe(base + 1);
    asks(rig, set(MIXED, { 'limits.maxDailyTrades': String(base + 2) }));
    waits(rig, 5 * MINUTE);
    asks(rig, set(MIXED, { 'limits.maxDailyTrades': String(base + 3) }));
    waits(rig, 10 * MINUTE);
    expect(trades(rig)).toBe(base + 1);
    waits(rig, 5 * MINUTE);
    expect(trades(rig)).toBe(base + 3);
  });

  test('what waits can be withdrawn, and is asked for in vain twice', () => {
    const rig = new Rig().ready();
    asks(rig, MORE);
    expect(asks(rig, MORE)).toMatchObject({ kind: 'refused' });
    expect(rig.engine.dispatch({ kind: 'policy-withdraw', by: 'trader', why: 'better not' })).toMatchObject({ kind: 'policy' });
    expect(rig.engine.dispatch({ kind: 'policy-withdraw', by: 'trader', why: 'better not' })).toMatchObject({ kind: 'refused' });
    waits(rig, 20 * MINUTE);
    expect(trades(rig)).toBe(base);
  });

  test('the file put back to what is in force withdraws what waits', () => {
    const rig = new Rig().ready();
    reads(rig, MORE);
    reads(rig, WIDE);
    expect(rig.of('policy.withdrawn')).toHaveLength(1);
    expect(rig.engine.state.pendingPolicy).toBeNull();
  });
});

describe('the tilt guard', () => {
  test('refuses to loosen while tripped and while cooling down, and lets what tightens through', () => {
    const rig = new Rig().ready();
    rig.trip();
    expect(asks(rig, MORE)).toMatchObject({ kind: 'refused', text: expect.stringContaining('Nothing is loosened now. Emergency stop') });
    expect(asks(rig, MIXED)).toMatchObject({ kind: 'policy', outcome: { waiting: null, refused: { changes: [{ effect: 'loosens' }] } } });
    expect(rig.engine.state.policy?.limits).toMatchObject({ maxDailyTrades: base, maxOrdersPerSecond: 1 });
    reads(rig, MORE);
    expect(rig.titles()).toContain('The policy file loosens, and is refused');
    expect(rig.engine.state.pendingPolicy).toBeNull();
  });

  test('a trip withdraws what waits', () => {
    const rig = new Rig().ready();
    asks(rig, MORE);
    rig.trip();
    waits(rig, 100);
    expect(rig.of('policy.withdrawn')).toMatchObject([{ by: 'the tilt guard' }]);
    waits(rig, 20 * MINUTE);
    expect(trades(rig)).toBe(base);
  });

  test('past the daily loss nothing is loosened', () => {
    const rig = new Rig({ policy: set(WIDE, { 'limits.maxDailyLossUsdt': '1' }) }).ready();
    const { day } = rig.engine.state;
    if (day === null) throw new Error('the day is open');
    Object.assign(day, { openingEquityUsdt: day.openingEquityUsdt.plus(1) });
    const looser = set(rig.engine.state.policy as Policy, { 'limits.maxDailyLossUsdt': '2' });
    expect(asks(rig, looser)).toMatchObject({ kind: 'refused', text: expect.stringContaining('past the daily limit') });
    Object.assign(day, { openingEquityUsdt: day.openingEquityUsdt.minus('0.01') });
    expect(asks(rig, looser)).toMatchObject({ kind: 'policy' });
  });

  test('no step of the wall clock shortens the wait', () => {
    const rig = new Rig().ready();
    asks(rig, MORE);
    waits(rig, 24 * 60 * MINUTE, 14 * MINUTE);
    expect(trades(rig)).toBe(base);
    waits(rig, MINUTE);
    expect(trades(rig)).toBe(base + 1);
  });

  test('a clock that is known to be wrong, a file that cannot be used and an account without a value let nothing take effect', () => {
    const rig = new Rig().ready();
    asks(rig, MORE);
    rig.tell({ kind: 'clock', offsetMs: 5000, roundTripMs: 1 });
    waits(rig, 15 * MINUTE);
    expect(trades(rig)).toBe(base);
    rig.tell({ kind: 'clock', offsetMs: 0, roundTripMs: 1 });
    reads(rig, WIDE, WIDE, 'policy.json cannot be used');
    waits(rig, MINUTE);
    expect(trades(rig)).toBe(base);
    expect(rig.engine.state.pendingPolicy).not.toBeNull();
    reads(rig, MORE, WIDE);
    waits(rig, MINUTE);
    expect(trades(rig)).toBe(base + 1);
  });
});

test('a new journal (another mode) starts from what was in force last, not from what the file asks for', () => {
  const rig = new Rig({ policy: WIDE });
  rig.engine.dispatch({ kind: 'session', mode: 'testnet', account: 'main', version: 'test' });
  reads(rig, MORE, WIDE);
  expect(trades(rig)).toBe(base);
  expect(rig.engine.state.pendingPolicy?.policy.limits.maxDailyTrades).toBe(base + 1);
});

test('whatever is asked, edited, withdrawn and restarted, with clocks that jump: nothing is looser sooner than 15 minutes after it was asked', () => {
  const limit = fc.integer({ min: base - 5, max: base + 5 });
  const pace = fc.integer({ min: 1, max: 5 });
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom('ask' as const, 'edit' as const), limit, pace }),
    fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 20 }), jump: fc.constantFrom(0, 0, -60, 60) }),
    fc.record({ do: fc.constantFrom('withdraw' as const, 'restart' as const, 'break' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 25 }), (steps) => {
      let rig = new Rig().ready();
      let file: Policy = WIDE;
      const journal: SequencedFact[] = [];
      /** Every wish, and when it was made on a clock that nobody can set. */
      let wishes: readonly { readonly policy: Policy; readonly atMs: number }[] = [];
      let elapsedMs = 0;
      let jumped = false;
      let jumpedHere = false;
      let before = rig.engine.state.policy as Policy;
      const judge = (): void => {
        const now = rig.engine.state.policy as Policy;
        // Each field that is looser than a moment ago was asked for, as loose as that, at least 15 minutes ago.
        for (const { path } of looseningOf(before, now)) {
          const due = wishes.some(
            ({ policy, atMs }) => elapsedMs - atMs >= 15 * MINUTE && !looseningOf(policy, now).some((one) => one.path === path),
          );
          expect(due || jumped, `${path} is looser`).toBe(true);
        }
        before = now;
      };
      for (const one of steps) {
        if (one.do === 'ask' || one.do === 'edit') {
          const policy = set(WIDE, { 'limits.maxDailyTrades': String(one.limit), 'limits.maxOrdersPerSecond': String(one.pace) });
          // What is asked for less meanwhile was not asked for all the time.
          wishes = [...wishes.map((wish) => ({ ...wish, policy: tighterOf(wish.policy, policy) })), { policy, atMs: elapsedMs }];
          if (one.do === 'ask') asks(rig, policy);
          else {
            file = policy;
            reads(rig, policy, before);
          }
        } else if (one.do === 'wait') {
          rig.nowMs += one.jump * MINUTE;
          jumpedHere ||= one.jump > 0;
          elapsedMs += one.minutes * MINUTE;
          waits(rig, one.minutes * MINUTE);
        } else if (one.do === 'withdraw') {
          rig.engine.dispatch({ kind: 'policy-withdraw', by: 'trader', why: 'a test' });
          wishes = [];
        } else if (one.do === 'break') reads(rig, before, before, 'broken');
        else {
          // Over a restart the wall clock alone goes on: a step of it from before counts there; one that comes after it must not.
          jumped ||= jumpedHere;
          journal.push(...rig.facts);
          const { nowMs } = rig;
          rig = new Rig({ replay: journal, policy: file });
          rig.nowMs = nowMs;
          rig.ready();
        }
        judge();
        const { policy } = rig.engine.state;
        file = rig.engine.state.pendingPolicy?.policy ?? (policy as Policy);
        expect(isSamePolicy(before, policy as Policy)).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});
