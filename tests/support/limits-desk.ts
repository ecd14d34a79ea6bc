// An exchange played by hand around a bare engine, with books of its own that hold every limit (REQUIREMENTS C) again at each decision:
// whatever is on its way or in doubt is taken to be filled at its worst. It shares no formula with the gate.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId, ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { Effect } from '../../src-main/engine/effects.ts';
import type { Fact, IntendedOrder } from '../../src-main/engine/facts.ts';
import { approveForWire, approveListForWire } from '../../src-main/safety/gate.ts';
import type { VenueBalance, VenueFill, VenueOrder } from '../../src-main/venue/port.ts';
import { claim } from './claim.ts';
import { balance, fillOf, report, Rig, stated } from './engine-rig.ts';
import { BNB, BTC, ETH, START_MS } from './sim.ts';

const D = (value: Decimal | string | number): Decimal => new Decimal(value);
const ZERO = D(0);
const FEE = D('0.001');
const ASIDE_PCT = 100;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const ORDER_COUNT_LIMITS = { orderLimit10s: 100, orderLimit1d: 200_000 };
const WEIGHT_LIMIT = 6000;
/** Holdings worth less than the smallest order are dust, and no position. */
const DUST_USDT = D(5);
export const SYMBOLS = [BTC, ETH, BNB] as const;
export const LOT = D('0.00001');
export const TICK = D('0.01');

/** An order as this side of the wire has it. */
export interface DeskOrder {
  readonly id: ClientOrderId;
  readonly order: IntendedOrder;
  readonly symbol: SymbolId;
  readonly buys: boolean;
  readonly list: string | null;
  /** The dearest price that a buy can fill at, by the rules of C1. */
  readonly worst: Decimal;
  readonly fills: VenueFill[];
  filled: Decimal;
  /** What the console has heard of that. */
  toldFills: number;
  /** decided: has not left. venue: may be there, and is. ended: nothing comes of it any more. */
  where: 'decided' | 'venue' | 'ended';
  /** The console waits for an answer that will not come. */
  lost: boolean;
  answered: boolean;
  /** An exit that waits for its entry. */
  pending: boolean;
  end: 'FILLED' | 'CANCELED' | 'EXPIRED' | 'REJECTED' | null;
}

/** What comes over the account's own stream. */
const USER_EVENTS = new Set(['execution', 'balances', 'balance-moved']);

export class LimitsDesk {
  readonly rig: Rig;
  readonly orders = new Map<string, DeskOrder>();
  readonly mids: Record<string, Decimal> = { [BTC]: D(50_000), [ETH]: D(2500), [BNB]: D(500) };
  /** What was asked for last; it may only ever have become tighter. */
  policy: Policy;
  budget = {
    usedWeight: 1,
    weightLimit: WEIGHT_LIMIT,
    orderCount10s: 0,
    orderCount1d: 0,
    ...ORDER_COUNT_LIMITS,
    holdUntilMs: null as number | null,
  };
  openings = 0;
  private usdt: Decimal;
  private readonly coins: Record<string, Decimal> = { [BTC]: ZERO, [ETH]: ZERO, [BNB]: ZERO };
  private toldUsdt = ZERO;
  private toldCoins: Record<string, Decimal> = {};
  private openingUsdt = ZERO;
  private flowsUsdt = ZERO;
  private readonly quotedAtMs: Record<string, number> = {};
  private userHeardAtMs = 0;
  private readonly paces: { readonly symbol: SymbolId; readonly atMs: number }[] = [];
  private readonly cost: Record<string, Decimal> = { [BTC]: ZERO, [ETH]: ZERO, [BNB]: ZERO };
  private readonly realised = new Map<string, Decimal>();
  private lossesInRow = 0;
  private readonly counted = new Set<string>();
  private lastLossAtMs = 0;
  private factsSeen = 0;
  private tradeNumber = 0;
  private tripped = false;
  private broken: Error | null = null;

