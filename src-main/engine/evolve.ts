// The only way that the engine's state changes: one fact at a time, from the journal's first to the newest. It reads nothing but the
// state and the fact, so that a replay gives the same state, byte for byte (Q6). The maps change in place: copying 10 000 orders for
// each fact would make the cost of an order grow with the orders there are (R); everyone else sees the readonly EngineState.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId, ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import { amount, money, price, qty, ZERO_AMOUNT, ZERO_MONEY, ZERO_QTY } from '../../src-shared/domain/money.ts';
import type { Amount, Money, Qty } from '../../src-shared/domain/money.ts';
import { isConditional } from '../../src-shared/domain/order.ts';
import type { ExitPlan, OrderStatus } from '../../src-shared/domain/order.ts';
import { assertNever, invariant } from '../../src-shared/errors/result.ts';
import { TRADES_OVERLAP_MS } from '../reconcile/diff.ts';
import { compared } from '../reconcile/convergence.ts';
import { autoEvolved, EMPTY_AUTO_TRIP } from './auto-trip-book.ts';
import { beforeFact, EMPTY_LADDER, laddered } from './ladder-book.ts';
import { book, movesOf } from './ledger.ts';
import { baseOf, symbolOf } from './symbols.ts';
import { dropNumber, noteNumber } from './order-numbers.ts';
import { emptyMetrics, firstWordOf, noteClose, noteFact } from './metrics-book.ts';
import type { Fact, FillFact, IntendedList, IntendedOrder, SequencedFact } from './facts.ts';
import { applyFill, payFee } from './positions.ts';
import { closed, EMPTY_RISK, failed, forgiven, marked, moved, restated, succeeded } from './risk-book.ts';
import { countedOf, leftOf, unpricedLeftOf, worthLeftOf } from './open-orders.ts';
import { isProtective } from './state.ts';
import type { Balance, EngineState, Fill, Order, Position, Protection, SymbolBook, Traded } from './state.ts';

/** Ended orders stay in memory this long, and in the journal for ever (REQUIREMENTS B9). */
const ENDED_KEPT_MS = 24 * 3_600_000;
/** They are looked through no oftener than this, by the facts' own time: a replay forgets the same orders at the same facts. */
const PRUNE_EVERY_MS = 3_600_000;
/** Facts whose decisions say nothing of ended orders: none that the same decision still speaks of is forgotten under it. */
const PRUNES_AT: ReadonlySet<Fact['kind']> = new Set(['order.intended', 'list.intended', 'day.opened', 'selftest.finished']);
const DAY_MS = 24 * 3_600_000;

type Writable<T> = { -readonly [K in keyof T]: T[K] };
interface WritableBook extends Omit<Writable<SymbolBook>, 'ids'> {
  ids: Set<ClientOrderId>;
}
/** The same state as evolve alone may write it. */
interface Draft extends Omit<
  Writable<EngineState>,
  | 'orders'
  | 'openOrders'
  | 'books'
  | 'buying'
  | 'unpriced'
  | 'unsettled'
  | 'traded'
  | 'positions'
  | 'protections'
  | 'lists'
  | 'balances'
  | 'movesAhead'
  | 'ledger'
> {
  orders: Map<ClientOrderId, Order>;
  openOrders: Set<ClientOrderId>;
  books: Map<SymbolId, WritableBook>;
  buying: Set<SymbolId>;
  unpriced: Set<SymbolId>;
  unsettled: Set<ClientOrderId>;
  traded: Map<SymbolId, Traded>;
  positions: Map<SymbolId, Position>;
  protections: Map<SymbolId, Protection>;
  lists: Map<ClientOrderId, readonly ClientOrderId[]>;
  balances: Map<AssetId, Balance>;
  movesAhead: Map<AssetId, Money>;
  ledger: { readonly fromMs: number; readonly totals: Map<AssetId, Decimal> } | null;
}

/** The state before the first fact. */
export const emptyState = (): EngineState => ({
  seq: 0,
  mode: 'practice',
  account: '',
  session: { startedAtMs: 0, reconciled: false, selfTested: false },
  policy: null,
  policyVersion: 0,
  pendingPolicy: null,
  orders: new Map(),
  openOrders: new Set(),
  books: new Map(),
  unfilledOrders: 0,
  buying: new Set(),
  buyingUsdt: ZERO_MONEY,
  unpriced: new Set(),
  unsettled: new Set(),
  traded: new Map(),
  positions: new Map(),
  protections: new Map(),
  prunedAtMs: 0,
  lists: new Map(),
  realisedUsdt: ZERO_MONEY,
  feesUsdt: ZERO_MONEY,
  balances: new Map(),
  balancesAtMs: 0,
  movesAhead: new Map(),
  ledger: null,
  day: null,
  risk: EMPTY_RISK,
  breaker: { phase: 'CLOSED', breach: null, openedAtMs: null, probe: null },
  autoTrip: EMPTY_AUTO_TRIP,
  ladder: EMPTY_LADDER,
  drill: null,
  metrics: emptyMetrics(),
  stop: {
    phase: 'DISABLED',
    tripId: 0,
    generation: 0,
    trigger: null,
    reason: '',
    policy: 'keep-positions',
    trippedAtMs: null,
    coolDownUntilMs: null,
    receipt: null,
  },
  selfTest: null,
  reconciliation: { atMs: null, differences: [], failures: 0, text: '', history: [], repeats: new Map() },
});

