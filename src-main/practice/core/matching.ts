// The one matching model: own orders walk the house's ladder or queue behind it in price-time order, the feed's trades eat the
// queue ahead and then the orders, and a ladder that crosses a resting order fills it. Integers only: ticks and lots.
// House lots that an own order took are not there again until the feed refreshes their level (ladder.ts).
import type { Account } from './account.ts';
import type { Desk } from './desk.ts';
import type { Market } from './market.ts';
import {
  isBetterToTake,
  isContingent,
  isMarket,
  isOpen,
  opposite,
  reaches,
  remainingLots,
  triggersUpwards,
  type Order,
  type OrderList,
} from './order.ts';
import type { Side, StpMode } from './types.ts';
import { safeInteger } from './units.ts';

const BASIS_POINTS = 10_000;

export class Matching {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Sends an order that was accepted and funded into the market. */
  submit(order: Order): void {
    if (!isContingent(order.type)) {
      this.#execute(order);
      return;
    }
    if (order.trailingDelta > 0 && order.stopTicks === 0) order.trailingSinceMs = this.#desk.nowMs;
    this.#desk.marketOf(order).waiting.add(order);
  }

  /** A trade of the feed at this price: the aggressor sold (hitting buys) or bought (lifting sells). */
  feedTrade(market: Market, ticks: number, lots: number, aggressor: Side): void {
    const maker = opposite(aggressor);
    const { own } = market.among(maker);
    let budget = lots;
    for (let best = own.bestPrice(); budget > 0 && best !== 0 && reaches(aggressor, ticks, best); best = own.bestPrice()) {
      if (best === ticks) {
        this.#eatQueue(own.at(best), budget);
        break;
      }
      for (const order of own.at(best)) {
        const filled = Math.min(budget, remainingLots(order));
        this.#fillByHouse(order, filled, best);
        budget -= filled;
        if (budget === 0) break;
      }
    }
    this.#trigger(market, ticks);
  }

  /** The feed changed the ladder: own resting orders that it now crosses are taken, at their own price. */
  crossed(market: Market): void {
    for (const side of ['BUY', 'SELL'] as const) {
      const { own } = market.among(side);
      const { house } = market.against(side);
      for (let order = own.best(); order !== undefined; order = own.best()) {
        const against = house.bestPrice();
        if (against === 0 || !reaches(side, order.priceTicks, against)) break;
        const lots = Math.min(house.available(against), remainingLots(order));
        house.take(against, lots);
        this.#fillByHouse(order, lots, order.priceTicks);
      }
    }
  }

  /** Places the pending orders of lists whose working order has filled, until nothing is due. */
  settleLists(): void {
    for (let list = this.#desk.due.shift(); list !== undefined; list = this.#desk.due.shift()) this.#placePending(list);
  }

  /** The best price that an order of this side could take; 0 when there is none. */
  bestAgainst(market: Market, side: Side): number {
    const { house, own } = market.against(side);
    const housePrice = house.bestPrice();
    const ownPrice = own.bestPrice();
    if (housePrice === 0 || ownPrice === 0) return housePrice + ownPrice;
    return isBetterToTake(side, ownPrice, housePrice) ? ownPrice : housePrice;
  }

  wouldTake(market: Market, side: Side, limitTicks: number): boolean {
    const best = this.bestAgainst(market, side);
    return best !== 0 && reaches(side, limitTicks, best);
  }

  /** What an order could take up to its limit, best price first; orders that self-trade prevention would expire are left out. */
  *liquidity(
    market: Market,
    side: Side,
    limitTicks: number,
    account: Account,
    stp: StpMode,
  ): Generator<readonly [ticks: number, lots: number]> {
    const { house, own } = market.against(side);
    const houseLevels = house.takeable();
    const ownLevels = own.levels();
    let fromHouse = houseLevels.next();
    let fromOwn = ownLevels.next();
    while (!fromHouse.done || !fromOwn.done) {
      const takeOwn = fromHouse.done || (!fromOwn.done && !isBetterToTake(side, fromHouse.value[0], fromOwn.value[0]));
      if (takeOwn && !fromOwn.done) {
        const [ticks, orders] = fromOwn.value;
        if (!reaches(side, limitTicks, ticks)) return;
        let lots = 0;
        for (const order of orders) if (stp === 'NONE' || order.account !== account) lots += remainingLots(order);
        if (lots > 0) yield [ticks, lots];
        fromOwn = ownLevels.next();
      } else if (!fromHouse.done) {
        if (!reaches(side, limitTicks, fromHouse.value[0])) return;
        yield fromHouse.value;
        fromHouse = houseLevels.next();
      }
    }
  }

  #execute(order: Order): void {
    const market = this.#desk.marketOf(order);
    if (order.timeInForce === 'FOK' && !this.#fillableAtOnce(market, order)) {
      this.#desk.end(order, { status: 'EXPIRED', reason: 'UNFILLED_FOK_ORDER_EXPIRED' });
      return;
    }
    this.#take(market, order);
    if (!isOpen(order)) return;
    if (isMarket(order.type)) this.#desk.end(order, { status: 'EXPIRED', reason: 'INSUFFICIENT_LIQUIDITY' });
    else if (order.timeInForce === 'IOC') this.#desk.end(order, { status: 'EXPIRED', reason: 'UNFILLED_IOC_QUANTITY_EXPIRED' });
    else this.#rest(market, order);
  }

