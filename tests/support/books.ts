// The auditor's own bookkeeping: positions at average cost, realised profit, fees, from the trades in the order in which they were
// counted. It shares no code with the engine.
import { Decimal } from '../../src-shared/domain/decimal.ts';

export interface BookedTrade {
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly price: string;
  readonly qty: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly feeUsdt: string | null;
}

interface Holding {
  qty: Decimal;
  costUsdt: Decimal;
}

const baseOf = (symbol: string): string => symbol.slice(0, -'USDT'.length);

export class Books {
  readonly holdings = new Map<string, Holding>();
  realisedUsdt = new Decimal(0);
  feesUsdt = new Decimal(0);

  private holding(base: string): Holding {
    const known = this.holdings.get(base) ?? { qty: new Decimal(0), costUsdt: new Decimal(0) };
    this.holdings.set(base, known);
    return known;
  }

  /** Takes a part out of a holding and gives back what it had cost. */
  private take(base: string, qty: Decimal): { readonly qty: Decimal; readonly costUsdt: Decimal } {
    const held = this.holding(base);
    const taken = Decimal.min(held.qty, qty);
    const costUsdt = held.qty.isZero() ? new Decimal(0) : held.costUsdt.times(taken).div(held.qty);
    held.qty = held.qty.minus(taken);
    held.costUsdt = held.qty.isZero() ? new Decimal(0) : held.costUsdt.minus(costUsdt);
    return { qty: taken, costUsdt };
  }

  trade({ symbol, side, price, qty, fee, feeAsset, feeUsdt }: BookedTrade): void {
    const base = baseOf(symbol);
    const worth = new Decimal(feeUsdt ?? 0);
    const isInside = side === 'BUY' && feeAsset === base;
    this.feesUsdt = this.feesUsdt.plus(worth);
    if (side === 'BUY') {
      const held = this.holding(base);
      held.qty = held.qty.plus(qty).minus(isInside ? fee : 0);
      held.costUsdt = held.costUsdt.plus(new Decimal(qty).times(price)).plus(isInside ? 0 : worth);
    } else {
      // What is sold beyond the holding was never bought here: it makes no profit.
      const sold = this.take(base, new Decimal(qty));
      const gain = sold.qty.times(price).minus(worth.times(sold.qty).div(qty)).minus(sold.costUsdt);
      this.realisedUsdt = this.realisedUsdt.plus(gain);
    }
    if (isInside || new Decimal(fee).isZero() || (this.holdings.get(feeAsset)?.qty.isZero() ?? true)) return;
    const paid = this.take(feeAsset, new Decimal(fee));
    this.realisedUsdt = this.realisedUsdt.plus(worth.times(paid.qty).div(fee)).minus(paid.costUsdt);
  }

  /** What is not there any more was not sold here: it takes its cost along and makes no profit. */
  cut(symbol: string, toQty: string): void {
    const base = baseOf(symbol);
    this.take(base, this.holding(base).qty.minus(toQty));
  }
}
