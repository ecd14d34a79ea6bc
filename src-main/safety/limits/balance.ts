// C3: the account can pay for it: fees included, locks taken out, orders that the venue has not locked yet counted in full. What the
// engine's own protection holds of the base is at hand for a person's sale: it is cancelled first.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { GateContext } from '../context.ts';
import { atMost, missing } from '../limit.ts';
import type { Limit } from '../limit.ts';

interface Cover {
  readonly inFlight: Decimal;
  readonly free: Decimal;
}

/** What of the base the sale may count on. */
const coverOfSale = ({ standing, picture: { inFlight } }: GateContext, free: Decimal): Cover => {
  const { unlockedBaseQty, unlockedProtectionQty, protectionQtyOfSymbol } = inFlight;
  if (standing !== 'order' || protectionQtyOfSymbol.isZero()) return { inFlight: unlockedBaseQty, free };
  // Of a protection that was only just sent the balance does not know yet: it locks nothing of the free base that we see.
  const locked = Decimal.max(0, protectionQtyOfSymbol.minus(unlockedProtectionQty));
  return { inFlight: unlockedBaseQty.minus(unlockedProtectionQty), free: free.plus(locked) };
};

export const balance: Limit = {
  id: 'C3.balance',
  title: 'Balance needed',
  unit: 'USDT',
  unitFor: ({ opens }) => (opens ? 'USDT' : 'base'),
  sense: 'at-most',
  scope: 'orders',
  formula:
    'in flight and not locked + worst value × (1 + fee) ≤ free quote; a sale: in flight and not locked + qty ≤ free base (and what protection holds of it)',
  advice: () => 'Make the order smaller, cancel an open order, or wait for the orders in flight.',
  measure: (context) => {
    const { picture, rules, opens, qty, worstUsdt, feeUsdt } = context;
    if (rules === null) return missing('the instrument');
    const { instrument } = rules;
    const free = picture.free(opens ? instrument.quote : instrument.base);
    if (free === null) return missing(`the balance of ${opens ? instrument.quote : instrument.base}`);
    const need = opens ? (feeUsdt === null ? null : worstUsdt?.plus(feeUsdt)) : qty;
    if (need === undefined || need === null) return missing('the best quote');
    const cover = opens ? { inFlight: picture.inFlight.unlockedQuoteUsdt, free } : coverOfSale(context, free);
    return atMost(cover.inFlight, cover.inFlight.isZero() ? need : cover.inFlight.plus(need), cover.free);
  },
};
