// The auditor's own look at exposure (REQUIREMENTS C7, C14): with an opening, what stands in its symbol and in all is within the policy's
// shares of the account, by the exchange's own orders and balances and by positions that are kept here.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { Fact, IntendedOrder } from '../../src-main/engine/facts.ts';
import { Books } from './books.ts';
import { claim } from './claim.ts';
import { ACCOUNT } from './sim-wire.ts';
import type { Sim } from './sim.ts';

/** Marks, balances and trades that the engine judged on may be seconds old: so much more than allowed is no breach yet. */
const OLD_NEWS = 1.1;

export class ExposureAudit {
  private readonly sim: Sim;
  private exposure: Policy['exposure'] | null = null;
  private books = new Books();

  constructor(sim: Sim) {
    this.sim = sim;
  }

  onFact(fact: Fact): void {
    if (fact.kind === 'policy.adopted') this.exposure = fact.policy.exposure;
    else if (fact.kind === 'order.filled') this.books.trade(fact);
    else if (fact.kind === 'position.corrected') this.books.cut(fact.symbol, fact.qty);
    else if (fact.kind === 'venue.reset') this.books = new Books();
  }

  /** A buy that is worth so much is decided. */
  onOpening(
    { clientOrderId, symbol, replaces }: IntendedOrder,
    valueUsdt: Decimal,
    unbooked: ReadonlyMap<string, readonly Decimal[]>,
  ): void {
    if (this.exposure === null) return claim(false, `C7: ${clientOrderId} is decided without a policy`);
    const { maxPositionPct, maxSymbolPct, maxTotalPct, maxPositionValueUsdt } = this.exposure;
    const base = symbol.slice(0, -'USDT'.length);
    const standing = (asset: string): Decimal =>
      (this.books.holdings.get(asset)?.qty ?? new Decimal(0)).times(this.mark(asset)).plus(this.openBuys(`${asset}USDT`, replaces));
    const inSymbol = standing(base).plus(valueUsdt);
    const others = [...this.books.holdings.keys()].filter((asset) => asset !== base);
    const inAll = others.reduce((sum, asset) => sum.plus(standing(asset)), inSymbol);
    const equity = this.equity(unbooked);
    const within = (usdt: Decimal, mostUsdt: Decimal, what: string): void =>
      claim(
        usdt.lte(mostUsdt.times(OLD_NEWS)),
        `C7: with ${clientOrderId} ${usdt.toFixed(2)} USDT stand in ${what}, and ${mostUsdt.toFixed(2)} may`,
      );
    within(inSymbol, equity.times(maxPositionPct).div(100), symbol);
    within(inSymbol, equity.times(maxSymbolPct).div(100), symbol);
    within(inSymbol, new Decimal(maxPositionValueUsdt), symbol);
    within(inAll, equity.times(maxTotalPct).div(100), 'all');
  }

  private mark(asset: string): Decimal {
    if (asset === 'USDT') return new Decimal(1);
    const { bidPrice, askPrice } = this.sim.core.bookTicker(`${asset}USDT`);
    return new Decimal(bidPrice).plus(askPrice).div(2);
  }

  /** Single limit buys of the console's own, as the exchange has them: no more than it must have counted. */
  private openBuys(symbol: string, without: string | undefined): Decimal {
    return this.sim.core
      .openOrders(ACCOUNT, symbol)
      .filter(({ side, type, orderListId, clientOrderId }) => {
        return side === 'BUY' && type === 'LIMIT' && orderListId === -1 && clientOrderId.startsWith('hf-') && clientOrderId !== without;
      })
      .reduce((sum, { price, origQty, executedQty }) => sum.plus(new Decimal(origQty).minus(executedQty).times(price)), new Decimal(0));
  }

  /** With or without what came or went and is not booked yet: the larger, because the console may not have heard of it. */
  private equity(unbooked: ReadonlyMap<string, readonly Decimal[]>): Decimal {
    let [all, told] = [new Decimal(0), new Decimal(0)];
    for (const { asset, free, locked } of this.sim.core.account(ACCOUNT).balances) {
      const held = new Decimal(free).plus(locked);
      const untold = (unbooked.get(asset) ?? []).reduce((sum, one) => sum.plus(one), new Decimal(0));
      all = all.plus(held.times(this.mark(asset)));
      told = told.plus(held.minus(untold).times(this.mark(asset)));
    }
    return Decimal.max(all, told);
  }
}
