// A symbol's assets. The quote is USDT everywhere in this version; the name says the base, so that a replay needs no exchange info.
import type { AssetId, SymbolId } from '../../src-shared/domain/ids.ts';

export const USDT = 'USDT' as AssetId;

/** `BTC` of `BTCUSDT`. */
export const baseOf = (symbol: SymbolId): AssetId => (symbol.endsWith(USDT) ? symbol.slice(0, -USDT.length) : symbol) as AssetId;
/** `BTCUSDT` of `BTC`. */
export const symbolOf = (base: AssetId): SymbolId => `${base}${USDT}` as SymbolId;
