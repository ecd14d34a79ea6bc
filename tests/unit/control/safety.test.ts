// `holdfast safety`: the safety page in text, in its order; as JSON the parts of the view and each market's answer; and an exit code that
// says whether anything can be opened now.
import { expect, test } from 'vitest';
import type { BuyNow } from '../../../src-shared/contract/buy-now.ts';
import type { ConsoleView } from '../../../src-shared/contract/view.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { run, startFake } from './fake-console.ts';

const HASH = 'a1'.repeat(32);
const receipt = (complete: boolean) => ({
  tripId: 4,
  trigger: 'cli',
  reason: 'fat finger',
  policy: 'keep-positions',
  trippedAtMs: 0,
  orders: [{ outcome: complete ? 'canceled' : 'unknown' }],
  positions: [],
  buckets: { orders: 'empty', algo: 'not-on-spot' },
  cancelsOnWireMs: 1.5,
  allAcknowledgedMs: 20,
  verifiedEmptyMs: complete ? 61 : null,
  flatMs: null,
  complete,
  hash: HASH,
});
const counter = (rule: string) => ({
  rule,
  title: 'Drawdown',
  value: '1',
  limit: '5',
  unit: 'percent',
  usedRatio: 0.2,
  text: 'Of the peak.',
});

const safety = {
  trading: {
    level: 'REDUCING',
    causes: [{ code: 'LOSSES', level: 'REDUCING', text: '3 losses in a row.', ends: 'By itself, when its time is over.', untilMs: 60_000 }],
  },
  breaker: { phase: 'CLOSED', breach: null, openedAtMs: null, probeAtMs: null, counters: [counter('daily-drawdown')] },
  autoTrip: { counters: [counter('open-loss')] },
  stop: {
    phase: 'COOLING_DOWN',
    tripId: 4,
    trigger: 'cli',
    reason: 'fat finger',
    policy: 'keep-positions',
    trippedAtMs: 0,
    coolDownUntilMs: 90_000,
    progress: null,
    receipt: receipt(false),
  },
  drill: { startedAtMs: 0, orders: 6, symbols: 2, passed: true, text: 'Verified empty after 61 ms.', receipt: receipt(true) },
  ladder: {
    stage: 'micro',
    sinceMs: 0,
    why: 'promoted',
    caps: { maxOrderUsdt: '15', maxExposureUsdt: '30', maxDailyLossUsdt: '10' },
    next: 'small',
    evidence: [{ id: 'micro-trades', title: 'Trades', verdict: 'not-met', text: '2 of 5' }],
    canPromote: false,
    text: 'Trades are missing.',
    certificate: {
      stage: 'micro',
      evidenceHash: '',
      policyHash: '',
      version: '1',
      issuedAtMs: 0,
      by: 'ann',
      valid: false,
      text: 'The policy has changed.',
    },
  },
  policy: {
    name: 'NORMAL',
    version: 3,
    problem: '',
    pending: {
      by: 'ann',
      why: 'a livelier day',
      effectiveAtMs: 120_000,
      changes: [{ path: 'limits.maxDailyLossUsdt', title: 'Day loss', from: '500', to: '600', effect: 'loosens' }],
    },
  },
  hotkey: { status: 'ARMED', accelerator: 'Ctrl+Shift+F12', text: 'proven', provenAtMs: 0 },
  watchdog: { status: 'watching', text: 'takes over after 5 s', heartbeatAtMs: 0 },
  killSwitch: { status: 'off', text: 'as the policy says' },
  reconciliation: { atMs: 0, differences: [], failures: 0, text: 'as planned', nextAtMs: null, history: [] },
  selfTest: { atMs: 0, items: [{ id: 'clock', title: 'Clock', verdict: 'pass', text: '3 ms' }] },
} as unknown as ConsoleView['safety'];

const answer = (symbol: string, pass: boolean): BuyNow => ({
  symbol,
  verdict: pass ? 'pass' : 'deny',
  largest: { qty: '0.01' as never, valueUsdt: '980.14' as never, cappedBy: { id: 'C1.maxOrderNotional', title: 'Order value' } },
  denial: pass ? null : { code: 'STATE', text: 'Trading is halted.', advice: 'Wait.' },
  forbids: [],
  noSales: pass ? null : { code: 'STATE', text: 'Trading is halted.', advice: 'Wait.' },
  text: pass ? 'A market buy of up to 0.01 would be sent at once.' : 'A buy would be refused. Trading is halted.',
});
const limit = (id: string, usedRatio: number, verdict = 'pass') => ({
  id,
  title: id,
  unit: 'count',
  before: '3',
  after: null,
  limit: '100',
  distance: '97',
  usedRatio,
  verdict,
  formula: `formula of ${id}`,
  scope: 'openings',
  untilMs: null,
  text: '',
});

