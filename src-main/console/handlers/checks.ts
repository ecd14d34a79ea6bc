// What is looked at or checked on demand: the picture, the books, the self-test, metrics, the chart.
import type { Handlers } from '../../../src-shared/contract/contract.ts';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { prometheusText } from '../../control/prometheus.ts';
import { refuse, unknownSymbol } from './desk.ts';
import type { ConsoleDesk } from './desk.ts';

const RECONCILE_TIMEOUT_MS = 30_000;

export const checkHandlers = (desk: ConsoleDesk): Pick<Handlers, 'reconcile' | 'selfTest' | 'metrics' | 'showChart' | 'subscribe'> => ({
  subscribe: () => Promise.resolve(ok(desk.snapshot())),
  reconcile: async () => {
    const core = desk.core();
    const done = core.until(
      (facts) => facts.find(({ fact }) => fact.kind === 'reconciled' || fact.kind === 'reconcile.failed'),
      RECONCILE_TIMEOUT_MS,
    );
    core.engine.dispatch({ kind: 'reconcile', why: 'asked for' });
    const fact = (await done)?.fact;
    if (fact?.kind === 'reconciled') return ok({ differences: fact.differences });
    return refuse(
      'UNAVAILABLE',
      fact?.kind === 'reconcile.failed'
        ? `The books could not be compared: ${fact.text}`
        : 'The exchange did not answer in time; the comparison goes on.',
    );
  },
  selfTest: async () => ok({ items: await desk.core().runSelfTest() }),
  metrics: () => {
    const figures = desk.metrics().view(desk.core().engine);
    return Promise.resolve(ok({ figures, prometheus: prometheusText(figures) }));
  },
  showChart: async (input) => {
    const core = desk.core();
    const symbol = input.symbol as SymbolId;
    if (!core.engine.market.instruments.has(symbol)) return unknownSymbol(symbol);
    core.show(symbol, input.interval);
    const candles = await core.setup.venue.candles(symbol, input.interval, 300);
    return candles.ok ? ok({ candles: candles.value }) : refuse('UNAVAILABLE', candles.error.text);
  },
});