const newOrder = (order: IntendedOrder, atMs: number, list: Order['list'] = null): Order => ({
  clientOrderId: order.clientOrderId,
  venueOrderId: null,
  symbol: order.symbol,
  side: order.side,
  type: order.type,
  qty: order.qty === undefined ? null : qty(order.qty),
  quoteQty: order.quoteQty === undefined ? null : money(order.quoteQty),
  price: order.price === undefined ? null : price(order.price),
  timeInForce: order.timeInForce ?? null,
  stopPrice: order.stopPrice === undefined ? null : price(order.stopPrice),
  trailingDeltaBps: order.trailingDeltaBps ?? null,
  list,
  pending: false,
  replaces: order.replaces ?? null,
  retry: order.retry ?? null,
  exits: order.exits ?? null,
  reduceOnly: order.reduceOnly,
  origin: order.origin,
  status: 'INTENDED',
  generation: order.generation,
  reservedUsdt: money(order.reservedUsdt),
  fills: [],
  filledQty: ZERO_QTY,
  filledUsdt: ZERO_MONEY,
  realisedUsdt: ZERO_MONEY,
  isCounted: false,
  cancelRequested: false,
  reason: '',
  intendedAtMs: atMs,
  sentAtMs: null,
  updatedAtMs: atMs,
  venueTimeMs: 0,
  unknownSinceMs: null,
  provableAtMs: null,
});

/** Each may become one of the day's trades; of a pair only one can. */
const isUnfilled = (order: Order | null): number => {
  if (order === null || !order.filledQty.isZero()) return 0;
  return order.list !== null && order.list.kind !== 'OTO' && order.list.role === 'stop' ? 0 : 1;
};

const emptyBook = (): WritableBook => ({
  ids: new Set(),
  buys: 0,
  buyQty: ZERO_QTY,
  buyUsdt: ZERO_MONEY,
  unpricedBuyQty: ZERO_QTY,
  sellQty: ZERO_QTY,
  protectionQty: ZERO_QTY,
  algos: 0,
  lists: 0,
});

/** A list is one as long as any order of it is open. */
const isLastOfList = (draft: Draft, id: ClientOrderId, list: NonNullable<Order['list']>): boolean =>
  !(draft.lists.get(list.listId) ?? []).some((leg) => leg !== id && draft.openOrders.has(leg));

/** Takes an order's open part out of its symbol's book as it was, and puts it in as it is. */
const rebook = (draft: Draft, before: Order | null, after: Order | null): void => {
  const order = (after ?? before) as Order;
  const { symbol, side, clientOrderId, list } = order;
  const book = draft.books.get(symbol) ?? emptyBook();
  const wasUsdt = book.buyUsdt;
  const changeOf = (measure: (one: Order) => Decimal): Decimal =>
    countedOf(draft, order, after, measure).minus(countedOf(draft, order, before, measure));
  const delta = changeOf(leftOf);
  if (side === 'BUY') {
    book.buyQty = book.buyQty.plus(delta) as Qty;
    book.buyUsdt = book.buyUsdt.plus(changeOf(worthLeftOf)) as Money;
    book.unpricedBuyQty = book.unpricedBuyQty.plus(changeOf(unpricedLeftOf)) as Qty;
  } else book.sellQty = book.sellQty.plus(delta) as Qty;
  if (before === null) book.ids.add(clientOrderId);
  if (after === null) book.ids.delete(clientOrderId);
  if (isProtective(order)) book.protectionQty = book.protectionQty.plus(delta) as Qty;
  const opened = (after === null ? 0 : 1) - (before === null ? 0 : 1);
  if (side === 'BUY') book.buys += opened;
  if (isConditional(order.type)) book.algos += opened;
  if (opened !== 0 && list !== null && isLastOfList(draft, clientOrderId, list)) book.lists += opened;
  draft.unfilledOrders += isUnfilled(after) - isUnfilled(before);
  if (book.ids.size === 0) draft.books.delete(symbol);
  else draft.books.set(symbol, book);
  if (side === 'BUY') rebookBuys(draft, symbol, wasUsdt);
};