  #rest(market: Market, order: Order): void {
    const { house, own } = market.among(order.side);
    order.aheadLots = house.available(order.priceTicks);
    own.add(order);
  }

  #fillableAtOnce(market: Market, order: Order): boolean {
    let lots = 0;
    for (const level of this.liquidity(market, order.side, order.priceTicks, order.account, order.stp)) {
      lots += level[1];
      if (lots >= remainingLots(order)) return true;
    }
    return false;
  }

  #take(market: Market, taker: Order): void {
    for (;;) {
      if (!isOpen(taker)) return;
      const price = this.bestAgainst(market, taker.side);
      if (price === 0 || !reaches(taker.side, taker.priceTicks, price)) return;
      if (!this.#takeLevel(market, taker, price)) return;
    }
  }

  /** Everything at one price, in queue order. False when the taker's funds are used up. */
  #takeLevel(market: Market, taker: Order, price: number): boolean {
    const { house, own } = market.against(taker.side);
    const queue = own.at(price);
    let houseLeft = house.available(price);
    let houseTaken = 0;
    const takeHouse = (most: number) => {
      const lots = Math.min(most, houseLeft, affordableLots(taker, price));
      if (lots <= 0) return;
      houseLeft -= lots;
      houseTaken += lots;
      house.take(price, lots);
      this.#desk.fill(taker, { lots, ticks: price, isMaker: false, tradeId: this.#desk.drawTradeId(), withHouse: true });
    };
    for (const maker of queue) {
      takeHouse(maker.aheadLots - houseTaken);
      if (affordableLots(taker, price) === 0) break;
      if (maker.account === taker.account && taker.stp !== 'NONE') this.#preventSelfTrade(taker, maker, price);
      else this.#match(taker, maker, price);
    }
    takeHouse(Infinity);
    for (const maker of queue) maker.aheadLots = Math.max(0, maker.aheadLots - houseTaken);
    return !isOpen(taker) || affordableLots(taker, price) > 0;
  }

  #match(taker: Order, maker: Order, price: number): void {
    const lots = Math.min(affordableLots(taker, price), remainingLots(maker));
    const tradeId = this.#desk.drawTradeId();
    this.#desk.fill(maker, { lots, ticks: price, isMaker: true, tradeId, withHouse: false });
    this.#desk.fill(taker, { lots, ticks: price, isMaker: false, tradeId, withHouse: false });
  }

  /** faqs/stp_faq.md: the taker's mode decides. */
  #preventSelfTrade(taker: Order, maker: Order, ticks: number): void {
    const lots = Math.min(remainingLots(taker), remainingLots(maker));
    const matchId = this.#desk.drawPreventionId();
    const expire = (order: Order, counter: Order) =>
      this.#desk.end(order, { status: 'EXPIRED_IN_MATCH', prevention: { matchId, counterOrderId: counter.id, lots, ticks } });
    if (taker.stp !== 'EXPIRE_TAKER') expire(maker, taker);
    if (taker.stp !== 'EXPIRE_MAKER') expire(taker, maker);
  }

  /** A feed trade at the queue's own price: house lots ahead go first. */
  #eatQueue(queue: readonly Order[], lots: number): void {
    let budget = lots;
    let houseEaten = 0;
    for (const order of queue) {
      const ahead = Math.min(Math.max(0, order.aheadLots - houseEaten), budget);
      houseEaten += ahead;
      budget -= ahead;
      if (budget === 0) break;
      const filled = Math.min(budget, remainingLots(order));
      this.#fillByHouse(order, filled, order.priceTicks);
      budget -= filled;
    }
    for (const order of queue) order.aheadLots = Math.max(0, order.aheadLots - houseEaten);
  }

  #fillByHouse(order: Order, lots: number, ticks: number): void {
    this.#desk.fill(order, { lots, ticks, isMaker: true, tradeId: this.#desk.drawTradeId(), withHouse: true });
  }

  #trigger(market: Market, lastTicks: number): void {
    for (const order of market.waiting) {
      if (!isOpen(order)) continue;
      const tracked = order.trailingExtreme;
      const triggers = shouldTrigger(order, lastTicks, this.#desk.nowMs);
      if (order.trailingExtreme !== tracked) this.#desk.changes.orders.add(order);
      if (triggers) this.#activate(market, order);
    }
  }

  /** The trigger fired: the order leaves the waiting room and works like a market or limit order. */
  #activate(market: Market, order: Order): void {
    market.waiting.delete(order);
    this.#desk.beginExecution(order);
    order.triggered = true;
    order.workingMs = this.#desk.nowMs;
    order.updatedMs = this.#desk.nowMs;
    this.#desk.report(order, { x: 'NEW' });
    this.#execute(order);
  }

  /** One pending order, or two that become an OCO. What cannot be placed expires with its list (eR REJECTED). */
  #placePending(list: OrderList): void {
    const pending = list.orders.slice(1).filter(isOpen);
    for (const order of pending) {
      order.status = 'NEW';
      order.updatedMs = this.#desk.nowMs;
      if (!isContingent(order.type)) order.workingMs = this.#desk.nowMs;
    }
    const first = pending[0];
    if (first === undefined) return;
    const rejectReason = this.#refusalOfPending(pending) ?? (this.#desk.reserve(first) ? undefined : 'INSUFFICIENT_BALANCES');
    if (rejectReason !== undefined) {
      // Nothing is held for them: while the first ends, the leg beside it must not count as one that works.
      for (const order of pending) order.status = 'PENDING_NEW';
      this.#desk.end(first, { status: 'EXPIRED', reason: 'REJECTED', rejectReason });
      return;
    }
    for (const order of pending) this.#desk.report(order, { x: 'NEW' });
    for (const order of pending) if (isOpen(order)) this.submit(order);
  }

  #refusalOfPending(pending: readonly Order[]): string | undefined {
    for (const order of pending) {
      const market = this.#desk.marketOf(order);
      const last = market.tape.last?.ticks;
      if (order.type === 'LIMIT_MAKER' && this.wouldTake(market, order.side, order.priceTicks)) return 'WOULD_MATCH_IMMEDIATELY';
      if (last !== undefined && wouldTriggerAt(order, last)) return 'STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY';
      if (order.type === 'MARKET' && !this.canPay(order)) return 'INSUFFICIENT_BALANCES';
    }
    return undefined;
  }

  /** Whether free funds cover a MARKET order to the extent that the book can fill it (faqs/market_orders_faq.md). */
  canPay(order: Order): boolean {
    const { instrument, account } = order;
    if (order.side === 'SELL') return account.free(instrument.base) >= instrument.baseUnits(order.qtyLots);
    let left = order.qtyLots;
    let cost = 0n;
    for (const [ticks, lots] of this.liquidity(this.#desk.marketOf(order), 'BUY', 0, account, order.stp)) {
      const taken = Math.min(left, lots);
      cost += instrument.notional(ticks, taken);
      left -= taken;
      if (left === 0) break;
    }
    return account.free(instrument.quote) >= cost;
  }
}