const filled = async (level: 'ACTIVE' | 'REDUCING', buyNow: (symbol: string) => BuyNow | null, symbols = ['ETHUSDT', 'BTCUSDT']) => {
  const fake = await startFake({
    buyNow: ({ symbol }) => {
      const said = buyNow(symbol);
      return Promise.resolve(said === null ? fail({ code: 'UNAVAILABLE', text: 'No policy is loaded.' }) : ok(said));
    },
  });
  fake.move(
    ...Object.entries(safety).map(([key, value]) => ['safety', key, value] as const),
    ...symbols.map((symbol) => ['instruments', symbol, { symbol }] as const),
    ['limits', 'C5.dailyTrades', limit('C5.dailyTrades', 0.03)],
    ['limits', 'C6.positionsTotal', limit('C6.positionsTotal', 0.6)],
    ['limits', 'C11.quoteAge', limit('C11.quoteAge', 0.1, 'deny')],
    ['health', 'clock', { name: 'clock', verdict: 'good', text: '+3 ms' }],
  );
  if (level === 'ACTIVE') fake.move(['safety', 'trading', { level, causes: [] }]);
  return fake;
};

test('says all of it in the order of the safety page', async () => {
  const { home } = await filled('REDUCING', (symbol) => answer(symbol, false));
  const { out } = await run(home, ['safety']);
  const order = [
    /^openings +A buy would be refused\. Trading is halted\.$/m,
    /^BTCUSDT +refused +980\.14 +C1\.maxOrderNotional +STATE: Trading is halted\. +do not go$/m,
    /^state +REDUCING$/m,
    /^REDUCING +3 losses in a row\. \[LOSSES\] +By itself, when its time is over\. +1970-01-01 00:01:00Z$/m,
    /^C11\.quoteAge .*FORBIDS +formula of C11\.quoteAge$/m,
    /^C6\.positionsTotal /m,
    /^C5\.dailyTrades /m,
    /^breaker +CLOSED$/m,
    /^STOP TRIPS BY ITSELF/m,
    /^stop +COOLING_DOWN$/m,
    /^trip +4 by cli at .*fat finger$/m,
    /^cool-down until +1970-01-01 00:01:30Z$/m,
    /^receipt +NOT complete, 1 not proven gone: 1 orders; on the wire 1\.5 ms, acknowledged 20\.0 ms, verified empty not; hash (a1){32}$/m,
    /^drill +passed at 1970-01-01 00:00:00Z: Verified empty after 61 ms\.$/m,
    /^ladder +micro since .*: promoted$/m,
    /^caps +order ≤ 15, exposure ≤ 30, day's loss ≤ 10 USDT$/m,
    /^next +small: 1 of 1 are missing$/m,
    /^certificate +NOT valid for micro: The policy has changed\.$/m,
    /^Trades +not-met +2 of 5$/m,
    /^policy +NORMAL, version 3$/m,
    /^waiting +in force at 1970-01-01 00:02:00Z, by ann: a livelier day$/m,
    /^limits\.maxDailyLossUsdt +500 +600$/m,
    /^hotkey +Ctrl\+Shift\+F12 ARMED proven$/m,
    /^watchdog +watching: takes over after 5 s$/m,
    /^kill switch +off: as the policy says$/m,
    /^reconciliation +1970-01-01 00:00:00Z as planned$/m,
    /^Clock +pass +3 ms$/m,
    /^clock +good +\+3 ms$/m,
  ];
  let from = 0;
  for (const part of order) {
    const found = out.slice(from).search(part);
    expect(found, `${String(part)} after\n${out.slice(0, from)}`).toBeGreaterThanOrEqual(0);
    from += found;
  }
});

test('exits with 0 where at least one market takes a buy, and with 1 where none does', async () => {
  const some = await filled('ACTIVE', (symbol) => answer(symbol, symbol === 'ETHUSDT'));
  const seen = await run(some.home, ['safety']);
  expect(seen).toMatchObject({ exit: 0, err: '' });
  expect(seen.out).toContain('allowed in 1 of 2 markets. ETHUSDT: A market buy of up to 0.01 would be sent at once.');
  const none = await filled('REDUCING', (symbol) => answer(symbol, false));
  const refused = await run(none.home, ['safety']);
  expect(refused.exit).toBe(1);
  expect(refused.err).toContain('Nothing can be opened now. A buy would be refused. Trading is halted.');
});

test('an answer that cannot be had is a no, and so is a console without markets', async () => {
  const silent = await filled('ACTIVE', () => null);
  const asked = await run(silent.home, ['safety']);
  expect(asked.exit).toBe(1);
  expect(asked.out).toMatch(/^BTCUSDT +not known +- +- +No policy is loaded\./m);
  const empty = await filled('ACTIVE', () => null, []);
  expect((await run(empty.home, ['safety'])).err).toContain('No market is known yet');
});

test('as JSON it holds the parts of the view, the limits, health and each market’s answer', async () => {
  const { home } = await filled('REDUCING', (symbol) => answer(symbol, false));
  const { exit, out, err } = await run(home, ['safety', '--json']);
  expect(exit).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    openings: { allowed: false, markets: [{ symbol: 'BTCUSDT', answer: { verdict: 'deny' } }, { symbol: 'ETHUSDT' }] },
    ...safety,
    limits: { 'C5.dailyTrades': { formula: 'formula of C5.dailyTrades' } },
    health: { clock: { verdict: 'good' } },
  });
  expect(JSON.parse(err)).toMatchObject({ error: { code: 'REFUSED' } });
});

test('its help tells the exit code', async () => {
  const { home } = await filled('ACTIVE', () => null);
  expect((await run(home, ['safety', '--help'])).out).toContain('at least one market takes a buy now');
});