  constructor(policy: Policy, usdt: string) {
    this.policy = policy;
    this.usdt = D(usdt);
    this.rig = new Rig({ policy, balances: [balance('USDT', usdt)] });
    this.rig.quotes = () => SYMBOLS.forEach((symbol) => this.quote(symbol));
    const { rig } = this;
    const tell = rig.tell.bind(rig);
    rig.tell = (event) => {
      if (USER_EVENTS.has(event.kind) || (event.kind === 'alive' && event.stream === 'user')) this.userHeardAtMs = rig.monoMs;
      tell(event);
    };
    this.noteBalances();
    // The engine takes no harm from what a listener throws: it is kept, and said at the next step.
    this.rig.onTurn = () => {
      try {
        this.readFacts();
      } catch (error) {
        this.broken ??= error instanceof Error ? error : new Error(String(error));
      }
    };
    this.rig.ready();
    this.userHeardAtMs = this.rig.monoMs;
  }

  // ------------------------------------------------------------------------------------------------------------- the market

  private quote(symbol: SymbolId): void {
    const mid = this.mids[symbol]!;
    this.quotedAtMs[symbol] = this.rig.monoMs;
    const [bid, ask] = [mid.minus(TICK), mid.plus(TICK)].map((each) => each.toFixed() as DecimalText);
    this.rig.tell({ kind: 'quote', symbol, bid: bid!, ask: ask! });
  }

  /** Moves a price by so many basis points. */
  move(symbol: SymbolId, bps: number): void {
    this.mids[symbol] = this.mids[symbol]!.times(10_000 + bps)
      .div(10_000)
      .toDecimalPlaces(2);
    this.quote(symbol);
  }

  pass(durationMs: number): void {
    this.rig.pass(durationMs);
    this.work();
  }

  /** The machine sleeps, or nothing comes: time goes by without a tick. `wallMs`: what the wall clock does beyond that. */
  silence(durationMs: number, wallMs = 0): void {
    this.rig.monoMs += durationMs;
    this.rig.nowMs += durationMs + wallMs;
    this.rig.engine.dispatch({ kind: 'tick' });
    this.work();
  }

  tellBudget(changes: Partial<LimitsDesk['budget']>): void {
    this.budget = { ...this.budget, ...changes };
    this.rig.tell({ kind: 'budget', budget: this.budget });
  }

  /** Money comes or goes from outside, and the exchange says so. */
  moveMoney(usdt: Decimal): void {
    // The same amount at the same millisecond would be the same report again.
    this.rig.pass(1);
    this.usdt = this.usdt.plus(usdt);
    this.flowsUsdt = this.flowsUsdt.plus(usdt);
    this.rig.tell({ kind: 'balance-moved', asset: 'USDT' as AssetId, delta: usdt.toFixed() as DecimalText, venueTimeMs: this.venueMs() });
    this.tellBalances();
  }

  private venueMs(): number {
    return START_MS + this.rig.monoMs;
  }

  // ------------------------------------------------------------------------------------------------------------ the exchange

  /** Does what the engine asks for: sends what may leave, and cancels at once. */
  work(): void {
    this.sayWhatBroke();
    for (let rounds = 0; this.rig.effects.length > 0; rounds += 1) {
      claim(rounds < 100, 'the engine asks for ever more');
      for (const effect of this.rig.effects.splice(0)) this.run(effect);
    }
    this.sayWhatBroke();
  }

  private sayWhatBroke(): void {
    if (this.broken !== null) throw this.broken;
  }

