// The life of orders after they were accepted: funds set aside, fills paid, endings, order lists, and every user event on the way.
// Must keep the ledger closed: what an account gains or loses, the house, a counterparty or the fee account loses or gains.
import type { Account } from './account.ts';
import { commissionOf } from './fees.ts';
import type { Market } from './market.ts';
import { Changes } from './records.ts';
import type { NextIds } from './state.ts';
import { isContingent, isMarket, isOpen, remainingLots, type Order, type OrderList } from './order.ts';
import { accountPosition, executionReport, listStatus, type ExecutionDetail } from './reports.ts';
import type { CoreEvent, ExpiryReason, UserPayload } from './types.ts';
import { UNITS_BIG, formatBig } from './units.ts';

/** Own trade ids come from a range of their own, so that they never collide with those of a recording. */
const FIRST_OWN_TRADE_ID = 1_000_000_000_001;

export interface FillTerms {
  readonly lots: number;
  readonly ticks: number;
  readonly isMaker: boolean;
  readonly tradeId: number;
  /** The other side is the feed's liquidity, not another order. */
  readonly withHouse: boolean;
}

export interface Ending {
  readonly status: 'CANCELED' | 'EXPIRED' | 'EXPIRED_IN_MATCH';
  readonly reason?: ExpiryReason;
  readonly cancelClientOrderId?: string;
  readonly rejectReason?: string;
  readonly prevention?: NonNullable<ExecutionDetail['prevention']>;
}

export class Desk {
  /** The newest time that the core was told. */
  nowMs: number;
  /** What the house gained (negative: gave) and what fees came in, per asset in units of 1e-8. */
  readonly house = new Map<string, bigint>();
  readonly fees = new Map<string, bigint>();
  /** Lists whose working order has filled: their pending orders are placed when the current match is over. */
  readonly due: OrderList[] = [];
  /** What the running operation has changed of what outlives the exchange. */
  readonly changes = new Changes();
  readonly #markets: ReadonlyMap<string, Market>;
  readonly #emit: (event: CoreEvent) => void;
  readonly #touched = new Set<Account>();
  #nextTradeId = FIRST_OWN_TRADE_ID;
  #nextExecutionId = 1;
  #nextPreventionId = 1;

  constructor(markets: ReadonlyMap<string, Market>, emit: (event: CoreEvent) => void, nowMs: number) {
    this.#markets = markets;
    this.#emit = emit;
    this.nowMs = nowMs;
  }