/** The sums over all books follow the one that has changed, so that a decision need not walk them (R). */
const rebookBuys = (draft: Draft, symbol: SymbolId, wasUsdt: Money): void => {
  const book = draft.books.get(symbol) ?? emptyBook();
  draft.buyingUsdt = draft.buyingUsdt.plus(book.buyUsdt).minus(wasUsdt) as Money;
  note(draft.buying, symbol, book.buys > 0);
  note(draft.unpriced, symbol, !book.unpricedBuyQty.isZero());
};

const note = (symbols: Set<SymbolId>, symbol: SymbolId, isIn: boolean): void => {
  if (isIn) symbols.add(symbol);
  else symbols.delete(symbol);
};

const tradedFrom = (fromMs: number): Traded => ({ fromMs, newestMs: fromMs, comparedMs: fromMs });

const addOrder = (draft: Draft, order: Order): void => {
  invariant(!draft.orders.has(order.clientOrderId), `client order id ${order.clientOrderId} is new`);
  draft.orders.set(order.clientOrderId, order);
  draft.openOrders.add(order.clientOrderId);
  rebook(draft, null, order);
  // What the phone did in the symbol before its first order here, it may have done since the account was first stated.
  const fromMs = draft.ledger?.fromMs ?? order.intendedAtMs;
  if (!draft.traded.has(order.symbol)) draft.traded.set(order.symbol, tradedFrom(fromMs));
};

const addList = (draft: Draft, { listId, kind, orders }: IntendedList, atMs: number): void => {
  draft.lists.set(
    listId,
    orders.map((order) => order.clientOrderId),
  );
  for (const order of orders) {
    const made = newOrder(order, atMs, { listId, kind, role: order.role });
    // The exits of an entry wait for it, from the first moment on.
    addOrder(draft, { ...made, pending: kind !== 'OCO' && order.role !== 'entry' });
    draft.unsettled.add(order.clientOrderId);
  }
};

/** An order that another one is to replace is being cancelled by the same request; where the venue refuses that, it stands again. */
const intend = (draft: Draft, order: IntendedOrder, atMs: number): void => {
  addOrder(draft, newOrder(order, atMs));
  draft.unsettled.add(order.clientOrderId);
  if (order.replaces !== undefined) change(draft, order.replaces, atMs, { cancelRequested: true });
};

/** Of the orders that open after the breaker's cool-down, the first is the probe (D). */
const noteProbe = (draft: Draft, { clientOrderId, side }: IntendedOrder): void => {
  const { phase, probe } = draft.breaker;
  if (phase === 'HALF_OPEN' && probe === null && side === 'BUY') draft.breaker = { ...draft.breaker, probe: clientOrderId };
};

const reject = (draft: Draft, { clientOrderId: id, text, proof }: Extract<Fact, { kind: 'order.rejected' }>, atMs: number): void => {
  end(draft, id, atMs, 'REJECTED', { reason: text });
  const list = draft.orders.get(id)?.list ?? null;
  // A list is refused whole: it is one failure, not one for each of its orders.
  const isFurtherLeg = list !== null && draft.lists.get(list.listId)?.[0] !== id;
  if (proof !== 'never-sent' && !isFurtherLeg) draft.risk = failed(draft.risk, atMs);
  const replaced = draft.orders.get(id)?.replaces ?? null;
  if (replaced !== null && draft.openOrders.has(replaced))
    change(draft, replaced, atMs, { cancelRequested: false, reason: `It stands: it was not replaced. ${text}` });
};

const change = (draft: Draft, id: ClientOrderId, atMs: number, to: Partial<Order>): Order => {
  const before = draft.orders.get(id);
  invariant(before !== undefined, `order ${id} is known`);
  // The venue's newest word counts, in whatever order its words arrive.
  const after = { ...before, ...to, updatedAtMs: atMs, venueTimeMs: Math.max(before.venueTimeMs, to.venueTimeMs ?? 0) };
  draft.orders.set(id, after);
  return after;
};

/** A position's plan ends with it: the next one in this symbol starts bare. */
const setPosition = (draft: Draft, symbol: SymbolId, position: Position | null): void => {
  if (position !== null) {
    draft.positions.set(symbol, position);
    return;
  }
  draft.positions.delete(symbol);
  draft.protections.delete(symbol);
};

const UNPLANNED: Omit<Protection, 'plan' | 'origin' | 'setAtMs'> = {
  trailedTo: null,
  missingSinceMs: null,
  missingWhy: '',
  lastGapMs: null,
};