  private run(effect: Effect): void {
    const { engine } = this.rig;
    const { generation } = engine.state.stop;
    switch (effect.kind) {
      case 'submit':
      case 'replace': {
        const { order } = effect;
        const id = order.clientOrderId;
        const approved = approveForWire(order, engine.trading([id]), generation);
        if (!approved.ok) return void engine.dispatch({ kind: 'held-at-wire', clientOrderId: id, denial: approved.error });
        this.leaves([order]);
        if (effect.kind === 'submit') return;
        const old = this.orders.get(effect.canceled)!;
        const isOpen = old.where === 'venue' && old.filled.isZero();
        if (isOpen) this.finish(old, 'CANCELED');
        else this.finish(this.orders.get(id)!, 'REJECTED');
        const entry = this.orders.get(id)!;
        entry.answered = true;
        this.rig.replaced(id, effect.canceled, {
          canceled: isOpen ? { kind: 'canceled', orders: [this.said(old)] } : { kind: 'not-open', text: 'not open' },
          placed: isOpen
            ? { kind: 'accepted', order: this.said(entry), fills: [] }
            : { kind: 'rejected', code: -2022, text: 'stopped on failure', sent: false },
        });
        return this.tellBalances();
      }
      case 'submit-list': {
        const ids = effect.list.orders.map(({ clientOrderId }) => clientOrderId);
        const approved = approveListForWire(effect.list, engine.trading(ids), generation);
        if (approved.ok) return this.leaves(effect.list.orders);
        for (const clientOrderId of ids) engine.dispatch({ kind: 'held-at-wire', clientOrderId, denial: approved.error });
        return;
      }
      case 'cancel': {
        const one = this.orders.get(effect.clientOrderId);
        if (one === undefined) return;
        const isOpen = one.where === 'venue' && !one.lost;
        if (isOpen) this.finish(one, 'CANCELED');
        this.rig.canceled(
          one.id,
          isOpen ? { kind: 'canceled', orders: this.related(one).map((each) => this.said(each)) } : { kind: 'not-open', text: 'not open' },
        );
        return this.tellBalances();
      }
      case 'cancel-all': {
        const open = this.atVenue().filter(({ symbol }) => symbol === effect.symbol);
        for (const one of open) this.finish(one, 'CANCELED');
        const outcome =
          open.length > 0
            ? ({ kind: 'canceled', orders: open.map((each) => this.said(each)) } as const)
            : ({ kind: 'not-open', text: 'nothing' } as const);
        engine.dispatch({ kind: 'canceled-all', symbol: effect.symbol, tripId: effect.tripId, outcome });
        return this.tellBalances();
      }
      case 'see-open-orders':
        return this.rig.openOrdersSeen(this.atVenue().map((each) => this.said(each)));
      case 'see-account':
        return void engine.dispatch({
          kind: 'account-seen',
          tripId: effect.tripId,
          askedAtMs: this.rig.nowMs,
          result: { ok: true, value: { balances: this.balances(), canTrade: true } },
        });
      default:
    }
  }

  private atVenue(): readonly DeskOrder[] {
    return [...this.orders.values()].filter(({ where }) => where === 'venue');
  }

  private related({ id, list }: DeskOrder): readonly DeskOrder[] {
    return [...this.orders.values()].filter((one) => one.id === id || (list !== null && one.list === list));
  }

  private twins(one: DeskOrder): readonly DeskOrder[] {
    return this.related(one).filter((each) => each !== one && !each.buys && each.where === 'venue');
  }

  private leaves(orders: readonly IntendedOrder[]): void {
    const [{ side, symbol, qty, replaces }] = orders as readonly [IntendedOrder];
    const others = this.atVenue().filter(({ id }) => id !== replaces);
    if (side === 'SELL')
      claim(
        this.sellingOf(symbol, others).plus(qty!).lte(this.coins[symbol]!),
        `C14: ${orders[0]!.clientOrderId} leaves to sell what others sell`,
      );
    for (const order of orders) {
      claim(!this.tripped || order.origin === 'stop', `DESIGN 6: ${order.clientOrderId} leaves while the stop is tripped`);
      this.orders.get(order.clientOrderId)!.where = 'venue';
      this.rig.engine.dispatch({ kind: 'sent', clientOrderId: order.clientOrderId });
    }
  }

  /** Orders whose answer is still to come; those at the exchange; those in doubt. */
  unanswered(): readonly DeskOrder[] {
    return this.atVenue().filter(({ answered, lost }) => !answered && !lost);
  }

  resting(): readonly DeskOrder[] {
    return this.atVenue().filter(({ pending, lost, answered }) => !pending && !lost && answered);
  }

