// Each cause of the trading state is shown with how it ends, and with its time where it ends by itself: the time that the rule itself holds.
import { expect, test } from 'vitest';
import { tradingView } from '../../../src-main/engine/view.ts';
import { policySchema } from '../../../src-shared/policy/schema.ts';
import { balance, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import { WIDE } from '../../support/wide.ts';

const shown = ({ engine, nowMs }: Rig) => tradingView(engine.trading(), engine.state, engine.market, nowMs);
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
});

test('before there is a policy no time is known, and each cause has its end in words', () => {
  const rig = new Rig();
  const { level, causes } = shown(rig);
  expect(level).toBe('HALTED');
  expect(causes.every(({ ends, untilMs }) => ends !== '' && untilMs === null)).toBe(true);
});
