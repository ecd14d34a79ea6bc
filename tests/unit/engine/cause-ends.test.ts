// Each cause of the trading state is shown with how it ends, and with its time where it ends by itself: the time that the rule itself holds.
import { expect, test } from 'vitest';
import { stopView, tradingView } from '../../../src-main/engine/view.ts';
import { tradingStateOf } from '../../../src-main/safety/trading-state.ts';
import { policySchema } from '../../../src-shared/policy/schema.ts';
import { balance, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import { WIDE } from '../../support/wide.ts';

const shown = ({ engine, nowMs, monoMs }: Rig) => tradingView(engine.trading(), engine.state, engine.market, { nowMs, monoMs });
const MINUTE_MS = 60_000;

test('a cool-down, a row of losses and a wait of the exchange’s end at their own times', () => {
  const limits = { ...WIDE.limits, coolDownAfterLosses: 1 };
  const rig = new Rig({
    policy: policySchema.parse({ ...WIDE, limits }),
    balances: [balance('USDT', '10000'), balance('BTC', '1')],
  }).ready();
  rig.hold();
  rig.pass(600);
  const sale = rig.rest({ side: 'SELL', price: text('50500') });
  rig.execute(stated(sale, { side: 'SELL', status: 'FILLED', filledQty: '0.01' }), fillOf('loss', '0.01', { price: text('49990') }));
  const lossAtMs = rig.nowMs;
  rig.trip();
  rig.stopCanceled();
  rig.openOrdersSeen([]);
  rig.openOrdersSeen([]);
  expect(shown(rig).causes[0]).toMatchObject({ code: 'EMERGENCY_STOP', untilMs: null, ends: expect.stringMatching(/^A person resets it/) });
  rig.pass(10_000);
  expect(rig.engine.dispatch({ kind: 'reset', by: 'me', why: 'seen', readBackTripId: 1 }).kind).toBe('reset');
  const { budget } = rig.engine.market;
  if (budget === null) throw new Error('a rig that is ready knows its budget');
  rig.engine.market.budget = { ...budget, holdUntilMs: rig.nowMs + 7_000 };
  const byCode = Object.fromEntries(shown(rig).causes.map(({ code, untilMs }) => [code, untilMs]));
  expect(byCode).toMatchObject({
    COOLING_DOWN: rig.engine.state.stop.coolDownUntilMs,
    LOSSES: lossAtMs + 30 * MINUTE_MS,
    VENUE_HOLD: rig.nowMs + 7_000,
  });
  // A wall clock that is set makes no wait shorter or longer: what is shown as left is what the engine waits for (E6, C13).
  const before = new Map(shown(rig).causes.map(({ code, untilMs }) => [code, untilMs]));
  for (const stepMs of [2 * 60 * MINUTE_MS, -3 * 60 * MINUTE_MS]) {
    const at = rig.nowMs;
    rig.nowMs += stepMs;
    const after = new Map(shown(rig).causes.map(({ code, untilMs }) => [code, untilMs]));
    for (const code of ['COOLING_DOWN', 'LOSSES'] as const) expect(after.get(code)).toBe((before.get(code) ?? 0) + stepMs);
    expect(stopView(rig.engine.state, rig.engine.market, rig).coolDownUntilMs).toBe((before.get('COOLING_DOWN') ?? 0) + stepMs);
    rig.nowMs = at;
  }
});

test('a breaker that one order may close says so beside its time, and else that only a person does (D)', () => {
  const breaker = { phase: 'OPEN', breach: { rule: 'api-errors', text: 'three of them' }, openedAtMs: 1_000, probe: null } as const;
  const opened = (probeAfterCoolDown: boolean) => {
    const rig = new Rig({
      policy: policySchema.parse({ ...WIDE, circuitBreaker: { ...WIDE.circuitBreaker, probeAfterCoolDown } }),
    }).ready();
    const state = {
      ...rig.engine.state,
      breaker: { ...rig.engine.state.breaker, ...breaker, openedAtMs: rig.nowMs },
    } as typeof rig.engine.state;
    const trading = tradingStateOf([{ code: 'BREAKER', level: 'REDUCING', text: 'open' }]);
    return tradingView(trading, state, rig.engine.market, rig).causes[0];
  };
  expect(opened(false)).toMatchObject({ untilMs: null, ends: 'A person resets it: the reason, and what broke read back.' });
  expect(opened(true)?.untilMs).not.toBeNull();
  expect(opened(true)?.ends).toBe(
    'A person resets it: the reason, and what broke read back; or one order that may try once its time is over.',
  );
});

test('before there is a policy no time is known, and each cause has its end in words', () => {
  const rig = new Rig();
  const { level, causes } = shown(rig);
  expect(level).toBe('HALTED');
  expect(causes.every(({ ends, untilMs }) => ends !== '' && untilMs === null)).toBe(true);
});