  inDoubt(): readonly DeskOrder[] {
    return [...this.orders.values()].filter(({ lost }) => lost);
  }

  /** The answer to an order, or to the list that it is in: it is there, it was refused, or nobody hears. */
  answer(one: DeskOrder, how: 'accept' | 'refuse' | 'lose'): void {
    const all = this.related(one);
    const text = 'played';
    const provableAtMs = this.rig.nowMs + 15_000;
    for (const each of all) {
      each.answered = true;
      if (how === 'lose') each.lost = true;
      if (how === 'refuse') this.finish(each, 'REJECTED');
    }
    const refused = { kind: 'rejected', code: -2010, text, sent: true } as const;
    const lost = { kind: 'unknown', text, provableAtMs } as const;
    if (one.list === null) {
      const taken = { kind: 'accepted', order: this.said(one), fills: [] } as const;
      this.rig.answer(one.id, how === 'accept' ? taken : how === 'refuse' ? refused : lost);
    } else {
      const taken = { kind: 'accepted', orders: all.map((each) => this.said(each)) } as const;
      this.rig.engine.dispatch({
        kind: 'submitted-list',
        listId: one.list as ClientOrderId,
        outcome: how === 'accept' ? taken : how === 'refuse' ? refused : lost,
      });
    }
    if (how !== 'lose') this.tellBalances();
    this.work();
  }

  /** So many percent of what is left trades at the price that is worst for the account. One in doubt trades without a word. */
  fill(one: DeskOrder, percent: number): void {
    if (one.where !== 'venue' || one.pending) return;
    const asked = one.order.qty === undefined ? D(one.order.quoteQty!).div(one.worst) : D(one.order.qty);
    const left = asked.minus(one.filled);
    const part = percent === ASIDE_PCT ? left : left.times(percent).div(100);
    const qty = (one.order.qty === undefined ? part : part.div(LOT).floor().times(LOT)).toDecimalPlaces(5, Decimal.ROUND_DOWN);
    if (!qty.gt(0)) return;
    // What other orders sold or lock meanwhile is not there: the exchange refuses.
    if (!one.buys && qty.gt(this.coins[one.symbol]!)) return this.expire(one);
    const mid = this.mids[one.symbol]!;
    const price = one.buys
      ? one.order.type === 'MARKET'
        ? Decimal.min(mid.plus(TICK), one.worst)
        : one.worst
      : D(one.order.price ?? one.order.stopPrice ?? mid.minus(TICK));
    const at = price.toDecimalPlaces(2, Decimal.ROUND_DOWN);
    const value = at.times(qty);
    const fee = one.buys ? qty.times(FEE) : value.times(FEE);
    this.tradeNumber += 1;
    const fill = fillOf(String(this.tradeNumber), qty.toFixed(), {
      price: at.toFixed(),
      fee: fee.toFixed(),
      feeAsset: one.buys ? one.symbol.slice(0, -4) : 'USDT',
      timeMs: this.venueMs(),
    });
    one.fills.push(fill);
    one.filled = one.filled.plus(qty);
    this.usdt = one.buys ? this.usdt.minus(value) : this.usdt.plus(value).minus(fee);
    this.book(one, value, qty, fee);
    // The first trade of one leg of a pair ends the other.
    if (!one.buys && one.list !== null) for (const twin of this.twins(one)) this.end(twin, 'EXPIRED');
    const isWhole = one.order.qty === undefined ? percent === ASIDE_PCT : one.filled.gte(asked);
    if (isWhole) this.finish(one, 'FILLED');
    else if (one.order.type === 'MARKET') this.finish(one, 'EXPIRED');
    if (!one.lost) this.tellTrades(one);
    this.work();
  }

