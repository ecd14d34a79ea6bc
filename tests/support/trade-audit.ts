// An independent recount of a trading session: profit and loss out of the exchange's own trades, and every limit again at every
// decision out of the journal's facts. It knows no code of engine, gate or money: exact fractions and the rules' own sentences.
import type { AccountTrade } from '../../src-main/practice/core/types.ts';
import type { Fact, SequencedFact } from '../../src-main/engine/facts.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import { Exact } from './exact.ts';

const of = (text: string): Exact => Exact.of(text);
const assetOf = (symbol: string): string => symbol.replace(/USDT$/, '');

interface Holding {
  readonly qty: Exact;
  /** What it cost in USDT, fees included. */
  readonly cost: Exact;
}
const NOTHING: Holding = { qty: Exact.ZERO, cost: Exact.ZERO };

export interface Recount {
  readonly realised: Exact;
  readonly fees: Exact;
  /** By symbol; what was closed to the last digit is gone. */
  readonly holdings: ReadonlyMap<string, Holding>;
  /** What trading changed in each asset. */
  readonly flows: ReadonlyMap<string, Exact>;
}

/** Average cost, net of fees, out of the exchange's trades alone (REQUIREMENTS B3). */
export const recount = (trades: readonly AccountTrade[]): Recount => {
  const holdings = new Map<string, Holding>();
  const flows = new Map<string, Exact>();
  let realised = Exact.ZERO;
  let fees = Exact.ZERO;
  const flow = (asset: string, amount: Exact): void => void flows.set(asset, (flows.get(asset) ?? Exact.ZERO).plus(amount));
  for (const trade of trades.toSorted((a, b) => a.time - b.time || a.id - b.id)) {
    const { symbol, isBuyer, commissionAsset } = trade;
    const [price, qty, fee] = [of(trade.price), of(trade.qty), of(trade.commission)];
    const [base, value] = [assetOf(symbol), price.times(qty)];
    if (commissionAsset !== (isBuyer ? base : 'USDT')) throw new Error(`a fee in ${commissionAsset} is not part of this recount`);
    const held = holdings.get(symbol) ?? NOTHING;
    fees = fees.plus(isBuyer ? fee.times(price) : fee);
    flow(commissionAsset, Exact.ZERO.minus(fee));
    flow(base, isBuyer ? qty : Exact.ZERO.minus(qty));
    flow('USDT', isBuyer ? Exact.ZERO.minus(value) : value);
    if (isBuyer) {
      holdings.set(symbol, { qty: held.qty.plus(qty).minus(fee), cost: held.cost.plus(value) });
      continue;
    }
    if (qty.isAbove(held.qty)) throw new Error(`trade ${trade.id} of ${symbol} sells more than was bought`);
    const cost = held.cost.times(qty).over(held.qty);
    realised = realised.plus(value).minus(fee).minus(cost);
    if (qty.equals(held.qty)) holdings.delete(symbol);
    else holdings.set(symbol, { qty: held.qty.minus(qty), cost: held.cost.minus(cost) });
  }
  return { realised, fees, holdings, flows };
};

type Intended = Extract<Fact, { kind: 'order.intended' }>;

/** What the auditor keeps of the facts so far; all of it counted by itself. */
class Ledger {
  readonly #policy: Policy;
  readonly breaches: string[] = [];
  readonly #open = new Map<string, Intended['order']>();
  readonly #filled = new Map<string, Exact>();
  readonly #held = new Map<string, Exact>();
  readonly #marks = new Map<string, Exact>();
  readonly #intents: { readonly symbol: string; readonly atMs: number }[] = [];
  #cash = Exact.ZERO;
  #openingEquity = Exact.ZERO;
  readonly #traded = new Set<string>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  take({ seq, atMs, fact }: SequencedFact): void {
    switch (fact.kind) {
      case 'day.opened':
        if (this.#openingEquity.isZero) this.#cash = of(fact.equityUsdt);
        this.#openingEquity = of(fact.equityUsdt);
        this.#traded.clear();
        break;
      case 'order.intended':
        this.#judge(seq, atMs, fact);
        this.#open.set(fact.order.clientOrderId, fact.order);
        this.#intents.push({ symbol: fact.order.symbol, atMs });
        break;
      case 'order.filled': {
        const [price, qty, fee] = [of(fact.price), of(fact.qty), of(fact.fee)];
        const buys = fact.side === 'BUY';
        const held = this.#held.get(fact.symbol) ?? Exact.ZERO;
        this.#held.set(fact.symbol, buys ? held.plus(qty).minus(fee) : held.minus(qty));
        this.#cash = buys ? this.#cash.minus(price.times(qty)) : this.#cash.plus(price.times(qty)).minus(fee);
        this.#filled.set(fact.clientOrderId, (this.#filled.get(fact.clientOrderId) ?? Exact.ZERO).plus(qty));
        this.#traded.add(fact.clientOrderId);
        break;
      }
      case 'order.ended':
      case 'order.rejected':
        this.#open.delete(fact.clientOrderId);
        break;
      case 'order.adopted':
        this.breaches.push(`fact ${seq}: an order from elsewhere`);
        break;
      default:
        break;
    }
  }