/** A new plan takes the place of the one before; the fills of one entry set theirs once. */
const protect = (draft: Draft, symbol: SymbolId, plan: ExitPlan | null, origin: Protection['origin'], atMs: number): void => {
  const before = draft.protections.get(symbol);
  if (before !== undefined && plan !== null && JSON.stringify(before.plan) === JSON.stringify(plan)) return;
  const kept = plan === null ? { ...UNPLANNED, lastGapMs: before?.lastGapMs ?? null } : { ...UNPLANNED, ...before, trailedTo: null };
  draft.protections.set(symbol, { ...kept, plan, origin, setAtMs: atMs });
};

const evolveProtection = (
  draft: Draft,
  fact: Extract<Fact, { kind: 'protection.set' | 'protection.trailed' | 'protection.missing' | 'protection.restored' }>,
  atMs: number,
): void => {
  if (fact.kind === 'protection.set') return protect(draft, fact.symbol, fact.plan, fact.origin, atMs);
  const before = draft.protections.get(fact.symbol) ?? { ...UNPLANNED, plan: null, origin: 'policy', setAtMs: atMs };
  switch (fact.kind) {
    case 'protection.trailed':
      draft.protections.set(fact.symbol, { ...before, trailedTo: price(fact.stopPrice) });
      return;
    case 'protection.missing':
      draft.protections.set(fact.symbol, { ...before, missingSinceMs: before.missingSinceMs ?? atMs, missingWhy: fact.why });
      return;
    case 'protection.restored':
      draft.protections.set(fact.symbol, { ...before, missingSinceMs: null, missingWhy: '', lastGapMs: fact.gapMs });
      return;
    default:
      assertNever(fact);
  }
};

/** Fees in an asset that is held as a position are paid out of it (B3: BNB fees reduce what can be sold). */
const payFeeFrom = (draft: Draft, symbol: SymbolId, fee: Amount, feeUsdt: Money): void => {
  const held = draft.positions.get(symbol);
  if (held === undefined || fee.isZero()) return;
  const paid = payFee(held, fee, feeUsdt);
  setPosition(draft, symbol, paid.position);
  draft.realisedUsdt = draft.realisedUsdt.plus(paid.realisedUsdt) as Money;
};

/** A sale has ended: one more win or loss in a row. Further tries of one intent are the same close. */
const count = (draft: Draft, order: Order, atMs: number): void => {
  if (order.isCounted || order.realisedUsdt.isZero()) return;
  draft.orders.set(order.clientOrderId, { ...order, isCounted: true });
  if (order.retry !== null && draft.orders.get(order.retry.of)?.isCounted === true) return;
  draft.risk = closed(draft.risk, order.realisedUsdt, atMs);
  noteClose(draft.metrics, order.realisedUsdt);
};

const end = (draft: Draft, id: ClientOrderId, atMs: number, status: OrderStatus, to: Partial<Order>): void => {
  const order = change(draft, id, atMs, { status, unknownSinceMs: null, provableAtMs: null, ...to });
  count(draft, order, atMs);
  if (draft.openOrders.delete(id)) rebook(draft, order, null);
  // An order that ended without a fill ties up nothing; one with fills stays counted until the balances have caught up.
  if (order.filledQty.isZero() && status !== 'FILLED') draft.unsettled.delete(id);
};

const accept = (draft: Draft, fact: Extract<Fact, { kind: 'order.accepted' }>, atMs: number): void => {
  const before = draft.orders.get(fact.clientOrderId);
  const after = change(draft, fact.clientOrderId, atMs, {
    status: before?.fills.length === 0 ? 'ACCEPTED' : 'PARTIALLY_FILLED',
    venueOrderId: fact.venueOrderId,
    pending: fact.pending ?? false,
    unknownSinceMs: null,
    provableAtMs: null,
    reason: '',
    venueTimeMs: fact.venueTimeMs,
  });
  noteNumber(draft.orders, after);
  draft.risk = succeeded(draft.risk);
  if (before !== undefined && before.pending !== after.pending && draft.openOrders.has(after.clientOrderId)) rebook(draft, before, after);
};