  private book(one: DeskOrder, value: Decimal, qty: Decimal, fee: Decimal): void {
    const { symbol } = one;
    const held = this.coins[symbol]!;
    if (one.buys) {
      this.coins[symbol] = held.plus(qty).minus(fee);
      this.cost[symbol] = this.cost[symbol]!.plus(value);
      return;
    }
    const cost = this.cost[symbol]!.times(qty).div(held);
    this.realised.set(one.id, (this.realised.get(one.id) ?? ZERO).plus(value).minus(fee).minus(cost));
    this.cost[symbol] = this.cost[symbol]!.minus(cost);
    this.coins[symbol] = held.minus(qty);
  }

  private tellTrades(one: DeskOrder): void {
    const untold = one.fills.slice(one.toldFills);
    one.toldFills = one.fills.length;
    for (const fill of untold) this.rig.tell({ kind: 'execution', report: report(this.said(one), fill) });
    for (const each of this.related(one))
      if (each !== one && !each.lost) this.rig.tell({ kind: 'execution', report: report(this.said(each)) });
    this.tellBalances();
  }

  /** The exchange ends it unfilled, or with what it has. */
  expire(one: DeskOrder): void {
    if (one.where !== 'venue' || one.pending) return;
    this.finish(one, 'EXPIRED');
    if (!one.lost) for (const each of this.related(one)) this.rig.tell({ kind: 'execution', report: report(this.said(each)) });
    this.tellBalances();
    this.work();
  }

  /** What became of an order in doubt, when the console asks; `reached`: it had arrived. */
  prove(one: DeskOrder, reached: boolean): void {
    for (const each of this.related(one)) {
      each.lost = false;
      const isThere = reached || !each.filled.isZero() || each.end === 'EXPIRED';
      if (!isThere) this.finish(each, 'REJECTED');
      const fills = each.fills.slice(each.toldFills);
      each.toldFills = each.fills.length;
      this.rig.queried(
        each.id,
        isThere ? { kind: 'found', order: this.said(each) } : { kind: 'absent' },
        fills,
        this.rig.nowMs + MINUTE_MS,
      );
    }
    this.tellBalances();
    this.work();
  }

  /** One order's end makes or breaks the others of its list. */
  private finish(one: DeskOrder, end: NonNullable<DeskOrder['end']>): void {
    if (one.where === 'ended') return;
    one.where = 'ended';
    one.end = end;
    if (one.list === null) return;
    const others = this.related(one).filter((each) => each !== one && each.where === 'venue');
    const isEntry = one.buys;
    for (const other of others) {
      if (isEntry && end === 'FILLED') other.pending = false;
      else this.end(other, end === 'REJECTED' ? 'REJECTED' : end === 'CANCELED' ? 'CANCELED' : 'EXPIRED');
    }
  }

  private end(one: DeskOrder, end: NonNullable<DeskOrder['end']>): void {
    one.where = 'ended';
    one.end = end;
  }

  private said({ id, order, symbol, buys, filled, end, pending, list }: DeskOrder): VenueOrder {
    return stated(id, {
      symbol,
      side: buys ? 'BUY' : 'SELL',
      venueType: order.type,
      qty: order.qty ?? filled.toFixed(),
      price: order.price ?? '0',
      stopPrice: order.stopPrice ?? '0',
      venueListId: list === null ? null : `v-${list}`,
      filledQty: filled.toFixed(),
      status: end ?? (pending ? 'PENDING_NEW' : filled.isZero() ? 'NEW' : 'PARTIALLY_FILLED'),
      timeMs: this.venueMs(),
    });
  }

  private balances(): readonly VenueBalance[] {
    const locked: Record<string, Decimal> = { USDT: ZERO, [BTC]: ZERO, [ETH]: ZERO, [BNB]: ZERO };
    const pairs = new Set<string>();
    for (const one of this.atVenue()) {
      if (one.pending || one.order.type === 'MARKET') continue;
      if (one.list !== null && !one.buys && pairs.has(one.list)) continue;
      if (one.list !== null && !one.buys) pairs.add(one.list);
      const left = D(one.order.qty ?? 0).minus(one.filled);
      const asset = one.buys ? 'USDT' : one.symbol;
      locked[asset] = locked[asset]!.plus(one.buys ? left.times(one.order.price ?? one.order.stopPrice ?? 0) : left);
    }
    return ['USDT', ...SYMBOLS].map((name) => {
      const total = name === 'USDT' ? this.usdt : this.coins[name]!;
      const held = Decimal.max(0, Decimal.min(total, locked[name]!));
      return balance(name === 'USDT' ? name : name.slice(0, -4), total.minus(held).toFixed(), held.toFixed());
    });
  }