  get nextIds(): Pick<NextIds, 'trade' | 'execution' | 'prevention'> {
    return { trade: this.#nextTradeId, execution: this.#nextExecutionId, prevention: this.#nextPreventionId };
  }

  set nextIds(next: Pick<NextIds, 'trade' | 'execution' | 'prevention'>) {
    this.#nextTradeId = next.trade;
    this.#nextExecutionId = next.execution;
    this.#nextPreventionId = next.prevention;
  }

  drawTradeId(): number {
    return this.#nextTradeId++;
  }

  drawPreventionId(): number {
    return this.#nextPreventionId++;
  }

  marketOf(order: Order): Market {
    const market = this.#markets.get(order.instrument.symbol);
    if (market === undefined) throw new Error(`order ${order.id} is on an unknown symbol`);
    return market;
  }

  /** Sets funds aside for the order (and for the legs that share its hold). False, and nothing done, when they are not there. */
  reserve(order: Order): boolean {
    const units = requiredHold(order);
    const { account, hold } = order;
    if (account.free(hold.asset) < units) return false;
    if (units > 0n) this.#change(account, hold.asset, -units, units);
    hold.units = units;
    return true;
  }

  /** The exchange knows the order from now on. */
  open(order: Order): void {
    order.account.opened(order);
    this.report(order, { x: 'NEW' });
  }

  report(order: Order, detail: Omit<ExecutionDetail, 'executionId'>): void {
    this.changes.orders.add(order);
    const payload = executionReport(order, { ...detail, executionId: this.#nextExecutionId++ }, this.nowMs);
    this.#send(order.account, payload);
  }

  openList(list: OrderList): void {
    list.account.openedList(list);
    this.changes.lists.add(list);
    this.#send(list.account, listStatus(list, this.nowMs));
  }

  /** Applies one fill to one side: balances, commission, the order, its list, the report. */
  fill(order: Order, terms: FillTerms): void {
    this.beginExecution(order);
    const { instrument, account } = order;
    const quoteUnits = instrument.notional(terms.ticks, terms.lots);
    const baseUnits = instrument.baseUnits(terms.lots);
    order.execLots += terms.lots;
    order.quoteUnits += quoteUnits;
    order.updatedMs = this.nowMs;
    order.status = remainingLots(order) === 0 ? 'FILLED' : 'PARTIALLY_FILLED';

    const buys = order.side === 'BUY';
    this.#pay(order, buys ? quoteUnits : baseUnits);
    this.#change(account, buys ? instrument.base : instrument.quote, buys ? baseUnits : quoteUnits, 0n);
    if (terms.withHouse) {
      add(this.house, instrument.quote, buys ? quoteUnits : -quoteUnits);
      add(this.house, instrument.base, buys ? -baseUnits : baseUnits);
    }
    const amounts = { side: order.side, isMaker: terms.isMaker, baseUnits, quoteUnits };
    const commission = commissionOf(account, instrument, amounts, this.#bnbPriceUnits(instrument.quote));
    this.#change(account, commission.asset, -commission.units, 0n);
    add(this.fees, commission.asset, commission.units);
    this.#recordTrade(order, terms, formatBig(commission.units), commission.asset);
    if (order.status === 'FILLED') this.#close(order);
  }

  #recordTrade(order: Order, terms: FillTerms, commission: string, commissionAsset: string): void {
    const { instrument } = order;
    const { tradeId, lots, ticks, isMaker } = terms;
    const [price, qty] = [instrument.priceText(ticks), instrument.qtyText(lots)];
    if (!isMaker) order.fills.push({ price, qty, commission, commissionAsset, tradeId });
    const trade = {
      symbol: instrument.symbol,
      id: tradeId,
      orderId: order.id,
      orderListId: order.list?.id ?? -1,
      price,
      qty,
      quoteQty: formatBig(instrument.notional(ticks, lots)),
      commission,
      commissionAsset,
      time: this.nowMs,
      isBuyer: order.side === 'BUY',
      isMaker,
      isBestMatch: true,
    };
    order.account.traded(instrument.symbol, trade);
    this.changes.trades.push({ account: order.account.id, trade });
    this.report(order, { x: 'TRADE', trade: { id: tradeId, lots, ticks, isMaker, commission, commissionAsset } });
  }

  /** An order that executes or triggers ends the leg that it shares an OCO with. */
  beginExecution(order: Order): void {
    for (const leg of order.list?.orders ?? []) {
      if (leg !== order && leg.hold === order.hold && isOpen(leg)) this.end(leg, { status: 'EXPIRED', reason: 'OCO_TRIGGER' });
    }
  }

  /** Ends an open order that will not fill further, gives its funds back and lets its list follow. */
  end(order: Order, ending: Ending): void {
    if (!isOpen(order)) return;
    order.status = ending.status;
    order.updatedMs = this.nowMs;
    order.expiryReason = ending.reason;
    if (ending.prevention !== undefined) {
      order.prevented = { matchId: ending.prevention.matchId, lots: remainingLots(order) };
    }
    this.#pay(order, 0n);
    const { cancelClientOrderId, rejectReason, prevention } = ending;
    this.report(order, {
      x: ending.status === 'EXPIRED_IN_MATCH' ? 'TRADE_PREVENTION' : ending.status,
      ...(cancelClientOrderId !== undefined && { cancelClientOrderId }),
      ...(rejectReason !== undefined && { rejectReason }),
      ...(prevention !== undefined && { prevention }),
    });
    this.#close(order, ending);
  }

  /** Emits the balances that changed; every public operation of the core ends with this. */
  flush(): void {
    for (const account of this.#touched) this.#send(account, accountPosition(account, this.nowMs));
    for (const account of this.#touched) account.touched.clear();
    this.#touched.clear();
  }

  /** A change from outside the exchange. Emits balanceUpdate. */
  transfer(account: Account, asset: string, units: bigint): void {
    this.#change(account, asset, units, 0n);
    this.#send(account, { e: 'balanceUpdate', E: this.nowMs, a: asset, d: formatBig(units), T: this.nowMs });
  }

  /** Takes the order off every book; its list goes on, ends with it, or places its pending orders. */
  #close(order: Order, ending?: Ending): void {
    const market = this.marketOf(order);
    market.among(order.side).own.remove(order);
    market.waiting.delete(order);
    order.account.closed(order);
    if (order.list !== undefined) this.#followList(order.list, order, ending);
  }

  #followList(list: OrderList, order: Order, ending: Ending | undefined): void {
    if (list.done) return;
    const isWorking = list.contingency === 'OTO' && list.orders[0] === order;
    if (isWorking && ending === undefined) {
      this.due.push(list);
      return;
    }
    if (ending !== undefined && ending.reason !== 'OCO_TRIGGER' && ending.reason !== 'OTO_PHASE_ONE_EXPIRED') {
      const { cancelClientOrderId } = ending;
      const follow: Ending =
        ending.status === 'CANCELED'
          ? { status: 'CANCELED', ...(cancelClientOrderId !== undefined && { cancelClientOrderId }) }
          : { status: 'EXPIRED', reason: isWorking ? 'OTO_PHASE_ONE_EXPIRED' : 'OCO_TRIGGER' };
      for (const other of list.orders) this.end(other, follow);
    }
    if (list.done || list.orders.some(isOpen)) return;
    list.done = true;
    list.updatedMs = this.nowMs;
    list.account.closedList(list);
    this.changes.lists.add(list);
    this.#send(list.account, listStatus(list, this.nowMs));
  }

  /** Takes a cost out of the order's hold, then out of free funds, and gives back what the hold no longer needs. */
  #pay(order: Order, costUnits: bigint): void {
    const { hold, account } = order;
    const released = hold.units - requiredHold(order);
    hold.units -= released;
    if (released !== 0n || costUnits !== 0n) this.#change(account, hold.asset, released - costUnits, -released);
  }

  #change(account: Account, asset: string, freeDelta: bigint, lockedDelta: bigint): void {
    account.change(asset, freeDelta, lockedDelta);
    account.updatedMs = this.nowMs;
    this.#touched.add(account);
    this.changes.accounts.add(account);
  }

  #bnbPriceUnits(quote: string): bigint | undefined {
    if (quote === 'BNB') return UNITS_BIG;
    const bnb = this.#markets.get(`BNB${quote}`);
    const last = bnb?.tape.last;
    return bnb === undefined || last === undefined ? undefined : BigInt(last.ticks * bnb.instrument.tickUnits);
  }

  #send(account: Account, payload: UserPayload): void {
    this.#emit({ kind: 'user', account: account.id, payload });
  }
}

/** What the open, placed orders that share a hold may still cost: the dearest of them, for only one of them can execute. */
export function requiredHold(order: Order): bigint {
  const sharing = order.list === undefined ? [order] : order.list.orders.filter((other) => other.hold === order.hold);
  let most = 0n;
  for (const each of sharing) {
    const need = isOpen(each) && each.status !== 'PENDING_NEW' ? needOf(each) : 0n;
    if (need > most) most = need;
  }
  return most;
}

function needOf(order: Order): bigint {
  const { instrument } = order;
  if (order.type === 'MARKET' || (order.triggered && isMarket(order.type) && isContingent(order.type) && order.side === 'BUY')) return 0n;
  return order.side === 'BUY' ? instrument.notional(order.holdTicks, remainingLots(order)) : instrument.baseUnits(remainingLots(order));
}

function add(ledger: Map<string, bigint>, asset: string, units: bigint): void {
  ledger.set(asset, (ledger.get(asset) ?? 0n) + units);
}
