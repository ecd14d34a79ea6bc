// The policy as the gate computes with it: decimals parsed once a policy, factors worked out once. Nothing here decides anything.
import { Decimal } from '../domain/decimal.ts';
import { money } from '../domain/money.ts';
import type { Money } from '../domain/money.ts';
import type { Policy } from './schema.ts';

export interface CompiledPolicy {
  readonly maxOrderNotionalUsdt: Money;
  readonly minOpeningNotionalUsdt: Money;
  /** 1 + and 1 − the largest price deviation (C2), as 1.02 and 0.98; and half of each, for twice the mark. */
  readonly deviationUp: Decimal;
  readonly deviationDown: Decimal;
  readonly halfDeviationUp: Decimal;
  readonly halfDeviationDown: Decimal;
  readonly maxDailyLossUsdt: Money;
  /** As a fraction: 0.05 for 5 %. */
  readonly maxDailyLossShare: Decimal;
  readonly maxDailyTrades: number;
  readonly maxPositionsPerSymbol: number;
  readonly maxPositions: number;
  readonly allowedSymbols: ReadonlySet<string>;
  readonly blockedSymbols: ReadonlySet<string>;
  readonly maxRequestWeight: number;
  readonly maxOrderCountPct: number;
  readonly maxOrdersPerSecond: number;
  readonly minSymbolIntervalMs: number;
  readonly maxQuoteAgeMs: number;
  readonly maxUserStreamSilenceMs: number;
  /** C7, as fractions of equity. */
  readonly positionShare: Decimal;
  readonly symbolShare: Decimal;
  readonly strategyShare: Decimal;
  readonly totalShare: Decimal;
  readonly netDirectionShare: Decimal;
  /** The smallest of those that hold for one symbol, and of those that hold for all: what is within it is within each. */
  readonly leastSymbolShare: Decimal;
  readonly leastTotalShare: Decimal;
  /** The smallest of them all. */
  readonly leastShare: Decimal;
  readonly maxPositionValueUsdt: Money;
  readonly maxLeverage: number;
  readonly coolDownAfterLosses: number;
  readonly coolDownMs: number;
}

const MINUTE_MS = 60_000;
const ONE = new Decimal(1);
const share = (percent: string): Decimal => money(percent).div(100);

const compile = ({ limits, exposure }: Policy): CompiledPolicy => ({
  maxOrderNotionalUsdt: money(limits.maxOrderNotionalUsdt),
  minOpeningNotionalUsdt: money(limits.minOpeningNotionalUsdt),
  deviationUp: ONE.plus(share(limits.maxPriceDeviationPct)),
  deviationDown: ONE.minus(share(limits.maxPriceDeviationPct)),
  halfDeviationUp: ONE.plus(share(limits.maxPriceDeviationPct)).div(2),
  halfDeviationDown: ONE.minus(share(limits.maxPriceDeviationPct)).div(2),
  maxDailyLossUsdt: money(limits.maxDailyLossUsdt),
  maxDailyLossShare: share(limits.maxDailyLossPct),
  maxDailyTrades: limits.maxDailyTrades,
  maxPositionsPerSymbol: limits.maxPositionsPerSymbol,
  maxPositions: limits.maxPositions,
  allowedSymbols: new Set(limits.allowedSymbols),
  blockedSymbols: new Set(limits.blockedSymbols),
  maxRequestWeight: limits.maxRequestWeight,
  maxOrderCountPct: limits.maxOrderCountPct,
  maxOrdersPerSecond: limits.maxOrdersPerSecond,
  minSymbolIntervalMs: limits.minSymbolIntervalMs,
  maxQuoteAgeMs: limits.maxQuoteAgeMs,
  maxUserStreamSilenceMs: limits.maxUserStreamSilenceMs,
  positionShare: share(exposure.maxPositionPct),
  symbolShare: share(exposure.maxSymbolPct),
  strategyShare: share(exposure.maxStrategyPct),
  totalShare: share(exposure.maxTotalPct),
  netDirectionShare: share(exposure.maxNetDirectionPct),
  leastSymbolShare: Decimal.min(share(exposure.maxPositionPct), share(exposure.maxSymbolPct)),
  leastShare: Decimal.min(
    ...[exposure.maxPositionPct, exposure.maxSymbolPct, exposure.maxStrategyPct, exposure.maxTotalPct, exposure.maxNetDirectionPct].map(
      share,
    ),
  ),
  leastTotalShare: Decimal.min(share(exposure.maxStrategyPct), share(exposure.maxTotalPct), share(exposure.maxNetDirectionPct)),
  maxPositionValueUsdt: money(exposure.maxPositionValueUsdt),
  maxLeverage: exposure.maxLeverage,
  coolDownAfterLosses: limits.coolDownAfterLosses,
  coolDownMs: limits.coolDownMinutes * MINUTE_MS,
});

const compiled = new WeakMap<Policy, CompiledPolicy>();

/** The compiled form, made once for each policy object (they are frozen). Throws RangeError on a text that is no number. */
export const compilePolicy = (policy: Policy): CompiledPolicy => {
  const known = compiled.get(policy);
  if (known !== undefined) return known;
  const made = compile(policy);
  compiled.set(policy, made);
  return made;
};
