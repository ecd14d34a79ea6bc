// Names that must not be mixed up, and the client order id: the journal sequence of the order's intent in a fixed format, so that
// every order on the venue leads back to its fact (DESIGN 5).

declare const id: unique symbol;
/** Binance's symbol, as `BTCUSDT`. */
export type SymbolId = string & { readonly [id]: 'symbol' };
/** An asset, as `BTC`. */
export type AssetId = string & { readonly [id]: 'asset' };
export type ClientOrderId = string & { readonly [id]: 'clientOrderId' };
export type VenueOrderId = string & { readonly [id]: 'venueOrderId' };
/** The venue's trade id, unique within a symbol. */
export type TradeId = string & { readonly [id]: 'tradeId' };
/** Six characters drawn once for a journal: tells this journal's orders from another console's on the same account. */
export type JournalTag = string & { readonly [id]: 'journalTag' };

/** `hf-<tag>-<sequence>`, 22 characters of Binance's 36 (`^[a-zA-Z0-9-_]{1,36}$`). Throws RangeError outside 1…999 999 999 999. */
export const clientOrderIdOf = (tag: JournalTag, intentSeq: number): ClientOrderId => {
  if (!Number.isSafeInteger(intentSeq) || intentSeq < 1 || intentSeq > 999_999_999_999) throw new RangeError('No such journal sequence');
  return `hf-${tag}-${String(intentSeq).padStart(12, '0')}` as ClientOrderId;
};

/** The id of one order of a list: the list's own id and the order's place in it, 1 … 3. */
export const legIdOf = (listId: ClientOrderId, place: number): ClientOrderId => `${listId}-${place}` as ClientOrderId;
