// Breaker and automatic trips as the window and the command line show them (REQUIREMENTS D, E1): every threshold as it stands, the
// nearest first. Numbers are those that the decision rests on.
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { AutoTripView, BreakerView } from '../../src-shared/contract/view.ts';
import { probeAtMs } from '../safety/breaker.ts';
import { readAccount } from './account-reading.ts';
import { autoTripGaugesNow, breakerGaugesNow } from './breaker-gauges.ts';
import type { Market } from './market.ts';
import type { Moment } from './ports.ts';
import type { EngineState } from './state.ts';
import { dateShown } from './steady.ts';

interface Gauge<Rule> {
  readonly rule: Rule;
  readonly title: string;
  readonly value: Decimal | null;
  readonly limit: Decimal;
  readonly unit: 'percent' | 'count';
  readonly text: string;
}

interface Counter<Rule> extends Omit<Gauge<Rule>, 'value' | 'limit'> {
  readonly value: DecimalText | null;
  readonly limit: DecimalText;
  readonly usedRatio: number | null;
}

const shown = (value: Decimal): DecimalText => value.toDecimalPlaces(2).toFixed() as DecimalText;

const counters = <Rule>(gauges: readonly Gauge<Rule>[]): readonly Counter<Rule>[] =>
  gauges
    .map(({ rule, title, value, limit, unit, text }) => ({
      rule,
      title,
      unit,
      text,
      value: value === null ? null : shown(value),
      limit: shown(limit),
      usedRatio: value === null ? null : Number(value.div(limit).toFixed(4)),
    }))
    .toSorted((a, b) => (b.usedRatio ?? -1) - (a.usedRatio ?? -1));

export const breakerView = (state: EngineState, market: Market, moment: Moment): BreakerView => {
  const { breaker, policy } = state;
  const { equityUsdt } = readAccount(state, market, moment.monoMs);
  return {
    phase: breaker.phase,
    breach: breaker.breach,
    openedAtMs: breaker.openedAtMs,
    probeAtMs: probeAtMs({ ...breaker, openedAtMs: dateShown(state, market, 'breaker', moment) }, policy?.circuitBreaker ?? null),
    counters: policy === null ? [] : counters(breakerGaugesNow(state, market, policy, moment, equityUsdt)),
  };
};

export const autoTripView = (state: EngineState, market: Market, moment: Moment): AutoTripView => {
  const { equityUsdt, openLossUsdt } = readAccount(state, market, moment.monoMs);
  return { counters: state.policy === null ? [] : counters(autoTripGaugesNow(state, state.policy, moment, equityUsdt, openLossUsdt)) };
};