  #judge(seq: number, atMs: number, { order, quote }: Intended): void {
    const { limits, exposure } = this.#policy;
    const [bid, ask] = [of(quote.bid), of(quote.ask)];
    const mid = bid.plus(ask).over(of('2'));
    this.#marks.set(order.symbol, mid);
    const at = order.price === undefined ? (order.side === 'BUY' ? ask : bid) : of(order.price);
    const value = order.quoteQty === undefined ? of(order.qty ?? '0').times(at) : of(order.quoteQty);
    const say = (rule: string, broken: boolean): void => {
      if (broken) this.breaches.push(`fact ${seq} (${order.side} ${order.symbol}): ${rule}`);
    };
    const above = (a: Exact, b: string): boolean => a.isAbove(of(b));
    say('C2 price within the deviation', above(at.minus(mid).abs().times(of('100')).over(mid), limits.maxPriceDeviationPct));
    say('C11 quote age', quote.ageMs < 0 || quote.ageMs > limits.maxQuoteAgeMs);
    this.#judgePace(say, order.symbol, atMs);
    const left = this.#leftOf(order.symbol, 'SELL');
    const held = this.#held.get(order.symbol) ?? Exact.ZERO;
    if (order.side === 'SELL') return say('never sells more than the position', left.plus(of(order.qty ?? '0')).isAbove(held));
    say('C1 order value', above(value, limits.maxOrderNotionalUsdt) || above(of(order.reservedUsdt), limits.maxOrderNotionalUsdt));
    say('C1 opening value', of(limits.minOpeningNotionalUsdt).isAbove(value));
    const after = held.plus(this.#leftOf(order.symbol, 'BUY')).times(mid).plus(value);
    say('C7 position value', above(after, exposure.maxPositionValueUsdt));
    say('C3 balance', value.isAbove(this.#cash));
    say('C5 daily trades', this.#traded.size + this.#unfilled() + 1 > limits.maxDailyTrades);
    say('C6 positions', this.#positions(order.symbol) > limits.maxPositions);
    const loss = this.#openingEquity.minus(this.#equity());
    say(
      'C4 daily loss',
      above(loss, limits.maxDailyLossUsdt) || above(loss.times(of('100')).over(this.#openingEquity), limits.maxDailyLossPct),
    );
  }

  #judgePace(say: (rule: string, broken: boolean) => void, symbol: string, atMs: number): void {
    const { maxOrdersPerSecond, minSymbolIntervalMs } = this.#policy.limits;
    const lastSecond = this.#intents.filter((one) => atMs - one.atMs < 1000).length;
    say('C10 orders a second', lastSecond + 1 > maxOrdersPerSecond);
    const before = this.#intents.findLast((one) => one.symbol === symbol);
    say('C10 time between orders of a symbol', before !== undefined && atMs - before.atMs < minSymbolIntervalMs);
  }

  #leftOf(symbol: string, side: 'BUY' | 'SELL'): Exact {
    const open = [...this.#open.values()].filter((order) => order.symbol === symbol && order.side === side && order.qty !== undefined);
    return Exact.sum(open.map((order) => of(order.qty ?? '0').minus(this.#filled.get(order.clientOrderId) ?? Exact.ZERO)));
  }

  #unfilled(): number {
    return [...this.#open.keys()].filter((id) => !this.#filled.has(id)).length;
  }

  /** Symbols held or being bought, with this one; what is worth less than any order is dust. */
  #positions(symbol: string): number {
    const worth = (each: string): Exact => (this.#held.get(each) ?? Exact.ZERO).times(this.#marks.get(each) ?? Exact.ZERO);
    const held = [...this.#held.keys()].filter((each) => worth(each).isAbove(of('5')));
    const buying = [...this.#open.values()].filter((order) => order.side === 'BUY').map((order) => order.symbol as string);
    return new Set([...held, ...buying, symbol]).size;
  }

  #equity(): Exact {
    return Exact.sum([...this.#held].map(([symbol, qty]) => qty.times(this.#marks.get(symbol) ?? Exact.ZERO))).plus(this.#cash);
  }
}

/** Every limit that a decision in the journal went past, in words; empty when none did. For a session that began with nothing held. */
export const breachesOf = (facts: readonly SequencedFact[], policy: Policy): readonly string[] => {
  const ledger = new Ledger(policy);
  for (const fact of facts) ledger.take(fact);
  return ledger.breaches;
};
