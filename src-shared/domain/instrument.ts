// A tradable symbol with the venue's filters (BINANCE 6). Parsed once from exchangeInfo; a rule that is absent or 0 is switched off.
import type { AssetId, SymbolId } from './ids.ts';
import type { Money, Price, Qty } from './money.ts';
import type { Decimal } from './decimal.ts';

export interface LotFilter {
  readonly minQty: Qty;
  readonly maxQty: Qty;
  readonly stepQty: Qty;
}

/** PERCENT_PRICE and PERCENT_PRICE_BY_SIDE in one shape: factors on the reference price, per side. */
export interface PercentPriceFilter {
  readonly bidUp: Decimal;
  readonly bidDown: Decimal;
  readonly askUp: Decimal;
  readonly askDown: Decimal;
  readonly avgPriceMinutes: number;
}

export interface NotionalFilter {
  readonly minUsdt: Money;
  readonly applyMinToMarket: boolean;
  readonly maxUsdt: Money | undefined;
  readonly applyMaxToMarket: boolean;
}

export interface TrailingDeltaFilter {
  readonly minAboveBps: number;
  readonly maxAboveBps: number;
  readonly minBelowBps: number;
  readonly maxBelowBps: number;
}

export interface Instrument {
  readonly symbol: SymbolId;
  readonly base: AssetId;
  readonly quote: AssetId;
  readonly status: 'TRADING' | 'CANCEL_ONLY' | 'HALTED';
  /** Binance order types that the venue lists for this symbol, as LIMIT, LIMIT_MAKER, MARKET. */
  readonly orderTypes: ReadonlySet<string>;
  readonly tick: Price;
  readonly minPrice: Price;
  readonly maxPrice: Price;
  readonly lot: LotFilter;
  readonly marketLot: LotFilter | undefined;
  readonly percentPrice: PercentPriceFilter | undefined;
  readonly notional: NotionalFilter | undefined;
  readonly maxOrders: number | undefined;
  readonly maxAlgoOrders: number | undefined;
  readonly maxOrderLists: number | undefined;
  readonly maxPositionQty: Qty | undefined;
  /** TRAILING_DELTA in basis points; for a stop below the market the "below" part counts (sell stop), above it the "above" part. */
  readonly trailingDelta: TrailingDeltaFilter | undefined;
  /** Taker and maker fee as fractions, as 0.001. */
  readonly takerFee: Decimal;
  readonly makerFee: Decimal;
}