const fill = (draft: Draft, fact: FillFact, atMs: number): void => {
  const before = draft.orders.get(fact.clientOrderId);
  invariant(before !== undefined, `the filled order ${fact.clientOrderId} is known`);
  const feeUsdt = money(fact.feeUsdt ?? '0');
  const one = {
    tradeId: fact.tradeId,
    price: price(fact.price),
    qty: qty(fact.qty),
    fee: amount(fact.fee),
    feeAsset: fact.feeAsset,
    feeUsdt: fact.feeUsdt === null ? null : feeUsdt,
    maker: fact.maker,
    atMs: fact.venueTimeMs,
  };
  const firstOfOrder = before.fills.length === 0;
  // In place: copying hundreds of fills for each further one would make a fill's cost grow with those there are (R).
  (before.fills as Fill[]).push(one);
  const result = applyFill(draft.positions.get(fact.symbol), {
    ...one,
    symbol: fact.symbol,
    base: baseOf(fact.symbol),
    side: fact.side,
    feeUsdt,
  });
  const after = change(draft, fact.clientOrderId, atMs, {
    filledQty: before.filledQty.plus(one.qty) as Qty,
    filledUsdt: before.filledUsdt.plus(one.price.times(one.qty)) as Money,
    realisedUsdt: before.realisedUsdt.plus(result.realisedUsdt) as Money,
    status: 'PARTIALLY_FILLED',
    pending: false,
    unknownSinceMs: null,
    provableAtMs: null,
    venueTimeMs: fact.venueTimeMs,
  });
  const wasOpen = draft.openOrders.has(fact.clientOrderId);
  // A fill proves an end wrong: the order is open until its end is proven anew (DESIGN 5).
  draft.openOrders.add(fact.clientOrderId);
  rebook(draft, wasOpen ? before : null, after);
  draft.unsettled.add(fact.clientOrderId);
  const traded = draft.traded.get(fact.symbol) ?? tradedFrom(atMs);
  draft.traded.set(fact.symbol, { ...traded, newestMs: Math.max(traded.newestMs, fact.venueTimeMs) });
  if (draft.ledger !== null) book(draft.ledger.totals, movesOf(fact, before.origin, draft.ledger));
  draft.risk = succeeded(draft.risk);
  setPosition(draft, fact.symbol, result.position);
  // Once: what a person says of the protection while the entry fills stays said.
  if (before.exits !== null && result.position !== null && (firstOfOrder || !draft.protections.has(fact.symbol)))
    protect(draft, fact.symbol, before.exits, before.origin, atMs);
  draft.realisedUsdt = draft.realisedUsdt.plus(result.realisedUsdt) as Money;
  draft.feesUsdt = draft.feesUsdt.plus(feeUsdt) as Money;
  const isInside = fact.side === 'BUY' && fact.feeAsset === baseOf(fact.symbol);
  if (!isInside) payFeeFrom(draft, symbolOf(fact.feeAsset), one.fee, feeUsdt);
  if (firstOfOrder && draft.day !== null) draft.day = { ...draft.day, trades: draft.day.trades + 1 };
};

const settleWith = (draft: Draft, venueTimeMs: number): void => {
  for (const id of draft.unsettled) {
    const order = draft.orders.get(id);
    const inFlight = order !== undefined && (order.status === 'INTENDED' || order.status === 'SENT' || order.status === 'UNKNOWN');
    if (order === undefined || (!inFlight && order.venueTimeMs <= venueTimeMs)) draft.unsettled.delete(id);
  }
};

const stateLedger = (draft: Draft, atMs: number): void => {
  const totals = new Map([...draft.balances].map(([asset, { free, locked }]): [AssetId, Decimal] => [asset, free.plus(locked)]));
  draft.ledger = { fromMs: atMs, totals };
};

const updateBalances = (draft: Draft, { entries, full, venueTimeMs }: Extract<Fact, { kind: 'balances.updated' }>, atMs: number): void => {
  if (full) {
    draft.balances.clear();
    draft.movesAhead.clear();
  }
  for (const entry of entries) {
    draft.balances.set(entry.asset, { free: amount(entry.free), locked: amount(entry.locked) });
    draft.movesAhead.delete(entry.asset);
  }
  draft.balancesAtMs = Math.max(draft.balancesAtMs, venueTimeMs);
  if (full && draft.ledger === null) stateLedger(draft, atMs);
  settleWith(draft, venueTimeMs);
};

/** What the venue holds less of was not sold here: its share of the cost goes with it, and no profit is made. */
const correctPosition = (draft: Draft, fact: Extract<Fact, { kind: 'position.corrected' }>): void => {
  const before = draft.positions.get(fact.symbol);
  invariant(before !== undefined, `the corrected position ${fact.symbol} is known`);
  const left = qty(fact.qty);
  setPosition(
    draft,
    fact.symbol,
    left.isZero() ? null : { ...before, qty: left, costUsdt: before.costUsdt.times(left).div(before.qty) as Money },
  );
};

const forget = (draft: Draft, order: Order): void => {
  const { clientOrderId, list } = order;
  draft.orders.delete(clientOrderId);
  dropNumber(draft.orders, order);
  if (list !== null && !(draft.lists.get(list.listId) ?? []).some((id) => draft.orders.has(id))) draft.lists.delete(list.listId);
};