  private tellBalances(): void {
    this.noteBalances();
    this.rig.tell({ kind: 'balances', entries: this.balances(), venueTimeMs: this.venueMs() });
  }

  private noteBalances(): void {
    this.toldUsdt = this.usdt;
    this.toldCoins = { ...this.coins };
  }

  // -------------------------------------------------------------------------------------------------------------- the books

  private readFacts(): void {
    const fresh = this.rig.facts.slice(this.factsSeen);
    this.factsSeen = this.rig.facts.length;
    for (const { fact } of fresh) this.onFact(fact);
  }

  private onFact(fact: Fact): void {
    switch (fact.kind) {
      case 'day.opened':
        this.openingUsdt = this.equity();
        this.flowsUsdt = ZERO;
        return;
      case 'stop.tripped':
        this.tripped = true;
        return;
      case 'stop.reset':
        this.tripped = false;
        return;
      case 'order.intended':
        this.judge([fact.order], null);
        return;
      case 'list.intended':
        this.judge(fact.list.orders, fact.list.listId);
        return;
      case 'order.ended':
      case 'order.rejected':
        return this.closes(this.orders.get(fact.clientOrderId));
      default:
    }
  }

  /** C13 counts a sale when it has ended, net of fees; break-even neither counts nor clears, and a further try is the same close. */
  private closes(one: DeskOrder | undefined): void {
    if (one === undefined) return;
    if (one.where === 'decided') this.end(one, 'REJECTED');
    const gain = this.realised.get(one.id) ?? ZERO;
    this.realised.delete(one.id);
    if (gain.isZero()) return;
    this.counted.add(one.id);
    const { retry } = one.order;
    if (retry !== undefined && this.counted.has(retry.of)) return;
    this.lossesInRow = gain.isNegative() ? this.lossesInRow + 1 : 0;
    if (gain.isNegative()) this.lastLossAtMs = this.rig.nowMs;
  }

  /** As the console was told it, at the newest quotes. */
  private equity(): Decimal {
    return SYMBOLS.reduce((sum, symbol) => sum.plus((this.toldCoins[symbol] ?? ZERO).times(this.mids[symbol]!)), this.toldUsdt);
  }

  private live(): readonly DeskOrder[] {
    return [...this.orders.values()].filter(({ where }) => where !== 'ended');
  }

  /** What an open buy may still cost. */
  private mayCost(one: DeskOrder): Decimal {
    const { qty, quoteQty } = one.order;
    return qty === undefined ? D(quoteQty!) : D(qty).minus(one.filled).times(one.worst);
  }

  /** Orders that were decided in this turn, all of one intent. */
  private judge(orders: readonly IntendedOrder[], list: string | null): void {
    const entry = orders[0]!;
    const { symbol, origin, replaces } = entry;
    const others = this.live().filter(({ id }) => id !== replaces);
    const dev = D(this.policy.limits.maxPriceDeviationPct).div(100);
    const up = dev.plus(1);
    const mid = this.mids[symbol]!;
    const opens = entry.side === 'BUY';
    const say = (what: string, holds: boolean): void =>
      claim(holds, `${what}: ${entry.side} ${entry.type} ${symbol} ${entry.clientOrderId}`);
    for (const order of orders) {
      const buys = order.side === 'BUY';
      const worst =
        order.price !== undefined
          ? D(order.price)
          : order.stopPrice !== undefined
            ? D(order.stopPrice).times(up)
            : mid.plus(TICK).times(up);
      const fresh: DeskOrder = {
        id: order.clientOrderId,
        order,
        symbol,
        buys,
        list,
        worst,
        fills: [],
        filled: ZERO,
        toldFills: 0,
        where: 'decided',
        lost: false,
        answered: false,
        pending: opens && !buys,
        end: null,
      };
      this.orders.set(order.clientOrderId, fresh);
    }
    this.judgeWire(orders, others, say);
    if (origin !== 'protection' && entry.retry === undefined) this.judgePace(symbol, say);
    if (!opens) return this.judgeSale(entry, others, say);
    this.openings += 1;
    this.judgeOpening(this.orders.get(entry.clientOrderId)!, others, say);
  }

