// The practice exchange's core behind one facade: instruments, accounts, orders and markets, driven only by its callers' calls and
// times. Pure: no clock, no randomness, no timers; the same calls give the same events. Interface notes are on `Exchange` (types.ts).
import { Account } from './account.ts';
import { Admission, refusalOfClientId } from './admission.ts';
import { drawnClientId } from './client-ids.ts';
import { Desk } from './desk.ts';
import { draftOrder, type PriceReference } from './draft.ts';
import { REFUSAL, accept, missingEither, refusal } from './errors.ts';
import { Instrument } from './instrument.ts';
import { exchangeInfoJson, type ExchangeInfo } from './instruments.ts';
import { ocoDrafts, otoDrafts, otocoDrafts, type ListDrafts } from './lists.ts';
import { Market } from './market.ts';
import { Matching } from './matching.ts';
import { isContingent, isOpen, makeOrder, ocoLegs, type Order, type OrderDraft, type OrderList } from './order.ts';
import { accountRecord, recordsOf } from './records.ts';
import { accountSnapshot, canceledOrder, commissionRates, listSummary, placedOrder, queriedOrder } from './reports.ts';
import { restoreAccounts } from './restore.ts';
import type { ExchangeState, StateChange } from './state.ts';
import { Tape } from './tape.ts';
import type {
  AccountCommission,
  AccountSnapshot,
  AccountSpec,
  AccountTrade,
  AggTrade,
  ApiError,
  AvgPrice,
  BookTicker,
  BookTickerInput,
  BookTickerPayload,
  CanceledOrder,
  CanceledOrderList,
  CancelOrder,
  CancelReplace,
  CancelReplaceResult,
  CoreEvent,
  DepthInput,
  DepthSnapshot,
  Exchange,
  ExchangeLimits,
  ExchangeOptions,
  KlineInterval,
  KlineRow,
  MiniTickerPayload,
  NewOco,
  NewOrder,
  NewOto,
  NewOtoco,
  OrderKey,
  OrderListKey,
  OrderListSummary,
  PlacedOrder,
  PlacedOrderList,
  PublicTrade,
  QueriedOrder,
  Result,
  SymbolStatus,
  Ticker24h,
  TickerPayload,
  TradeInput,
} from './types.ts';
import { lowerBoundBy } from './sorted.ts';
import { floorDiv, parseBalance } from './units.ts';

const FIRST_UID = 100_001;

export class ExchangeCore implements Exchange {
  readonly #markets = new Map<string, Market>();
  readonly #accounts = new Map<string, Account>();
  readonly #listeners = new Set<(event: CoreEvent) => void>();
  readonly #limits: ExchangeLimits;
  readonly #desk: Desk;
  readonly #matching: Matching;
  readonly #admission: Admission;
  readonly #idSeed: number;
  #nextOrderId = 1;
  #nextListId = 1;
  #nextCancelId = 1;
  #keep: ((change: StateChange) => void) | undefined;
  /** User events of the running operation: told when it is over, and kept. */
  #outbox: CoreEvent[] = [];

  /** Throws RangeError on a spec that cannot be traded exactly (Instrument) or holds no plain decimals, and on a state that does not add up. */
  constructor(options: ExchangeOptions) {
    const emit = (event: CoreEvent) => this.#emit(event);
    const later = (event: CoreEvent) => this.#outbox.push(event);
    const history = { trades: options.history?.trades ?? 1000, klines: options.history?.klines ?? 1000 };
    for (const spec of options.instruments) {
      const instrument = new Instrument(spec);
      this.#markets.set(spec.symbol, new Market(instrument, new Tape(instrument, emit, history), emit));
    }
    this.#limits = options.limits ?? {};
    this.#idSeed = options.idSeed ?? 0;
    this.#desk = new Desk(this.#markets, later, options.nowMs);
    this.#matching = new Matching(this.#desk);
    this.#admission = new Admission(this.#matching, this.#limits);
    if (options.state !== undefined) this.#restore(options.state);
    for (const spec of options.accounts) if (!this.hasAccount(spec.id)) this.addAccount(spec);
  }

