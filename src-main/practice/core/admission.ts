// What can refuse an order beyond its own parameters: client ids, counts, positions, the book and the balance.
// Changes nothing; a refusal leaves no trace.
import type { Account } from './account.ts';
import { REFUSAL, accept, filterFailure, refusal, refuse } from './errors.ts';
import type { Instrument } from './instrument.ts';
import type { Market } from './market.ts';
import { wouldTriggerAt, type Matching } from './matching.ts';
import { isContingent, isOpen, remainingLots, type Order, type OrderDraft } from './order.ts';
import type { ApiError, ExchangeLimits, Result } from './types.ts';
import { floorDiv } from './units.ts';

const CLIENT_ID_RANGE = '^[a-zA-Z0-9-_]{1,36}$';
const CLIENT_ID = new RegExp(CLIENT_ID_RANGE);

export class Admission {
  readonly #matching: Matching;
  readonly #limits: ExchangeLimits;

  constructor(matching: Matching, limits: ExchangeLimits) {
    this.#matching = matching;
    this.#limits = limits;
  }

  /** MARKET by quoteOrderQty: as many lots as the amount buys or brings, walking the book (rest-api.md, "New order"). */
  sizeByQuote(market: Market, account: Account, draft: OrderDraft): Result<OrderDraft> {
    if (draft.quoteOrderQtyUnits === 0) return accept(draft);
    const { instrument } = market;
    let left = draft.quoteOrderQtyUnits;
    let total = 0;
    for (const [ticks, lots] of this.#matching.liquidity(market, draft.side, 0, account, draft.stp)) {
      const lotCost = ticks * instrument.quotePerTickLot;
      const taken = Math.min(lots, floorDiv(left, lotCost));
      total += taken;
      left -= taken * lotCost;
      if (taken < lots) break;
    }
    if (total === 0 && this.#matching.bestAgainst(market, draft.side) === 0) return refusal(REFUSAL.noLiquidity);
    const units = total * instrument.lotUnits;
    if (units < instrument.minLotUnits || units > instrument.maxLotUnits) return filterFailure('LOT_SIZE');
    if (instrument.marketLot.max !== 0 && units > instrument.marketLot.max) return filterFailure('MARKET_LOT_SIZE');
    return accept({ ...draft, qtyLots: total });
  }

  /** Client ids, counts and position of orders that are to be added together; more than one is an order list. */
  refusalOnAdding(account: Account, instrument: Instrument, orders: readonly Order[]): ApiError | undefined {
    const seen = new Set<string>();
    for (const { clientOrderId } of orders) {
      const illegal = refusalOfClientId(clientOrderId, 'newClientOrderId');
      if (illegal !== undefined) return illegal;
      const known = account.byClientId(clientOrderId);
      if (seen.has(clientOrderId) || (known !== undefined && isOpen(known))) return REFUSAL.duplicate;
      seen.add(clientOrderId);
    }
    return this.refusalByCounts(account, instrument, orders);
  }

  /** The filters that look at what the account has on the symbol already. */
  refusalByCounts(account: Account, instrument: Instrument, orders: readonly Order[]): ApiError | undefined {
    const failure = this.#countFailure(account, instrument, orders) ?? positionFailure(account, instrument, orders);
    return failure === undefined ? undefined : filterFailure(failure).error;
  }

  /** What the book and the balance say to an order that is to be placed now. */
  refusalOnEntry(market: Market, order: Order): ApiError | undefined {
    if (order.type === 'LIMIT_MAKER' && this.#matching.wouldTake(market, order.side, order.priceTicks)) return REFUSAL.wouldTake;
    const last = market.tape.last?.ticks;
    if (last !== undefined && wouldTriggerAt(order, last)) return REFUSAL.wouldTrigger;
    if (order.type === 'MARKET') return this.#matching.canPay(order) ? undefined : REFUSAL.balance;
    const { account, instrument, side, hold } = order;
    const need = side === 'BUY' ? instrument.notional(order.holdTicks, order.qtyLots) : instrument.baseUnits(order.qtyLots);
    return account.free(hold.asset) < need ? REFUSAL.balance : undefined;
  }

  /** filters.md; a list's orders count one by one, pending ones included. MARKET orders never rest, so they add nothing. */
  #countFailure(account: Account, instrument: Instrument, orders: readonly Order[]): string | undefined {
    const added = orders.filter((order) => order.type !== 'MARKET' || order.list !== undefined).length;
    const addedAlgos = orders.filter((order) => isContingent(order.type)).length;
    const addedLists = orders.length > 1 ? 1 : 0;
    const over = (open: number, more: number, most: number) => more > 0 && open + more > most;
    const { spec } = instrument;
    const here = account.record(instrument.symbol);
    if (over(here.open.size, added, spec.maxNumOrders)) return 'MAX_NUM_ORDERS';
    if (over(here.openAlgos, addedAlgos, spec.maxNumAlgoOrders)) return 'MAX_NUM_ALGO_ORDERS';
    if (over(here.openLists, addedLists, spec.maxNumOrderLists)) return 'MAX_NUM_ORDER_LISTS';
    const { maxNumOrders, maxNumAlgoOrders, maxNumOrderLists } = this.#limits;
    if (maxNumOrders && over(account.total('open'), added, maxNumOrders)) return 'EXCHANGE_MAX_NUM_ORDERS';
    if (maxNumAlgoOrders && over(account.total('algos'), addedAlgos, maxNumAlgoOrders)) return 'EXCHANGE_MAX_NUM_ALGO_ORDERS';
    if (maxNumOrderLists && over(account.total('lists'), addedLists, maxNumOrderLists)) return 'EXCHANGE_MAX_NUM_ORDER_LISTS';
    return undefined;
  }
}

/** Binance's -1100, as it words it for client ids. */
export function refusalOfClientId(id: string, name: string): ApiError | undefined {
  if (CLIENT_ID.test(id)) return undefined;
  return refuse(-1100, `Illegal characters found in parameter '${name}'; legal range is '${CLIENT_ID_RANGE}'.`).error;
}

function positionFailure(account: Account, instrument: Instrument, orders: readonly Order[]): string | undefined {
  const most = instrument.maxPositionUnits;
  if (most === undefined || !orders.some((order) => order.side === 'BUY')) return undefined;
  const { free, locked } = account.balance(instrument.base);
  let position = free + locked;
  for (const order of [...account.record(instrument.symbol).open, ...orders]) {
    if (order.side === 'BUY') position += instrument.baseUnits(remainingLots(order));
  }
  return position > most ? 'MAX_POSITION' : undefined;
}