  /** C8, C9's hold, C10 and C12. */
  private judgeWire(orders: readonly IntendedOrder[], others: readonly DeskOrder[], say: Say): void {
    const { limits } = this.policy;
    const [{ symbol, side }] = orders as readonly [IntendedOrder];
    say('C9 the exchange holds requests', (this.budget.holdUntilMs ?? 0) <= this.rig.nowMs);
    for (const { qty, price, stopPrice } of orders) {
      say('C12 lot', qty === undefined || D(qty).mod(LOT).isZero());
      for (const at of [price, stopPrice]) say('C12 tick', at === undefined || D(at).mod(TICK).isZero());
    }
    const resting = others.filter((one) => one.symbol === symbol && one.order.type !== 'MARKET').length;
    const more = orders.filter(({ type }) => type !== 'MARKET').length;
    say('C12 open orders', more === 0 || resting + more <= MOST_ORDERS);
    if (side === 'SELL') return;
    say(
      'C8',
      (limits.allowedSymbols as readonly string[]).includes(symbol) && !(limits.blockedSymbols as readonly string[]).includes(symbol),
    );
  }

  private judgePace(symbol: SymbolId, say: Say): void {
    const { maxOrdersPerSecond, minSymbolIntervalMs } = this.policy.limits;
    const { monoMs } = this.rig;
    const lately = this.paces.filter(({ atMs }) => monoMs - atMs < SECOND_MS);
    say('C10 in all', lately.length + 1 <= maxOrdersPerSecond);
    say('C10 of the symbol', !this.paces.some((one) => one.symbol === symbol && monoMs - one.atMs < minSymbolIntervalMs));
    this.paces.push({ symbol, atMs: monoMs });
  }

  /** C14: all sales together are covered by what is held. Protection gives way to a person's sale: it is off before that leaves. */
  private judgeSale({ symbol, origin, qty }: IntendedOrder, others: readonly DeskOrder[], say: Say): void {
    const counted = origin === 'protection' ? others : others.filter((one) => !this.guards(one));
    // What protection sold without a word is found before the sale leaves; `leaves` holds that.
    const untold = [...this.orders.values()].filter((one) => one.symbol === symbol && one.lost && this.guards(one) && !one.buys);
    const sold = untold.flatMap(({ fills, toldFills }) => fills.slice(toldFills)).reduce((sum, fill) => sum.plus(fill.qty), ZERO);
    say('C14', this.sellingOf(symbol, counted).plus(qty!).lte(this.coins[symbol]!.plus(sold)));
  }

  /** The engine's own protection, and the exits that an entry took along. */
  private guards(one: DeskOrder): boolean {
    return one.order.origin === 'protection' || this.related(one).some(({ buys }) => buys);
  }

  /** What these may sell; of a pair only one can be filled. */
  private sellingOf(symbol: SymbolId, orders: readonly DeskOrder[]): Decimal {
    const pairs = new Set<string>();
    return orders.reduce((sum, one) => {
      if (one.symbol !== symbol || one.buys || one.pending || (one.list !== null && pairs.has(one.list))) return sum;
      if (one.list !== null) pairs.add(one.list);
      return sum.plus(one.order.qty!).minus(one.filled);
    }, ZERO);
  }

