// What a drill of the stop is made of (REQUIREMENTS E7): the trader's own open orders, lists and stops among them, at the prices of this
// moment, as operations on an exchange that is made for it. It only reads; nothing in it can reach a real exchange.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import { floorTo, toText } from '../../src-shared/domain/money.ts';
import { hasPrice } from '../../src-shared/domain/order.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { Market } from '../engine/market.ts';
import { leftOf } from '../engine/open-orders.ts';
import { isDust } from '../engine/picture.ts';
import type { EngineState, Order } from '../engine/state.ts';
import { baseOf } from '../engine/symbols.ts';
import type { Listing } from '../practice/core/instruments.ts';
import type { DeskOperation } from '../practice/protocol/desk.ts';

/** One operation that brings orders into being, and their client order ids. */
export interface DrillOrder {
  readonly ids: readonly string[];
  readonly operation: DeskOperation;
}

export interface DrillPicture {
  readonly policy: Policy;
  readonly symbols: readonly string[];
  /** Grid and price of each symbol, as the trader's exchange has them. */
  readonly listings: Readonly<Record<string, Listing>>;
  readonly balances: Readonly<Record<string, string>>;
  /** Bought at market, so that there are positions to keep or to sell. */
  readonly positions: readonly { readonly symbol: string; readonly operation: DeskOperation }[];
  readonly orders: readonly DrillOrder[];
  readonly leftOut: readonly string[];
  readonly isExample: boolean;
}

const EXAMPLES = 5;
/** Of a size that any exchange takes, so far below the market that it rests. */
const EXAMPLE_USDT = 25;
const EXAMPLE_SHARE = '0.98';
/** Where nothing of any market is known yet. */
const UNKNOWN_MARKET = { symbol: 'BTCUSDT', listing: { tick: '0.01', step: '0.00001', price: '60000' } } as const;
/** Funds for fees, moves of the price and examples, beyond what the orders lock. */
const SPARE_USDT = 10_000;
/** The finest amount that an exchange counts. */
const DECIMALS = 8;

interface Listed {
  readonly instrument: Instrument;
  readonly mark: Decimal;
  readonly listing: Listing;
}

const listedOf = (market: Market, symbol: SymbolId): Listed | null => {
  const instrument = market.instruments.get(symbol);
  const mark = market.mark(symbol);
  if (instrument === undefined || mark === null || instrument.quote !== 'USDT') return null;
  const { tick, lot } = instrument;
  const opening = floorTo(mark, tick);
  return { instrument, mark, listing: { tick: toText(tick), step: toText(lot.stepQty), price: toText(opening.isZero() ? tick : opening) } };
};

/** What can rest at an exchange; the others are on their way and will not be there for long. */
const canRest = ({ type, timeInForce, qty, pending, list }: Order): boolean =>
  type !== 'MARKET' && timeInForce !== 'IOC' && timeInForce !== 'FOK' && qty !== null && (!pending || list !== null);

const legOf = (order: Order) => {
  const isPostOnly = order.timeInForce === 'POST_ONLY';
  return {
    type: isPostOnly ? 'LIMIT_MAKER' : order.type,
    ...(hasPrice(order.type) && !isPostOnly && { timeInForce: 'GTC' as const }),
    ...(order.price !== null && { price: toText(order.price) }),
    ...(order.stopPrice !== null && { stopPrice: toText(order.stopPrice) }),
    ...(order.trailingDeltaBps !== null && { trailingDelta: order.trailingDeltaBps }),
  } as const;
};
const namedLeg = (order: Order) => ({ ...legOf(order), clientOrderId: order.clientOrderId });
const sizedLeg = (order: Order) => ({ ...namedLeg(order), side: order.side, quantity: toText(leftOf(order)) });

const single = (order: Order): DrillOrder => ({
  ids: [order.clientOrderId],
  operation: {
    op: 'placeOrder',
    order: {
      symbol: order.symbol,
      side: order.side,
      ...legOf(order),
      quantity: toText(leftOf(order)),
      newClientOrderId: order.clientOrderId,
    },
  },
});

/** A sell's limit leg lies above the market and its stop below; a buy's the other way round. */
const pairOf = (stop: Order, limit: Order) =>
  stop.side === 'SELL' ? { above: namedLeg(limit), below: namedLeg(stop) } : { above: namedLeg(stop), below: namedLeg(limit) };

/** What is left of a list: with its entry, as a pair, or as one order. */
const listOf = (legs: readonly Order[]): DrillOrder => {
  const [first] = legs as readonly [Order, ...Order[]];
  const inRole = (role: string): Order | undefined => legs.find(({ list }) => list?.role === role);
  const [entry, stop, limit] = [inRole('entry'), inRole('stop'), inRole('limit')];
  const ids = legs.map(({ clientOrderId }) => clientOrderId);
  const { symbol } = first;
  const exit = stop ?? limit;
  if (legs.length === 1 || exit === undefined) return single(first);
  if (stop !== undefined && limit !== undefined) {
    const { above, below } = pairOf(stop, limit);
    const quantity = toText(leftOf(stop));
    const list =
      entry === undefined
        ? ({ kind: 'OCO', symbol, side: stop.side, quantity, above, below } as const)
        : ({
            kind: 'OTOCO',
            symbol,
            working: sizedLeg(entry),
            pendingSide: stop.side,
            pendingQuantity: quantity,
            pendingAbove: above,
            pendingBelow: below,
          } as const);
    return { ids, operation: { op: 'placeList', list } };
  }
  const working = entry ?? first;
  return { ids, operation: { op: 'placeList', list: { kind: 'OTO', symbol, working: sizedLeg(working), pending: sizedLeg(exit) } } };
};

