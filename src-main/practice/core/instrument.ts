// One tradable symbol: its filters as scaled integers, and the conversions between text, units (1e-8), ticks and lots.
// Must never round: text that is not on the grid is the filters' business, feeds off the grid are refused.
import { UNITS, formatUnits, mustParseUnits } from './units.ts';
import type { InstrumentSpec, SymbolStatus } from './types.ts';

export class Instrument {
  readonly spec: InstrumentSpec;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  status: SymbolStatus = 'TRADING';
  /** Units of price in one tick, units of quantity in one lot. */
  readonly tickUnits: number;
  readonly lotUnits: number;
  /** Units of the quote asset that one lot costs at a price of one tick: an integer, so that every notional is exact. */
  readonly quotePerTickLot: number;
  readonly minPriceUnits: number;
  readonly maxPriceUnits: number;
  readonly minLotUnits: number;
  readonly maxLotUnits: number;
  readonly marketLot: { readonly min: number; readonly max: number; readonly step: number };
  readonly minNotional: bigint;
  readonly maxNotional: bigint;
  /** Multipliers in 1e-8. */
  readonly percent: { readonly bidUp: bigint; readonly bidDown: bigint; readonly askUp: bigint; readonly askDown: bigint };
  readonly maxPositionUnits: bigint | undefined;

  /** Throws RangeError when tick × step is finer than 1e-8 of the quote asset: notionals could not be exact. */
  constructor(spec: InstrumentSpec) {
    this.spec = spec;
    this.symbol = spec.symbol;
    this.base = spec.baseAsset;
    this.quote = spec.quoteAsset;
    this.tickUnits = mustParseUnits(spec.price.tick);
    this.lotUnits = mustParseUnits(spec.lot.step);
    const product = this.tickUnits * this.lotUnits;
    if (product === 0 || product % UNITS !== 0) throw new RangeError(`${spec.symbol}: tick × step must be a multiple of 0.00000001`);
    this.quotePerTickLot = product / UNITS;
    this.minPriceUnits = mustParseUnits(spec.price.min);
    this.maxPriceUnits = mustParseUnits(spec.price.max);
    this.minLotUnits = mustParseUnits(spec.lot.min);
    this.maxLotUnits = mustParseUnits(spec.lot.max);
    const market = spec.marketLot;
    this.marketLot = { min: mustParseUnits(market.min), max: mustParseUnits(market.max), step: mustParseUnits(market.step) };
    this.minNotional = BigInt(mustParseUnits(spec.notional.min));
    this.maxNotional = BigInt(mustParseUnits(spec.notional.max));
    const percent = spec.percentPriceBySide;
    this.percent = {
      bidUp: BigInt(mustParseUnits(percent.bidUp)),
      bidDown: BigInt(mustParseUnits(percent.bidDown)),
      askUp: BigInt(mustParseUnits(percent.askUp)),
      askDown: BigInt(mustParseUnits(percent.askDown)),
    };
    this.maxPositionUnits = spec.maxPosition === undefined ? undefined : BigInt(mustParseUnits(spec.maxPosition));
  }

  /** Throws RangeError off the tick grid. */
  ticks(price: string): number {
    const units = mustParseUnits(price);
    if (units % this.tickUnits !== 0) throw new RangeError(`${price} is off ${this.symbol}'s tick of ${this.spec.price.tick}`);
    return units / this.tickUnits;
  }

  priceText(ticks: number): string {
    return formatUnits(ticks * this.tickUnits);
  }

  qtyText(lots: number): string {
    return formatUnits(lots * this.lotUnits);
  }

  /** Units of the quote asset. */
  notional(ticks: number, lots: number): bigint {
    return BigInt(ticks * this.quotePerTickLot) * BigInt(lots);
  }

  /** Units of the base asset. */
  baseUnits(lots: number): bigint {
    return BigInt(lots) * BigInt(this.lotUnits);
  }
}