  private judgeOpening(one: DeskOrder, others: readonly DeskOrder[], say: Say): void {
    const { limits, exposure } = this.policy;
    const { symbol, order } = one;
    const { rig } = this;
    const mid = this.mids[symbol]!;
    const worth = this.mayCost(one);
    const likely = order.quoteQty === undefined ? D(order.qty!).times(order.price ?? order.stopPrice ?? mid.plus(TICK)) : D(order.quoteQty);
    say('STATE', !this.tripped);
    say('C1 order value', worth.lte(limits.maxOrderNotionalUsdt));
    say('C1 opening value', likely.gte(limits.minOpeningNotionalUsdt));
    const about = order.stopPrice === undefined ? mid : D(order.stopPrice);
    const at = order.price === undefined ? null : D(order.price);
    say('C2', at === null || at.minus(about).abs().times(100).lte(about.times(limits.maxPriceDeviationPct)));
    const buys = others.filter((each) => each.buys);
    const allBuys = buys.reduce((sum, each) => sum.plus(this.mayCost(each)), worth);
    say('C3', allBuys.lte(this.usdt));
    const equity = this.equity();
    const loss = this.openingUsdt.plus(this.flowsUsdt).minus(equity).plus(worth.times(FEE));
    say('C4', loss.lte(limits.maxDailyLossUsdt));
    say('C4 of equity', loss.times(100).lte(this.openingUsdt.times(limits.maxDailyLossPct)));
    say('C5', this.tradesAfter(others) <= limits.maxDailyTrades);
    const held = SYMBOLS.filter((each) => this.coins[each]!.times(this.mids[each]!).gte(DUST_USDT));
    say('C6', new Set([...held, ...buys.map((each) => each.symbol), symbol]).size <= limits.maxPositions);
    const standing = (each: SymbolId): Decimal =>
      buys.reduce((sum, buy) => (buy.symbol === each ? sum.plus(this.mayCost(buy)) : sum), this.coins[each]!.times(this.mids[each]!));
    const inSymbol = standing(symbol).plus(worth);
    const inAll = SYMBOLS.reduce((sum, each) => sum.plus(standing(each)), worth);
    const within = (usdt: Decimal, percent: string): boolean => usdt.times(100).lte(equity.times(percent));
    say('C7 position', within(inSymbol, exposure.maxPositionPct) && inSymbol.lte(exposure.maxPositionValueUsdt));
    say('C7 symbol', within(inSymbol, exposure.maxSymbolPct));
    say('C7 strategy', within(inAll, exposure.maxStrategyPct));
    say('C7 total', within(inAll, exposure.maxTotalPct) && within(inAll, exposure.maxNetDirectionPct));
    say('C9 weight', this.budget.usedWeight < limits.maxRequestWeight);
    const part = (count: number, of: number): boolean => count * 100 < of * limits.maxOrderCountPct;
    say(
      'C9 counts',
      part(this.budget.orderCount10s, this.budget.orderLimit10s) && part(this.budget.orderCount1d, this.budget.orderLimit1d),
    );
    say('C11 quote', rig.monoMs - this.quotedAtMs[symbol]! <= limits.maxQuoteAgeMs);
    say('C11 stream', rig.monoMs - this.userHeardAtMs <= limits.maxUserStreamSilenceMs);
    const coolDownMs = limits.coolDownMinutes * MINUTE_MS;
    say('C13', this.lossesInRow < limits.coolDownAfterLosses || rig.nowMs - this.lastLossAtMs >= coolDownMs);
  }

  /** Orders that traded today, and those that may: of the exits that wait, and of a pair, one. */
  private tradesAfter(others: readonly DeskOrder[]): number {
    const today = (ms: number): boolean => Math.floor(ms / DAY_MS) === Math.floor(this.venueMs() / DAY_MS);
    const traded = [...this.orders.values()].filter(({ fills }) => fills.some(({ timeMs }) => today(timeMs)));
    const may = others.filter((one) => one.buys && !traded.includes(one));
    return traded.length + may.length + 1;
  }
}

type Say = (what: string, holds: boolean) => void;
const DAY_MS = 86_400_000;
/** As the instruments of the rig have it. */
const MOST_ORDERS = 200;