  onEvent(listener: (event: CoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // --------------------------------------------------------------------------------------------------------------- state

  exportState(): ExchangeState {
    const accounts = [...this.#accounts.values()];
    const records = accounts.map(recordsOf);
    return {
      next: this.#nextIds(),
      accounts: accounts.map(accountRecord),
      orders: records.flatMap(({ orders }) => orders),
      lists: records.flatMap(({ lists }) => lists),
      trades: records.flatMap(({ trades }) => trades),
      lastPrices: this.lastPrices(),
    };
  }

  lastPrices(): Readonly<Record<string, string>> {
    const prices: Record<string, string> = {};
    for (const symbol of this.#markets.keys()) {
      const price = this.lastPrice(symbol);
      if (price !== undefined) prices[symbol] = price;
    }
    return prices;
  }

  keepWith(keep: (change: StateChange) => void): void {
    this.#keep = keep;
  }

  // ------------------------------------------------------------------------------------------------------------ accounts

  addAccount(spec: AccountSpec): void {
    if (this.#accounts.has(spec.id)) throw new RangeError(`account ${spec.id} exists`);
    const account = new Account(spec, FIRST_UID + this.#accounts.size, this.#desk.nowMs);
    this.#accounts.set(spec.id, account);
    this.#desk.changes.accounts.add(account);
    this.#settle();
  }

  hasAccount(account: string): boolean {
    return this.#accounts.has(account);
  }

  deposit(account: string, asset: string, amount: string, nowMs: number): void {
    this.#at(nowMs);
    this.#desk.transfer(this.#account(account), asset, parseBalance(amount));
    this.#settle();
  }

  withdraw(account: string, asset: string, amount: string, nowMs: number): Result<null> {
    this.#at(nowMs);
    const holder = this.#account(account);
    const units = parseBalance(amount);
    if (holder.free(asset) < units) return refusal(REFUSAL.balance);
    this.#desk.transfer(holder, asset, -units);
    this.#settle();
    return accept(null);
  }

  setBnbDiscount(account: string, on: boolean): void {
    const holder = this.#account(account);
    holder.bnbDiscount = on;
    this.#desk.changes.accounts.add(holder);
    this.#settle();
  }

  account(account: string, query: { readonly omitZeroBalances?: boolean } = {}): AccountSnapshot {
    return accountSnapshot(this.#account(account), query.omitZeroBalances ?? false);
  }

  accountCommission(account: string, symbol: string): AccountCommission {
    return commissionRates(this.#account(account), this.#market(symbol).instrument);
  }

  /** Every unit of every asset, by where it is: for audits. `accounts + house + fees` only changes by deposits and withdrawals. */
  audit(): ReadonlyMap<string, { readonly accounts: bigint; readonly house: bigint; readonly fees: bigint }> {
    const totals = new Map<string, { accounts: bigint; house: bigint; fees: bigint }>();
    const of = (asset: string) => {
      const total = totals.get(asset) ?? { accounts: 0n, house: 0n, fees: 0n };
      totals.set(asset, total);
      return total;
    };
    for (const account of this.#accounts.values()) {
      for (const [asset, { free, locked }] of account.balances) of(asset).accounts += free + locked;
    }
    for (const [asset, units] of this.#desk.house) of(asset).house += units;
    for (const [asset, units] of this.#desk.fees) of(asset).fees += units;
    return totals;
  }

  // -------------------------------------------------------------------------------------------------------------- orders

  placeOrder(account: string, request: NewOrder, nowMs: number): Result<PlacedOrder> {
    this.#at(nowMs);
    const prepared = this.#prepare(this.#account(account), request);
    if (!prepared.ok) return prepared;
    const placed = this.#enter(prepared.value);
    this.#settle();
    return placed;
  }

  testOrder(account: string, request: NewOrder, nowMs: number): Result<null> {
    this.#at(nowMs);
    const prepared = this.#prepare(this.#account(account), request);
    return prepared.ok ? accept(null) : prepared;
  }

  cancelOrder(account: string, key: CancelOrder, nowMs: number): Result<CanceledOrder | CanceledOrderList> {
    this.#at(nowMs);
    const canceled = this.#cancel(this.#account(account), key);
    this.#settle();
    return canceled;
  }

  cancelReplace(account: string, request: CancelReplace, nowMs: number): Result<CancelReplaceResult> {
    this.#at(nowMs);
    const holder = this.#account(account);
    const filtered = this.#refusalByFilters(holder, request.order);
    if (filtered !== undefined) return refusal(filtered);
    const { cancelOrderId, cancelOrigClientOrderId, cancelNewClientOrderId, cancelRestrictions } = request;
    const canceled = this.#cancel(holder, {
      symbol: request.order.symbol,
      ...(cancelOrderId !== undefined && { orderId: cancelOrderId }),
      ...(cancelOrigClientOrderId !== undefined && { origClientOrderId: cancelOrigClientOrderId }),
      ...(cancelNewClientOrderId !== undefined && { newClientOrderId: cancelNewClientOrderId }),
      ...(cancelRestrictions !== undefined && { cancelRestrictions }),
    });
    if (!canceled.ok && request.mode === 'STOP_ON_FAILURE') {
      return replaceFailure(-2022, 'Order cancel-replace failed.', canceled, undefined);
    }
    const prepared = this.#prepare(holder, request.order);
    const placed = prepared.ok ? this.#enter(prepared.value) : prepared;
    this.#settle();
    if (canceled.ok && placed.ok) return accept(replaceResult(canceled, placed));
    if (!canceled.ok && !placed.ok) return replaceFailure(-2022, 'Order cancel-replace failed.', canceled, placed);
    return replaceFailure(-2021, 'Order cancel-replace partially failed.', canceled, placed);
  }

  cancelAllOpen(account: string, symbol: string, nowMs: number): Result<readonly (CanceledOrder | CanceledOrderList)[]> {
    this.#at(nowMs);
    if (!this.hasSymbol(symbol)) return refusal(REFUSAL.badSymbol);
    const open = [...this.#account(account).record(symbol).open];
    if (open.length === 0) return refusal(REFUSAL.unknownOrder);
    const cancelId = this.#drawCancelId();
    const lists = new Set<OrderList>();
    const canceled: (CanceledOrder | CanceledOrderList)[] = [];
    for (const order of open) {
      if (order.list !== undefined) {
        lists.add(order.list);
        continue;
      }
      this.#desk.end(order, { status: 'CANCELED', cancelClientOrderId: cancelId });
      canceled.push(canceledOrder(order, cancelId));
    }
    for (const list of lists) canceled.push(this.#cancelList(list, cancelId));
    this.#settle();
    return accept(canceled);
  }

  getOrder(account: string, key: OrderKey, nowMs: number): Result<QueriedOrder> {
    this.#at(nowMs);
    const found = this.#find(this.#account(account), key, REFUSAL.noSuchOrder);
    return found.ok ? accept(queriedOrder(found.value)) : found;
  }

  openOrders(account: string, symbol?: string): readonly QueriedOrder[] {
    const holder = this.#account(account);
    const records = symbol === undefined ? [...holder.records()] : [holder.record(symbol)];
    return records.flatMap((record) => Array.from(record.open, queriedOrder)).sort((a, b) => a.orderId - b.orderId);
  }

  allOrders(
    account: string,
    symbol: string,
    query: { readonly orderId?: number; readonly startTime?: number; readonly endTime?: number; readonly limit: number },
  ): readonly QueriedOrder[] {
    const { orderId, startTime, endTime = Infinity, limit } = query;
    const orders = this.#account(account).record(symbol).orders;
    const matching = orders.filter(
      (order) => order.id >= (orderId ?? 0) && order.createdMs >= (startTime ?? 0) && order.createdMs <= endTime,
    );
    return oldestOrNewest(matching, orderId ?? startTime, limit).map(queriedOrder);
  }

  myTrades(
    account: string,
    symbol: string,
    query: {
      readonly orderId?: number;
      readonly fromId?: number;
      readonly startTime?: number;
      readonly endTime?: number;
      readonly limit: number;
    },
  ): readonly AccountTrade[] {
    const { orderId, fromId, startTime, endTime = Infinity, limit } = query;
    const trades = this.#account(account)
      .record(symbol)
      .trades.filter(
        (trade) =>
          (orderId === undefined || trade.orderId === orderId) &&
          trade.id >= (fromId ?? 0) &&
          trade.time >= (startTime ?? 0) &&
          trade.time <= endTime,
      );
    return oldestOrNewest(trades, fromId ?? startTime, limit);
  }

  // --------------------------------------------------------------------------------------------------------- order lists

  placeOco(account: string, request: NewOco, nowMs: number): Result<PlacedOrderList> {
    return this.#placeList(account, request, nowMs, (market) =>
      ocoDrafts(market.instrument, request, this.#reference(market), market.tape.last?.ticks),
    );
  }

  placeOto(account: string, request: NewOto, nowMs: number): Result<PlacedOrderList> {
    return this.#placeList(account, request, nowMs, (market) => otoDrafts(market.instrument, request, this.#reference(market)));
  }

  placeOtoco(account: string, request: NewOtoco, nowMs: number): Result<PlacedOrderList> {
    return this.#placeList(account, request, nowMs, (market) => otocoDrafts(market.instrument, request, this.#reference(market)));
  }

  cancelOrderList(account: string, key: OrderListKey, nowMs: number): Result<CanceledOrderList> {
    this.#at(nowMs);
    const list = this.#findList(account, key);
    if (list === undefined || list.done || list.instrument.symbol !== key.symbol) return refusal(REFUSAL.unknownOrder);
    const canceled = this.#cancelList(list, key.newClientOrderId ?? this.#drawCancelId());
    this.#settle();
    return accept(canceled);
  }

  getOrderList(account: string, key: OrderListKey): Result<OrderListSummary> {
    const list = this.#findList(account, key);
    return list === undefined ? refusal(REFUSAL.noSuchList) : accept(listSummary(list));
  }

  openOrderLists(account: string): readonly OrderListSummary[] {
    return Array.from(this.#account(account).lists())
      .filter((list) => !list.done)
      .map(listSummary);
  }

  allOrderLists(
    account: string,
    query: { readonly fromId?: number; readonly startTime?: number; readonly endTime?: number; readonly limit: number },
  ): readonly OrderListSummary[] {
    const { fromId, startTime, endTime = Infinity, limit } = query;
    const lists = Array.from(this.#account(account).lists()).filter(
      (list) => list.id >= (fromId ?? 0) && list.createdMs >= (startTime ?? 0) && list.createdMs <= endTime,
    );
    return oldestOrNewest(lists, fromId ?? startTime, limit).map(listSummary);
  }

  // ------------------------------------------------------------------------------------------------------------- markets

  hasSymbol(symbol: string): boolean {
    return this.#markets.has(symbol);
  }

  symbols(): readonly string[] {
    return [...this.#markets.keys()];
  }

  setSymbolStatus(symbol: string, status: SymbolStatus): void {
    this.#market(symbol).instrument.status = status;
  }

  exchangeInfo(nowMs: number): ExchangeInfo {
    return exchangeInfoJson(
      Array.from(this.#markets.values(), (market) => market.instrument),
      this.#limits,
      nowMs,
    );
  }

  depth(symbol: string, limit: number): DepthSnapshot {
    return this.#market(symbol).depth(limit);
  }

  bookTicker(symbol: string): BookTicker {
    return this.#market(symbol).bookTicker();
  }

  bookTickerPayload(symbol: string): BookTickerPayload | undefined {
    return this.#market(symbol).quote;
  }

  lastPrice(symbol: string): string | undefined {
    const { tape, instrument } = this.#market(symbol);
    return tape.last === undefined ? undefined : instrument.priceText(tape.last.ticks);
  }

  trades(symbol: string, query: { readonly fromId?: number; readonly limit: number }): readonly PublicTrade[] {
    return this.#market(symbol).tape.trades(query);
  }

  aggTrades(
    symbol: string,
    query: { readonly fromId?: number; readonly startTime?: number; readonly endTime?: number; readonly limit: number },
  ): readonly AggTrade[] {
    return this.#market(symbol).tape.aggTrades(query);
  }

  klines(
    symbol: string,
    interval: KlineInterval,
    query: { readonly startTime?: number; readonly endTime?: number; readonly limit: number },
    nowMs: number,
  ): readonly KlineRow[] {
    this.#at(nowMs);
    return this.#market(symbol).tape.klines(interval, query, this.#desk.nowMs);
  }

  avgPrice(symbol: string, nowMs: number): AvgPrice {
    this.#at(nowMs);
    return this.#market(symbol).tape.avgPrice(this.#desk.nowMs);
  }

  ticker24h(symbol: string, nowMs: number): Ticker24h {
    this.#at(nowMs);
    const market = this.#market(symbol);
    return { ...market.tape.ticker24h(this.#desk.nowMs), ...market.bookTicker() };
  }

  tickerPayload(symbol: string, nowMs: number): TickerPayload {
    const day = this.ticker24h(symbol, nowMs);
    return {
      e: '24hrTicker',
      E: this.#desk.nowMs,
      s: symbol,
      p: day.priceChange,
      P: day.priceChangePercent,
      w: day.weightedAvgPrice,
      x: day.prevClosePrice,
      c: day.lastPrice,
      Q: day.lastQty,
      b: day.bidPrice,
      B: day.bidQty,
      a: day.askPrice,
      A: day.askQty,
      o: day.openPrice,
      h: day.highPrice,
      l: day.lowPrice,
      v: day.volume,
      q: day.quoteVolume,
      O: day.openTime,
      C: day.closeTime,
      F: day.firstId,
      L: day.lastId,
      n: day.count,
    };
  }

  miniTickerPayload(symbol: string, nowMs: number): MiniTickerPayload {
    const { lastPrice: c, openPrice: o, highPrice: h, lowPrice: l, volume: v, quoteVolume: q } = this.ticker24h(symbol, nowMs);
    return { e: '24hrMiniTicker', E: this.#desk.nowMs, s: symbol, c, o, h, l, v, q };
  }

  watchKline(symbol: string, interval: KlineInterval): () => void {
    return this.#market(symbol).tape.watch(interval);
  }

  applyDepth(symbol: string, input: DepthInput, nowMs: number): void {
    this.#at(nowMs);
    const market = this.#market(symbol);
    market.applyDepth(input, this.#desk.nowMs);
    this.#matching.crossed(market);
    this.#settle();
  }

  applyTrade(symbol: string, input: TradeInput, nowMs: number): void {
    this.#at(nowMs);
    const market = this.#market(symbol);
    const trade = market.tape.add(input, this.#desk.nowMs);
    const lots = floorDiv(trade.units, market.instrument.lotUnits);
    if (market.hasBook) this.#matching.feedTrade(market, trade.ticks, lots, trade.buyerIsMaker ? 'SELL' : 'BUY');
    this.#settle();
  }

  applyBookTicker(symbol: string, input: BookTickerInput, nowMs: number): void {
    this.#at(nowMs);
    const market = this.#market(symbol);
    market.applyBookTicker(input);
    this.#matching.crossed(market);
    this.#settle();
  }

  advance(nowMs: number): void {
    this.#at(nowMs);
    for (const market of this.#markets.values()) market.tape.advance(this.#desk.nowMs);
  }

  // ------------------------------------------------------------------------------------------------------------- private

  #emit(event: CoreEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #at(nowMs: number): void {
    this.#desk.nowMs = Math.max(this.#desk.nowMs, nowMs);
  }

  /** The end of every operation: lists follow, what changed is kept, and only then is anybody told. */
  #settle(): void {
    this.#matching.settleLists();
    this.#desk.flush();
    const { changes } = this.#desk;
    if (this.#keep !== undefined && !changes.isEmpty) this.#keep({ next: this.#nextIds(), ...changes.records() });
    changes.clear();
    if (this.#outbox.length === 0) return;
    const told = this.#outbox;
    this.#outbox = [];
    for (const event of told) this.#emit(event);
  }

  #nextIds(): ExchangeState['next'] {
    return { order: this.#nextOrderId, list: this.#nextListId, cancel: this.#nextCancelId, ...this.#desk.nextIds };
  }

  #restore(state: ExchangeState): void {
    this.#nextOrderId = state.next.order;
    this.#nextListId = state.next.list;
    this.#nextCancelId = state.next.cancel;
    this.#desk.nextIds = state.next;
    for (const account of restoreAccounts(state, this.#markets, FIRST_UID)) this.#accounts.set(account.id, account);
  }

  #account(id: string): Account {
    const account = this.#accounts.get(id);
    if (account === undefined) throw new RangeError(`no account ${id}`);
    return account;
  }

  #market(symbol: string): Market {
    const market = this.#markets.get(symbol);
    if (market === undefined) throw new RangeError(`no symbol ${symbol}`);
    return market;
  }

  #reference(market: Market): PriceReference {
    return { averageUnits: (mins) => market.tape.averageUnits(mins, this.#desk.nowMs) };
  }

  #drawCancelId(): string {
    return drawnClientId(this.#idSeed, 'cancel', this.#nextCancelId++);
  }

  /** Everything that can refuse an order, before anything is changed. The order it gives back is not registered yet. */
  #prepare(account: Account, request: NewOrder): Result<Order> {
    const market = this.#markets.get(request.symbol);
    if (market === undefined) return refusal(REFUSAL.badSymbol);
    if (market.instrument.status !== 'TRADING') return refusal(REFUSAL.marketClosed);
    const { newClientOrderId, ...rest } = request;
    const leg = newClientOrderId === undefined ? rest : { ...rest, clientOrderId: newClientOrderId };
    const draft = draftOrder(market.instrument, leg, this.#reference(market));
    if (!draft.ok) return draft;
    const sized = this.#admission.sizeByQuote(market, account, draft.value);
    if (!sized.ok) return sized;
    const order = this.#newOrder(sized.value, this.#nextOrderId, account, market);
    const error = this.#admission.refusalOnAdding(account, market.instrument, [order]) ?? this.#admission.refusalOnEntry(market, order);
    return error === undefined ? accept(order) : refusal(error);
  }

  /**
   * What refuses a replacement before the order that it replaces is touched, that order still counted: "Filters … are evaluated before
   * the processing of the cancellation and order placement occurs" (rest-api.md).
   */
  #refusalByFilters(account: Account, request: NewOrder): ApiError | undefined {
    const market = this.#markets.get(request.symbol);
    if (market === undefined) return REFUSAL.badSymbol;
    const draft = draftOrder(market.instrument, request, this.#reference(market));
    if (!draft.ok) return draft.error;
    const order = this.#newOrder(draft.value, this.#nextOrderId, account, market);
    return this.#admission.refusalByCounts(account, market.instrument, [order]);
  }

  #newOrder(draft: OrderDraft, id: number, account: Account, market: Market): Order {
    const clientOrderId = draft.clientOrderId ?? drawnClientId(this.#idSeed, 'order', id);
    const order = makeOrder({ ...draft, clientOrderId }, id, account, market.instrument, this.#desk.nowMs);
    order.holdTicks = order.type === 'MARKET' ? 0 : order.priceTicks || order.stopTicks || (market.tape.last?.ticks ?? 0);
    if (!isContingent(order.type)) order.workingMs = this.#desk.nowMs;
    return order;
  }

  /** Registers a prepared order and lets it trade. */
  #enter(order: Order): Result<PlacedOrder> {
    this.#nextOrderId += 1;
    if (!this.#desk.reserve(order)) return refusal(REFUSAL.balance);
    this.#desk.open(order);
    this.#matching.submit(order);
    return accept(placedOrder(order));
  }

  #find(account: Account, key: OrderKey, unknown: ApiError): Result<Order> {
    if (!this.hasSymbol(key.symbol)) return refusal(REFUSAL.badSymbol);
    if (key.orderId !== undefined) {
      const order = findById(account.record(key.symbol).orders, key.orderId);
      if (order === undefined) return refusal(unknown);
      const matches = key.origClientOrderId === undefined || key.origClientOrderId === order.clientOrderId;
      return matches ? accept(order) : refusal(REFUSAL.clientIdMismatch);
    }
    if (key.origClientOrderId === undefined) return missingEither('origClientOrderId', 'orderId');
    const order = account.byClientId(key.origClientOrderId);
    return order === undefined || order.instrument.symbol !== key.symbol ? refusal(unknown) : accept(order);
  }

  #cancel(account: Account, key: CancelOrder): Result<CanceledOrder | CanceledOrderList> {
    const found = this.#find(account, key, REFUSAL.unknownOrder);
    if (!found.ok) return found;
    const order = found.value;
    if (!isOpen(order)) return refusal(REFUSAL.unknownOrder);
    const wanted = key.cancelRestrictions === 'ONLY_NEW' ? 'NEW' : 'PARTIALLY_FILLED';
    if (key.cancelRestrictions !== undefined && order.status !== wanted) return refusal(REFUSAL.cancelRestricted);
    const cancelId = key.newClientOrderId ?? this.#drawCancelId();
    if (order.list !== undefined) return accept(this.#cancelList(order.list, cancelId));
    this.#desk.end(order, { status: 'CANCELED', cancelClientOrderId: cancelId });
    return accept(canceledOrder(order, cancelId));
  }

  #cancelList(list: OrderList, cancelId: string): CanceledOrderList {
    const open = list.orders.filter(isOpen);
    for (const order of open) this.#desk.end(order, { status: 'CANCELED', cancelClientOrderId: cancelId });
    return { ...listSummary(list), orderReports: open.map((order) => canceledOrder(order, cancelId)) };
  }

  #findList(account: string, key: OrderListKey): OrderList | undefined {
    const holder = this.#account(account);
    if (key.orderListId !== undefined) return holder.list(key.orderListId);
    return key.listClientOrderId === undefined ? undefined : holder.listByClientId(key.listClientOrderId);
  }

  #placeList(
    accountId: string,
    request: { readonly symbol: string; readonly listClientOrderId?: string },
    nowMs: number,
    build: (market: Market) => Result<ListDrafts>,
  ): Result<PlacedOrderList> {
    this.#at(nowMs);
    const account = this.#account(accountId);
    const market = this.#markets.get(request.symbol);
    if (market === undefined) return refusal(REFUSAL.badSymbol);
    if (market.instrument.status !== 'TRADING') return refusal(REFUSAL.marketClosed);
    const drafts = build(market);
    if (!drafts.ok) return drafts;
    const list = this.#newList(account, market, drafts.value, request.listClientOrderId);
    const placedNow = list.orders.slice(0, drafts.value.placedNow);
    const error = this.#refusalOfList(market, list, placedNow);
    if (error !== undefined) return refusal(error);
    for (const order of list.orders.slice(placedNow.length)) order.status = 'PENDING_NEW';
    this.#nextOrderId += list.orders.length;
    this.#nextListId += 1;
    const [first] = placedNow;
    if (first === undefined || !this.#desk.reserve(first)) return refusal(REFUSAL.balance);
    for (const order of list.orders) this.#desk.open(order);
    this.#desk.openList(list);
    for (const order of placedNow) if (isOpen(order)) this.#matching.submit(order);
    const placed = { ...listSummary(list), orderReports: list.orders.map(placedOrder) };
    this.#settle();
    return accept(placed);
  }

  /** The legs of an OCO, pending or not, share one hold: only one of them can execute. */
  #newList(
    account: Account,
    market: Market,
    drafts: ListDrafts,
    clientOrderId = drawnClientId(this.#idSeed, 'list', this.#nextListId),
  ): OrderList {
    const orders = drafts.drafts.map((draft, i) => this.#newOrder(draft, this.#nextOrderId + i, account, market));
    const nowMs = this.#desk.nowMs;
    const { contingency } = drafts;
    const id = this.#nextListId;
    const list: OrderList = {
      id,
      account,
      instrument: market.instrument,
      contingency,
      clientOrderId,
      createdMs: nowMs,
      orders,
      updatedMs: nowMs,
      done: false,
    };
    const [legA, legB] = ocoLegs(list);
    if (legA !== undefined && legB !== undefined) legB.hold = legA.hold;
    orders.forEach((order, i) => {
      order.list = list;
      if (i >= drafts.placedNow) order.workingMs = -1;
    });
    return list;
  }

  #refusalOfList(market: Market, list: OrderList, placedNow: readonly Order[]): ApiError | undefined {
    const { account, instrument, orders } = list;
    const illegal = refusalOfClientId(list.clientOrderId, 'listClientOrderId');
    if (illegal !== undefined) return illegal;
    if (account.listByClientId(list.clientOrderId)?.done === false) return REFUSAL.duplicate;
    const error = this.#admission.refusalOnAdding(account, instrument, orders);
    if (error !== undefined) return error;
    for (const order of placedNow) {
      const refused = this.#admission.refusalOnEntry(market, order);
      if (refused !== undefined) return refused;
    }
    return undefined;
  }
}

/** With a starting point the oldest rows count, without one the newest (rest-api.md, "All orders", "Account trade list"). */
function oldestOrNewest<T>(rows: readonly T[], start: number | undefined, limit: number): readonly T[] {
  return start === undefined ? rows.slice(-limit) : rows.slice(0, limit);
}

/** Orders are kept in the order of their ids. */
function findById(orders: readonly Order[], id: number): Order | undefined {
  const order = orders[lowerBoundBy(orders, id, (each) => each.id)];
  return order?.id === id ? order : undefined;
}

function replaceResult(canceled: Result<CanceledOrder | CanceledOrderList>, placed: Result<PlacedOrder> | undefined): CancelReplaceResult {
  return {
    cancelResult: canceled.ok ? 'SUCCESS' : 'FAILURE',
    newOrderResult: placed === undefined ? 'NOT_ATTEMPTED' : placed.ok ? 'SUCCESS' : 'FAILURE',
    cancelResponse: canceled.ok ? canceled.value : { code: canceled.error.code, msg: canceled.error.msg },
    newOrderResponse: placed === undefined ? null : placed.ok ? placed.value : { code: placed.error.code, msg: placed.error.msg },
  };
}

function replaceFailure(
  code: number,
  msg: string,
  canceled: Result<CanceledOrder | CanceledOrderList>,
  placed: Result<PlacedOrder> | undefined,
): Result<CancelReplaceResult> {
  return refusal({ code, msg, data: replaceResult(canceled, placed) });
}
