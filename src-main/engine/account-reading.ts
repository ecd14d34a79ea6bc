// One look at the account for breaker and automatic trips (REQUIREMENTS D, E1): what the facts say is held, at the newest quotes. It is
// the ledger and not the balances that is valued: a withdrawal counts from the very fact that shifts the peaks as well, so that money
// which came or went from outside is never taken for a drawdown. What cannot be told is null.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AccountReading } from '../safety/readings.ts';
import type { Market } from './market.ts';
import { unrealised } from './positions.ts';
import type { EngineState } from './state.ts';
import { symbolOf, USDT } from './symbols.ts';

/** What is worth less than this part of the account moves no threshold: its quotes need not be new. */
const COUNTS_FROM_SHARE = 0.01;
/** Where no policy says how old a quote may be. */
const DEFAULT_QUOTE_AGE_MS = 5000;

interface Worth {
  readonly equityUsdt: Decimal;
  readonly quotedAtMs: number | null;
}

const worthOf = (state: EngineState, market: Market): Worth | null => {
  // Without instruments nobody knows which assets have a price: what has none then is not worth nothing.
  if (!state.session.reconciled || state.ledger === null || market.instruments.size === 0) return null;
  let equityUsdt = new Decimal(0);
  const quoted: { readonly worth: Decimal; readonly seenAtMs: number }[] = [];
  for (const [asset, total] of state.ledger.totals) {
    if (total.isZero()) continue;
    if (asset === USDT) {
      equityUsdt = equityUsdt.plus(total);
      continue;
    }
    const symbol = symbolOf(asset);
    const [mark, quote] = [market.mark(symbol), market.quote(symbol)];
    if (mark !== null && quote !== null) {
      const worth = total.times(mark);
      equityUsdt = equityUsdt.plus(worth);
      quoted.push({ worth, seenAtMs: quote.seenAtMs });
    } else if (market.instruments.has(symbol) || state.positions.has(symbol)) return null;
  }
  const least = equityUsdt.times(COUNTS_FROM_SHARE);
  const counting = quoted.filter(({ worth }) => worth.gte(least)).map(({ seenAtMs }) => seenAtMs);
  return { equityUsdt, quotedAtMs: counting.length === 0 ? null : Math.min(...counting) };
};

const openLossOf = ({ positions }: EngineState, market: Market): Decimal | null => {
  let sum = new Decimal(0);
  for (const position of positions.values()) {
    const mark = market.mark(position.symbol);
    if (mark === null) return null;
    sum = sum.plus(unrealised(position, mark));
  }
  return sum.isNegative() ? sum.neg() : new Decimal(0);
};

/** Quotes of a stream that is down or silent say nothing of now. */
const isMarketLive = ({ policy }: EngineState, { streams, quotedAtMs }: Market, monoMs: number): boolean =>
  streams.market.status === 'live' && quotedAtMs !== null && monoMs - quotedAtMs <= (policy?.limits.maxQuoteAgeMs ?? DEFAULT_QUOTE_AGE_MS);

/** The look itself. It costs as much as there are assets and positions, never orders. */
export const readAccount = (state: EngineState, market: Market, monoMs: number): AccountReading => {
  const worth = worthOf(state, market);
  const isKnown = worth !== null && (worth.quotedAtMs === null || isMarketLive(state, market, monoMs));
  return {
    equityUsdt: isKnown ? worth.equityUsdt : null,
    openLossUsdt: isKnown ? openLossOf(state, market) : null,
    atMs: monoMs,
    quotedAtMs: worth?.quotedAtMs ?? null,
  };
};
