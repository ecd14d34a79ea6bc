// The thresholds of breaker and automatic trips as they stand now, out of state and notes: for the decision and for the views alike.
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { AutoTripGauge } from '../safety/auto-trip.ts';
import { autoTripGauges } from '../safety/auto-trip.ts';
import type { BreakerGauge } from '../safety/breaker.ts';
import { breakerGauges } from '../safety/breaker.ts';
import { apiErrorsWithin } from './breaker-notes.ts';
import { utcDayOf } from './evolve.ts';
import type { Market } from './market.ts';
import type { Moment } from './ports.ts';
import { utcWeekOf } from './risk-book.ts';
import type { EngineState } from './state.ts';

export const apiErrorsNow = ({ circuitBreaker }: Policy, market: Market, monoMs: number): number =>
  apiErrorsWithin(market.breaker, circuitBreaker.apiErrorWindowSeconds * 1000, monoMs);

export const breakerGaugesNow = (
  state: EngineState,
  market: Market,
  policy: Policy,
  { nowMs, monoMs }: Moment,
  equityUsdt: Decimal | null,
): readonly BreakerGauge[] =>
  breakerGauges({
    thresholds: policy.circuitBreaker,
    risk: state.risk,
    equityUsdt,
    apiErrors: apiErrorsNow(policy, market, monoMs),
    nowMs,
    dayUtc: utcDayOf(nowMs),
    weekUtc: utcWeekOf(nowMs),
  });

export const autoTripGaugesNow = (
  state: EngineState,
  policy: Policy,
  { nowMs }: Moment,
  equityUsdt: Decimal | null,
  openLossUsdt: Decimal | null,
): readonly AutoTripGauge[] =>
  autoTripGauges({ thresholds: policy.emergencyStop, book: state.autoTrip, equityUsdt, openLossUsdt, dayUtc: utcDayOf(nowMs) });