/** What the venue has forgotten, we hold no longer. Its numbers begin anew: an old one must never again stand for an order here. */
const resetVenue = (draft: Draft, fact: Extract<Fact, { kind: 'venue.reset' }>, atMs: number): void => {
  draft.balances.clear();
  draft.movesAhead.clear();
  for (const entry of fact.entries) draft.balances.set(entry.asset, { free: amount(entry.free), locked: amount(entry.locked) });
  stateLedger(draft, atMs);
  for (const symbol of draft.positions.keys()) setPosition(draft, symbol, null);
  for (const symbol of draft.traded.keys()) draft.traded.set(symbol, tradedFrom(atMs));
  for (const [id, order] of draft.orders) {
    if (draft.openOrders.has(id)) continue;
    draft.orders.set(id, { ...order, venueOrderId: null });
    draft.unsettled.delete(id);
  }
  const { day } = draft;
  const opening = fact.openingEquityUsdt === null ? null : money(fact.openingEquityUsdt);
  // The new opening differs from the old one by what the account is stated at more or less (decide/venue-reset.ts).
  const delta = day === null || opening === null ? null : opening.minus(day.openingEquityUsdt).minus(day.netDepositsUsdt);
  draft.risk = restated(draft.risk, delta);
  if (day !== null) draft.day = opening === null ? null : { ...day, openingEquityUsdt: opening, netDepositsUsdt: ZERO_MONEY };
};

const openDay = (draft: Draft, dayUtc: string, equityUsdt: Money): void => {
  draft.day = { dayUtc, openingEquityUsdt: equityUsdt, netDepositsUsdt: ZERO_MONEY, trades: 0 };
};

/** Ended orders leave memory a day after their end (B9); the journal keeps them. */
const prune = (draft: Draft, atMs: number): void => {
  draft.prunedAtMs = atMs;
  for (const [id, order] of draft.orders) {
    const isOld = !draft.openOrders.has(id) && !draft.unsettled.has(id) && atMs - order.updatedAtMs > ENDED_KEPT_MS;
    // An order whose trades are still looked at is not forgotten: they would look like a stranger's.
    const lookedAtMs = (draft.traded.get(order.symbol)?.comparedMs ?? 0) - TRADES_OVERLAP_MS;
    if (isOld && !order.fills.some((one) => one.atMs >= lookedAtMs)) forget(draft, order);
  }
};

const moveBalance = (draft: Draft, fact: Extract<Fact, { kind: 'balance.moved' }>): void => {
  const before = draft.balances.get(fact.asset) ?? { free: ZERO_AMOUNT, locked: ZERO_AMOUNT };
  draft.balances.set(fact.asset, before);
  if (draft.ledger !== null) book(draft.ledger.totals, [[fact.asset, new Decimal(fact.delta)]]);
  if (draft.day !== null && fact.deltaUsdt !== null) {
    draft.day = { ...draft.day, netDepositsUsdt: draft.day.netDepositsUsdt.plus(fact.deltaUsdt) as Money };
  }
  if (fact.deltaUsdt === null) return;
  const deltaUsdt = money(fact.deltaUsdt);
  draft.risk = moved(draft.risk, deltaUsdt);
  if (fact.ahead) draft.movesAhead.set(fact.asset, (draft.movesAhead.get(fact.asset) ?? ZERO_MONEY).plus(deltaUsdt) as Money);
};

const evolveStop = (
  draft: Draft,
  fact: Extract<Fact, { kind: 'stop.tripped' | 'stop.pressed' | 'stop.receipted' | 'stop.reset' | 'stop.rearmed' }>,
  atMs: number,
): void => {
  switch (fact.kind) {
    case 'stop.tripped':
      draft.stop = {
        phase: 'TRIPPED',
        tripId: fact.tripId,
        generation: draft.stop.generation + 1,
        trigger: fact.trigger,
        reason: fact.reason,
        policy: fact.policy,
        trippedAtMs: atMs,
        coolDownUntilMs: null,
        receipt: null,
      };
      return;
    case 'stop.pressed':
      draft.stop = { ...draft.stop, receipt: null };
      return;
    case 'stop.receipted':
      draft.stop = { ...draft.stop, receipt: fact.receipt };
      return;
    case 'stop.reset':
      draft.stop = { ...draft.stop, phase: 'COOLING_DOWN', coolDownUntilMs: fact.coolDownUntilMs };
      return;
    case 'stop.rearmed':
      draft.stop = { ...draft.stop, phase: 'ARMED', coolDownUntilMs: null };
      return;
    default:
      assertNever(fact);
  }
};