/** A contingent order without trailing whose condition already holds at the last price. */
export function wouldTriggerAt(order: Order, lastTicks: number): boolean {
  return isContingent(order.type) && order.trailingDelta === 0 && stopReached(order, lastTicks);
}

function stopReached(order: Order, lastTicks: number): boolean {
  return triggersUpwards(order.side, order.type) ? lastTicks >= order.stopTicks : lastTicks <= order.stopTicks;
}

/**
 * faqs/trailing-stop-faq.md: tracking starts when the stop price is met (without one: at the next trade); a sell then triggers
 * on a decrease from the maximum, a buy on an increase from the minimum.
 */
function shouldTrigger(order: Order, lastTicks: number, nowMs: number): boolean {
  if (order.trailingDelta === 0) return stopReached(order, lastTicks);
  if (order.trailingSinceMs < 0) {
    if (!stopReached(order, lastTicks)) return false;
    order.trailingSinceMs = nowMs;
  }
  if (order.trailingExtreme === 0) order.trailingExtreme = lastTicks;
  if (order.side === 'BUY') {
    order.trailingExtreme = Math.min(order.trailingExtreme, lastTicks);
    return lastTicks * BASIS_POINTS >= order.trailingExtreme * (BASIS_POINTS + order.trailingDelta);
  }
  order.trailingExtreme = Math.max(order.trailingExtreme, lastTicks);
  return lastTicks * BASIS_POINTS <= order.trailingExtreme * (BASIS_POINTS - order.trailingDelta);
}

/** What the order can still take at a price: its remainder, for buys without a limit no more than the account can pay. */
function affordableLots(order: Order, ticks: number): number {
  if (!isOpen(order)) return 0;
  const left = remainingLots(order);
  if (order.side === 'SELL' || !isMarket(order.type)) return left;
  const { instrument, account, hold } = order;
  const funds = account.free(instrument.quote) + hold.units;
  if (funds >= instrument.notional(ticks, left)) return left;
  return safeInteger(funds / instrument.notional(ticks, 1));
}