/** Open orders in the groups in which they are placed. */
const groupsOf = (orders: readonly Order[]): readonly (readonly Order[])[] => {
  const groups = new Map<ClientOrderId, Order[]>();
  for (const order of orders) {
    const key = order.list?.listId ?? order.clientOrderId;
    groups.set(key, [...(groups.get(key) ?? []), order]);
  }
  return [...groups.values()];
};

const exampleOf = (symbol: string, { tick, step, price }: Listing, index: number): DrillOrder => {
  const at = floorTo(new Decimal(price).times(EXAMPLE_SHARE), new Decimal(tick));
  const limit = at.isZero() ? new Decimal(tick) : at;
  const steps = new Decimal(EXAMPLE_USDT).div(limit).div(step).ceil();
  const id = `drill-${index + 1}`;
  return {
    ids: [id],
    operation: {
      op: 'placeOrder',
      order: {
        symbol,
        side: 'BUY',
        type: 'LIMIT',
        timeInForce: 'GTC',
        quantity: toText(steps.times(step)),
        price: toText(limit),
        newClientOrderId: id,
      },
    },
  };
};

const examplesOf = (listings: Readonly<Record<string, Listing>>): readonly DrillOrder[] => {
  const among = Object.entries(listings);
  return Array.from({ length: EXAMPLES }, (_, index) => {
    const [symbol, listing] = among[index % among.length] as [string, Listing];
    return exampleOf(symbol, listing, index);
  });
};

/** What the orders lock, by asset, with something to spare: in the drill every order has its funds. */
const balancesOf = (orders: readonly Order[], positions: readonly { readonly worth: Decimal }[], marks: ReadonlyMap<SymbolId, Listed>) => {
  const funds = new Map<string, Decimal>([['USDT', new Decimal(SPARE_USDT)]]);
  const add = (asset: string, value: Decimal): void => void funds.set(asset, (funds.get(asset) ?? new Decimal(0)).plus(value));
  for (const order of orders) {
    const left = leftOf(order);
    const dearest = Decimal.max(order.price ?? 0, order.stopPrice ?? 0, marks.get(order.symbol)?.mark ?? 0);
    if (order.side === 'BUY') add('USDT', left.times(dearest).times(2));
    else add(baseOf(order.symbol), left);
  }
  for (const { worth } of positions) add('USDT', worth.times(2));
  return Object.fromEntries([...funds].map(([asset, value]) => [asset, value.toFixed(DECIMALS, Decimal.ROUND_UP)]));
};

/** Null while no policy is in force: what a trip does with positions is the policy's to say. */
export const drillPictureOf = (state: EngineState, market: Market): DrillPicture | null => {
  const { policy } = state;
  if (policy === null) return null;
  const open = [...state.openOrders].flatMap((id) => state.orders.get(id) ?? []);
  const resting = open.filter(canRest);
  const held = [...state.positions.values()];
  const wanted = new Set<SymbolId>([...resting.map(({ symbol }) => symbol), ...held.map(({ symbol }) => symbol)]);
  if (resting.length === 0) for (const symbol of policy.limits.allowedSymbols.slice(0, EXAMPLES)) wanted.add(symbol as SymbolId);
  const listed = new Map(
    [...wanted].flatMap((symbol) => {
      const found = listedOf(market, symbol);
      return found === null ? [] : [[symbol, found] as const];
    }),
  );
  const known = resting.filter(({ symbol }) => listed.has(symbol));
  const isExample = known.length === 0;
  const positions = held.flatMap(({ symbol, qty }) => {
    const { instrument, mark } = listed.get(symbol) ?? {};
    if (instrument === undefined || mark === undefined || isDust(qty, instrument, market.mark(symbol))) return [];
    const quantity = toText(floorTo(qty, instrument.lot.stepQty));
    const order = { symbol, side: 'BUY', type: 'MARKET', quantity } as const;
    return [{ symbol, worth: qty.times(mark), operation: { op: 'placeOrder', order } as const }];
  });
  const listings: Record<string, Listing> = Object.fromEntries([...listed].map(([symbol, { listing }]) => [symbol, listing]));
  if (listed.size === 0) listings[UNKNOWN_MARKET.symbol] = UNKNOWN_MARKET.listing;
  return {
    policy,
    symbols: Object.keys(listings),
    listings,
    balances: balancesOf(known, positions, listed),
    positions: positions.map(({ symbol, operation }) => ({ symbol, operation })),
    orders: isExample ? examplesOf(listings) : groupsOf(known).map(listOf),
    leftOut: [
      ...open.filter((order) => !canRest(order)).map(({ symbol, clientOrderId }) => `${symbol} ${clientOrderId} is on its way.`),
      ...resting
        .filter(({ symbol }) => !listed.has(symbol))
        .map(({ symbol, clientOrderId }) => `${symbol} ${clientOrderId}: its market is not known here.`),
    ],
    isExample,
  };
};