/** The emergency stop stands armed once the start's recovery is through; a latch that a restart found closed stays closed (E6). */
const recovered = (draft: Draft, what: Partial<EngineState['session']>): void => {
  draft.session = { ...draft.session, ...what };
  if (draft.session.reconciled && draft.session.selfTested && draft.stop.phase === 'DISABLED')
    draft.stop = { ...draft.stop, phase: 'ARMED' };
};

/** What kind of list it is from elsewhere is not told with its orders; that at most one of a side counts is true of each (OCO). */
const foreignList = (draft: Draft, fact: Extract<Fact, { kind: 'order.adopted' }>): Order['list'] => {
  if (fact.venueListId === undefined) return null;
  const listId = `list ${fact.symbol} ${fact.venueListId}` as ClientOrderId;
  draft.lists.set(listId, [...(draft.lists.get(listId) ?? []).filter((id) => id !== fact.clientOrderId), fact.clientOrderId]);
  return { listId, kind: 'OCO', role: isConditional(fact.type) ? 'stop' : 'limit' };
};

/** An ended order leaves its name to the next one: forgotten, its trades would look like a stranger's. */
const rename = (draft: Draft, order: Order, clientOrderId: ClientOrderId): void => {
  const before = order.clientOrderId;
  const after = { ...order, clientOrderId };
  draft.orders.delete(before);
  draft.orders.set(clientOrderId, after);
  noteNumber(draft.orders, after);
  if (draft.unsettled.delete(before)) draft.unsettled.add(clientOrderId);
  const { list } = order;
  if (list === null) return;
  const legs = draft.lists.get(list.listId) ?? [];
  draft.lists.set(
    list.listId,
    legs.map((id) => (id === before ? clientOrderId : id)),
  );
};

const adopt = (draft: Draft, fact: Extract<Fact, { kind: 'order.adopted' }>, atMs: number): void => {
  const predecessor = draft.orders.get(fact.clientOrderId);
  if (predecessor !== undefined && !draft.openOrders.has(fact.clientOrderId)) {
    if (fact.elder === undefined) forget(draft, predecessor);
    else rename(draft, predecessor, fact.elder);
  }
  const order = newOrder(
    {
      clientOrderId: fact.clientOrderId,
      symbol: fact.symbol,
      side: fact.side,
      type: fact.type,
      qty: fact.qty,
      reduceOnly: false,
      origin: 'foreign',
      // What appears while the latch is closed belongs to what the latch stops: no reset and no restart lets it live.
      generation: draft.stop.phase === 'TRIPPED' ? draft.stop.generation - 1 : draft.stop.generation,
      reservedUsdt: ZERO_MONEY.toFixed() as never,
      ...(fact.price === undefined ? {} : { price: fact.price }),
      ...(fact.timeInForce === undefined ? {} : { timeInForce: fact.timeInForce }),
      ...(fact.stopPrice === undefined ? {} : { stopPrice: fact.stopPrice }),
      ...(fact.trailingDeltaBps === undefined ? {} : { trailingDeltaBps: fact.trailingDeltaBps }),
    },
    atMs,
    foreignList(draft, fact),
  );
  const adopted: Order = {
    ...order,
    pending: fact.pending ?? false,
    venueOrderId: fact.venueOrderId,
    status: 'ACCEPTED',
    venueTimeMs: fact.venueTimeMs,
    reservedUsdt: (order.price ?? order.stopPrice ?? ZERO_MONEY).times(fact.qty) as Money,
    reason: `placed elsewhere as ${fact.venueType}`,
  };
  addOrder(draft, adopted);
  noteNumber(draft.orders, adopted);
};

