// Commissions: the rate on what was received, or in BNB at a discount while the free BNB suffices (faqs/commission_faq.md).
// Rounded down to 1e-8 in the trader's favour. Pure: paying is the desk's.
import type { Account } from './account.ts';
import type { Instrument } from './instrument.ts';
import type { Side } from './types.ts';
import { UNITS_BIG } from './units.ts';

export interface Commission {
  readonly asset: string;
  readonly units: bigint;
}

const BNB = 'BNB';
/** BNB pays 75 % of the rate. */
const BNB_PERCENT = 75n;

/** `bnbPriceUnits`: one BNB in the symbol's quote asset, in 1e-8; undefined where the exchange has no such price. */
export function commissionOf(
  account: Account,
  instrument: Instrument,
  fill: { readonly side: Side; readonly isMaker: boolean; readonly baseUnits: bigint; readonly quoteUnits: bigint },
  bnbPriceUnits: bigint | undefined,
): Commission {
  const rate = BigInt(fill.isMaker ? account.makerRate : account.takerRate);
  if (account.bnbDiscount && bnbPriceUnits !== undefined) {
    const units = (fill.quoteUnits * rate * BNB_PERCENT) / (100n * bnbPriceUnits);
    if (account.free(BNB) >= units) return { asset: BNB, units };
  }
  const received =
    fill.side === 'BUY' ? { asset: instrument.base, units: fill.baseUnits } : { asset: instrument.quote, units: fill.quoteUnits };
  return { asset: received.asset, units: (received.units * rate) / UNITS_BIG };
}
