// The safety page's views and calls as the scripted stand-in shows them. Test-only: like fake.ts it runs inside the page as a plain
// script and imports nothing but types.
import type { CallError, ExposedApi } from '../../../src-shared/contract/contract.ts';
import type { BreakerView, Change, ConsoleView, LadderView } from '../../../src-shared/contract/view.ts';
import type { DrillResult } from '../../../src-shared/domain/drill.ts';

export interface FakeSafety {
  readonly views: (startMs: number) => ConsoleView['safety'];
  readonly calls: (
    view: { readonly safety: Record<string, unknown> },
    change: (changes: readonly Change[]) => void,
  ) => Pick<ExposedApi, 'drill' | 'resetBreaker' | 'promoteLadder'>;
}

{
  const minute = 60_000;
  const counter = <Rule extends string>(
    rule: Rule,
    title: string,
    value: string | null,
    limit: string,
    unit: 'percent' | 'count',
    text: string,
  ) => ({
    rule,
    title,
    value: value as never,
    limit: limit as never,
    unit,
    usedRatio: value === null ? null : Number(value) / Number(limit),
    text,
  });
  const drilled = (startedAtMs: number): DrillResult => ({
    startedAtMs,
    orders: 6,
    symbols: 2,
    passed: true,
    text: 'Verified empty after 61 ms: 6 of 6 orders are gone.',
    receipt: {
      tripId: 1,
      trigger: 'drill',
      reason: 'drill',
      policy: 'keep-positions',
      trippedAtMs: startedAtMs + 240,
      orders: Array.from({ length: 6 }, (_, index) => ({
        clientOrderId: `hf-drill0-${String(index + 1).padStart(12, '0')}`,
        symbol: (index < 4 ? 'BTCUSDT' : 'ETHUSDT') as never,
        venueOrderId: String(index + 1),
        outcome: 'canceled',
        ackMs: 4 + index,
      })),
      positions: [],
      buckets: { orders: 'empty', algo: 'not-on-spot' },
      cancelsOnWireMs: 2,
      allAcknowledgedMs: 9,
      verifiedEmptyMs: 61,
      flatMs: null,
      complete: true,
      hash: '5f'.repeat(32),
    },
  });
  const fakeSafety: FakeSafety = {
    views: (startMs) => ({
      breaker: {
        phase: 'CLOSED',
        breach: null,
        openedAtMs: null,
        probeAtMs: null,
        counters: [
          counter('consecutive-losses', 'Losses in a row', '2', '5', 'count', 'Losing closes since the last that won.'),
          counter('daily-drawdown', 'Drawdown of the day', '1.12', '5', 'percent', 'Equity 10012.40 against the day’s peak of 10126.00.'),
          counter(
            'weekly-drawdown',
            'Drawdown of the week',
            '1.12',
            '8',
            'percent',
            'Equity 10012.40 against the week’s peak of 10126.00.',
          ),
          counter('total-drawdown', 'Drawdown in all', '1.12', '15', 'percent', 'Equity 10012.40 against the peak of 10126.00.'),
          counter(
            'order-failures',
            'Orders that failed in a row',
            '0',
            '3',
            'count',
            'Rejected or lost, since the last that was accepted.',
          ),
          counter('failed-trades', 'Trades that failed', '0', '3', 'count', 'In a row.'),
          counter('api-errors', 'Calls that failed', '0', '10', 'count', 'Within the last 60 s.'),
        ],
      },
      autoTrip: {
        counters: [
          counter('daily-drawdown', 'Drawdown of the day', '1.12', '10', 'percent', 'Equity 10012.40 against the day’s peak of 10126.00.'),
          counter('open-loss', 'Loss of what is open', '0.03', '8', 'percent', 'Unrealised −2.95 of equity 10012.40.'),
          counter(
            'execution-errors',
            'Execution errors in a row',
            '0',
            '5',
            'count',
            'Sends that failed, since the last that went through.',
          ),
        ],
      },
      ladder: {
        stage: 'practice',
        sinceMs: startMs - 6 * 1440 * minute,
        why: 'where every account begins',
        caps: null,
        next: 'testnet',
        canPromote: false,
        text: 'Not yet: what is missing stands below.',
        certificate: null,
        evidence: [
          { id: 'practice-trades', title: 'Trades', verdict: 'met', text: '112 of 100' },
          { id: 'practice-success', title: 'Success', verdict: 'met', text: '98.2 % of at least 95 %' },
          { id: 'practice-errors', title: 'Errors', verdict: 'met', text: '0.4 % of less than 5 %' },
          { id: 'practice-regimes', title: 'Market regimes', verdict: 'not-met', text: '2 of 3: a volatile market is missing' },
          { id: 'practice-order-types', title: 'Order types', verdict: 'not-met', text: '5 of 7: OCO and trailing stop are missing' },
          { id: 'practice-pnl', title: 'Profit and loss recomputed', verdict: 'met', text: 'equal to the last digit' },
          { id: 'practice-drill', title: 'Drill', verdict: 'met', text: 'passed 2 days ago' },
        ],
      },
      policy: { name: 'NORMAL', version: 3, problem: '', pending: null },
      drill: drilled(startMs - 2 * 1440 * minute),
      watchdog: { status: 'watching', text: 'Takes over after 5 s of silence.', heartbeatAtMs: startMs },
      killSwitch: { status: 'off', text: 'Off, as the policy says.' },
    }),
    calls: (view, change) => {
      const refuse = (text: string): { readonly ok: false; readonly error: CallError } => ({ ok: false, error: { code: 'REFUSED', text } });
      return {
        drill: () =>
          new Promise((resolve) =>
            setTimeout(() => {
              const drill = drilled(Date.now());
              change([['safety', 'drill', drill]]);
              resolve({ ok: true, value: drill });
            }, 150),
          ),
        resetBreaker: async ({ readBackRule }) => {
          const breaker = view.safety['breaker'] as BreakerView;
          if (breaker.breach === null) return refuse('The circuit breaker is closed: there is nothing to reset.');
          if (breaker.breach.rule !== readBackRule)
            return refuse(`What opened the circuit breaker is ${breaker.breach.rule}, not ${readBackRule}: read its evidence first.`);
          change([
            ['safety', 'breaker', { ...breaker, phase: 'CLOSED', breach: null, openedAtMs: null }],
            ['safety', 'trading', { level: 'ACTIVE', causes: [] }],
          ]);
          return { ok: true, value: { rule: readBackRule } };
        },
        promoteLadder: async ({ readBackStage }) => {
          const ladder = view.safety['ladder'] as LadderView;
          if (readBackStage !== ladder.next) return refuse(`You read back ${readBackStage}; the next stage is ${ladder.next}.`);
          const missing = ladder.evidence.filter(({ verdict }) => verdict !== 'met');
          if (missing.length > 0)
            return refuse(`Not promoted. Not met yet: ${missing.map(({ title, text }) => `${title} (${text})`).join('; ')}.`);
          change([['safety', 'ladder', { ...ladder, stage: readBackStage, next: 'micro', evidence: [] }]]);
          return { ok: true, value: { stage: readBackStage, certificate: null } };
        },
      };
    },
  };
  Reflect.set(window, 'fakeSafety', fakeSafety);
}