const apply = (draft: Draft, fact: Fact, atMs: number): void => {
  switch (fact.kind) {
    case 'session.started':
      draft.mode = fact.mode;
      draft.account = fact.account;
      draft.session = { startedAtMs: atMs, reconciled: false, selfTested: false };
      if (draft.stop.phase === 'ARMED') draft.stop = { ...draft.stop, phase: 'DISABLED' };
      return;
    case 'policy.adopted':
      draft.policy = fact.policy;
      draft.policyVersion = fact.version;
      draft.pendingPolicy = null;
      return;
    case 'policy.pending':
      draft.pendingPolicy = {
        policy: fact.policy,
        by: fact.by,
        why: fact.why,
        changes: fact.changes,
        effectiveAtMs: fact.effectiveAtMs,
      };
      return;
    case 'policy.withdrawn':
      draft.pendingPolicy = null;
      return;
    case 'order.intended':
      intend(draft, fact.order, atMs);
      noteProbe(draft, fact.order);
      return;
    case 'list.intended':
      addList(draft, fact.list, atMs);
      for (const order of fact.list.orders) noteProbe(draft, order);
      return;
    case 'equity.marked':
      draft.risk = marked(draft.risk, money(fact.equityUsdt), atMs);
      return;
    case 'breaker.opened':
      draft.breaker = { phase: 'OPEN', breach: fact.breach, openedAtMs: atMs, probe: null };
      return;
    case 'breaker.probing':
      draft.breaker = { ...draft.breaker, phase: 'HALF_OPEN', probe: null };
      return;
    case 'breaker.closed':
      if (draft.breaker.breach !== null) draft.risk = forgiven(draft.risk, draft.breaker.breach.rule);
      draft.breaker = { phase: 'CLOSED', breach: null, openedAtMs: null, probe: null };
      return;
    case 'drill.finished':
      draft.drill = fact.drill;
      return;
    case 'ladder.promoted':
    case 'ladder.demoted':
    case 'market.regime':
    case 'order.denied':
    case 'open-loss.recovered':
    case 'kill-switch.asked':
    case 'watchdog.acted':
    case 'snapshot.taken':
      return;
    case 'order.sent':
      change(draft, fact.clientOrderId, atMs, { status: 'SENT', sentAtMs: atMs });
      return;
    case 'order.accepted':
      accept(draft, fact, atMs);
      return;
    case 'order.unknown':
      change(draft, fact.clientOrderId, atMs, {
        status: 'UNKNOWN',
        unknownSinceMs: atMs,
        provableAtMs: fact.provableAtMs,
        reason: fact.why,
      });
      return;
    case 'order.rejected':
      reject(draft, fact, atMs);
      return;
    case 'order.filled':
      fill(draft, fact, atMs);
      return;
    case 'order.ended':
      end(draft, fact.clientOrderId, atMs, fact.status, { reason: fact.reason, venueTimeMs: fact.venueTimeMs });
      return;
    case 'order.adopted':
      adopt(draft, fact, atMs);
      return;
    case 'cancel.requested':
      change(draft, fact.clientOrderId, atMs, { cancelRequested: true });
      return;
    case 'cancel.failed':
      change(draft, fact.clientOrderId, atMs, { cancelRequested: false, reason: fact.text });
      return;
    case 'balances.updated':
      updateBalances(draft, fact, atMs);
      return;
    case 'balance.moved':
      moveBalance(draft, fact);
      return;
    case 'position.corrected':
      correctPosition(draft, fact);
      return;
    case 'protection.set':
    case 'protection.trailed':
    case 'protection.missing':
    case 'protection.restored':
      evolveProtection(draft, fact, atMs);
      return;
    case 'venue.reset':
      resetVenue(draft, fact, atMs);
      return;
    case 'day.opened':
      openDay(draft, fact.dayUtc, money(fact.equityUsdt));
      return;
    case 'reconciled':
      recovered(draft, { reconciled: true });
      draft.reconciliation = compared(draft.reconciliation, fact, atMs);
      for (const symbol of fact.trades ?? []) {
        const traded = draft.traded.get(symbol);
        if (traded !== undefined) draft.traded.set(symbol, { ...traded, comparedMs: traded.newestMs });
      }
      return;
    case 'reconcile.failed':
      draft.reconciliation = { ...draft.reconciliation, failures: draft.reconciliation.failures + 1, text: fact.text };
      return;
    case 'selftest.finished':
      draft.selfTest = { items: fact.items, atMs };
      recovered(draft, { selfTested: true });
      return;
    case 'stop.tripped':
    case 'stop.pressed':
    case 'stop.receipted':
    case 'stop.reset':
    case 'stop.rearmed':
      evolveStop(draft, fact, atMs);
      return;
    default:
      assertNever(fact);
  }
};

/** Takes the fact into the state. Sequence numbers have no holes; an order's fact needs its order. Throws when an invariant breaks. */
export const evolve = (state: EngineState, { seq, atMs, fact }: SequencedFact): void => {
  invariant(seq === state.seq + 1, `fact ${seq} follows fact ${state.seq}`);
  const draft = state as Draft;
  const word = firstWordOf(state, fact);
  const before = beforeFact(draft, fact);
  draft.autoTrip = autoEvolved(draft, fact, atMs);
  apply(draft, fact, atMs);
  draft.ladder = laddered(draft, before, fact, atMs);
  noteFact(state, fact, atMs, word);
  // A wall clock may step back: an hour either way is an hour.
  if (PRUNES_AT.has(fact.kind) && Math.abs(atMs - draft.prunedAtMs) >= PRUNE_EVERY_MS) prune(draft, atMs);
  draft.seq = seq;
};

/** The day that a time belongs to, `YYYY-MM-DD` in UTC. */
export const utcDayOf = (atMs: number): string => new Date(Math.floor(atMs / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
