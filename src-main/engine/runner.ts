// Carries effects to the venue and brings every outcome back as an input. The last look before the wire is here: an order whose
// generation the stop has closed dies (DESIGN 6, step 1).
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Denial } from '../../src-shared/errors/denial.ts';
import { fail } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { Alerts } from '../alerts/port.ts';
import type { Approved } from '../safety/approved.ts';
import { approveForWire, approveListForWire } from '../safety/gate.ts';
import type { QueryOutcome, Venue, VenueFailure, VenueFill } from '../venue/port.ts';
import { askBooks, askOrder } from './ask-books.ts';
import type { Effect } from './effects.ts';
import type { Engine } from './engine.ts';
import type { IntendedList, IntendedOrder } from './facts.ts';
import { momentOf } from './ports.ts';
import type { Clock } from './ports.ts';
import { isElder, nameAtVenue } from './order-numbers.ts';
import { changedAtMs, steadyMs } from './steady.ts';

const WITHDRAWN: Denial = {
  code: 'STOPPED',
  text: 'It was cancelled before it was sent. It never left this machine.',
  advice: 'Place it anew if it is wanted after all.',
};

const OUTDATED: Denial = {
  code: 'C11.quoteAge',
  text: 'It waited for the disk for so long that the prices it was judged by are too old. It never left this machine.',
  advice: 'Place it anew if it is still wanted; and look at the disk.',
};

const NAME_GONE: VenueFailure = {
  kind: 'refused',
  code: null,
  text: 'The exchange has given its name to another order: it is cancelled with all orders of its symbol, or in the exchange’s own app.',
};

const brokenPort = (error: unknown): VenueFailure => ({
  kind: 'unreachable',
  code: null,
  text: `The connection to the exchange failed inside: ${error instanceof Error ? error.message : 'no reason given'}`,
});

/** Calls at once, in this very instant; what the port throws against its promise becomes a rejection. */
const calling = async <T>(call: () => Promise<T>): Promise<T> => call();

export class Runner {
  private readonly engine: () => Engine;
  private readonly venue: Venue;
  private readonly alerts: Alerts;
  private readonly clock: Clock;

  constructor(engine: () => Engine, venue: Venue, alerts: Alerts, clock: Clock) {
    this.engine = engine;
    this.venue = venue;
    this.alerts = alerts;
    this.clock = clock;
  }

  /** An order that waits for the disk is signed meanwhile; it leaves only through `run`, approved once more. */
  prepare(effect: Effect): void {
    if (effect.kind === 'submit') this.venue.prepare?.(effect.order);
    else if (effect.kind === 'submit-list') this.venue.prepare?.(effect.list);
  }

  run(effect: Effect): void {
    switch (effect.kind) {
      case 'submit':
        void this.submit(effect.order);
        return;
      case 'submit-list':
        void this.submitList(effect.list);
        return;
      case 'replace':
        void this.replace(effect.order, effect.canceled);
        return;
      case 'cancel':
        void this.cancel(effect.symbol, effect.clientOrderId, effect.priority);
        return;
      case 'cancel-all':
        void this.cancelAll(effect);
        return;
      case 'query':
        void this.query(effect.symbol, effect.clientOrderId);
        return;
      case 'see-open-orders':
        void this.seeOpenOrders(effect.tripId);
        return;
      case 'see-account':
        void this.seeAccount(effect.tripId);
        return;
      case 'see-books':
        void this.seeBooks(effect.why);
        return;
      case 'alert':
        this.alerts.raise(effect);
        return;
    }
  }

  /** The last look: every order of the request must still be wanted, and the gate must approve in the state of this instant. */
  private approved<T extends object>(ids: readonly ClientOrderId[], approve: () => Result<Approved<T>, Denial>): Approved<T> | null {
    const engine = this.engine();
    const isWanted = ids.every((id) => {
      const known = engine.state.orders.get(id);
      return known?.status === 'INTENDED' && !known.cancelRequested;
    });
    const approved = !isWanted ? fail(WITHDRAWN) : ids.some((id) => this.isOutdated(id)) ? fail(OUTDATED) : approve();
    if (approved.ok) return approved.value;
    for (const clientOrderId of ids) engine.dispatch({ kind: 'held-at-wire', clientOrderId, denial: approved.error });
    return null;
  }

  /** An opening that the disk held up for long was judged by prices that are history (C11). Sales are not held up by that (C14). */
  private isOutdated(id: ClientOrderId): boolean {
    const { state } = this.engine();
    const order = state.orders.get(id);
    const mostMs = state.policy?.limits.maxQuoteAgeMs ?? 0;
    return order?.side === 'BUY' && !order.pending && this.steadyMs() - changedAtMs(order) > mostMs;
  }

  /** What questions are dated by: no step of the wall clock comes between them and what changes meanwhile. */
  private steadyMs(): number {
    return steadyMs(this.engine().market, momentOf(this.clock));
  }

  /** The port promises values; should it break that promise, the order is in doubt, not lost. */
  private inDoubt(error: unknown): { readonly kind: 'unknown'; readonly text: string; readonly provableAtMs: number } {
    return { kind: 'unknown', text: brokenPort(error).text, provableAtMs: this.clock.nowMs() + 20_000 };
  }

  private async submit(order: IntendedOrder): Promise<void> {
    const engine = this.engine();
    const id = order.clientOrderId;
    const approved = this.approved([id], () => approveForWire(order, engine.trading([id]), engine.state.stop.generation));
    if (approved === null) return;
    const outcome = calling(() => this.venue.submit(approved));
    engine.dispatch({ kind: 'sent', clientOrderId: id });
    const settled = await outcome.catch((error: unknown) => this.inDoubt(error));
    engine.dispatch({ kind: 'submitted', clientOrderId: id, outcome: settled });
  }

  private async submitList(list: IntendedList): Promise<void> {
    const engine = this.engine();
    const ids = list.orders.map((order) => order.clientOrderId);
    const approved = this.approved(ids, () => approveListForWire(list, engine.trading(ids), engine.state.stop.generation));
    if (approved === null) return;
    const outcome = calling(() => this.venue.submitList(approved));
    for (const clientOrderId of ids) engine.dispatch({ kind: 'sent', clientOrderId });
    const settled = await outcome.catch((error: unknown) => this.inDoubt(error));
    engine.dispatch({ kind: 'submitted-list', listId: list.listId, outcome: settled });
  }

  private async replace(order: IntendedOrder, canceled: ClientOrderId): Promise<void> {
    const engine = this.engine();
    const id = order.clientOrderId;
    const approved = this.approved([id], () => approveForWire(order, engine.trading([id]), engine.state.stop.generation));
    if (approved === null) return;
    const outcome = calling(() => this.venue.replace(approved, this.nameOf(canceled) ?? canceled));
    engine.dispatch({ kind: 'sent', clientOrderId: id });
    const settled = await outcome.catch((error: unknown) => ({
      canceled: { kind: 'failed' as const, failure: brokenPort(error) },
      placed: this.inDoubt(error),
    }));
    engine.dispatch({ kind: 'replaced', clientOrderId: id, canceled, outcome: settled });
  }

  /** What the venue calls an order; null for one whose name is another's now: a cancel by it would hit that one. */
  private nameOf(clientOrderId: ClientOrderId): ClientOrderId | null {
    const order = this.engine().state.orders.get(clientOrderId);
    if (order === undefined) return clientOrderId;
    return isElder(order) ? null : nameAtVenue(order);
  }

  private async cancel(symbol: SymbolId, clientOrderId: ClientOrderId, priority: 'normal' | 'emergency'): Promise<void> {
    const name = this.nameOf(clientOrderId);
    const outcome =
      name === null
        ? { kind: 'failed' as const, failure: NAME_GONE }
        : await calling(() => this.venue.cancel(symbol, name, priority)).catch((error: unknown) => ({
            kind: 'failed' as const,
            failure: brokenPort(error),
          }));
    this.engine().dispatch({ kind: 'canceled', clientOrderId, outcome });
  }

  private async cancelAll(effect: Extract<Effect, { kind: 'cancel-all' }>): Promise<void> {
    const engine = this.engine();
    const call = calling(() => this.venue.cancelAll(effect.symbol, effect.priority));
    this.noteOnWire(effect);
    const outcome = await call.catch((error: unknown) => ({ kind: 'failed' as const, failure: brokenPort(error) }));
    engine.dispatch({ kind: 'canceled-all', symbol: effect.symbol, tripId: effect.tripId, outcome });
  }

  private noteOnWire(effect: Extract<Effect, { kind: 'cancel-all' }>): void {
    const progress = this.engine().market.stop;
    if (progress === null || progress.tripId !== effect.tripId) return;
    const one = progress.symbols.get(effect.symbol);
    if (one === undefined) return;
    one.sentAtMs = this.clock.monoMs();
    if ([...progress.symbols.values()].every((symbol) => symbol.sentAtMs !== null)) progress.cancelsOnWireAtMs ??= one.sentAtMs;
  }

  /** The order's state and, where the venue has filled some of it, its trades: both or neither. */
  private async orderAndFills(
    symbol: SymbolId,
    clientOrderId: ClientOrderId,
  ): Promise<{ outcome: QueryOutcome; fills: readonly VenueFill[] }> {
    const known = this.engine().state.orders.get(clientOrderId);
    const outcome = await (known === undefined ? this.venue.queryOrder(symbol, clientOrderId) : askOrder(this.venue, known));
    if (outcome.kind !== 'found' || new Decimal(outcome.order.filledQty).isZero()) return { outcome, fills: [] };
    const fills = await this.venue.tradesOf(symbol, outcome.order.venueOrderId);
    return fills.ok ? { outcome, fills: fills.value } : { outcome: { kind: 'failed', failure: fills.error }, fills: [] };
  }

  private async query(symbol: SymbolId, clientOrderId: ClientOrderId): Promise<void> {
    const askedAtMs = this.steadyMs();
    const found = await this.orderAndFills(symbol, clientOrderId).catch((error: unknown) => ({
      outcome: { kind: 'failed' as const, failure: brokenPort(error) },
      fills: [],
    }));
    this.engine().dispatch({ kind: 'queried', clientOrderId, askedAtMs, ...found });
  }

  private async seeOpenOrders(tripId: number): Promise<void> {
    const result = await calling(() => this.venue.openOrders(null, 'emergency')).catch((error: unknown) => fail(brokenPort(error)));
    this.engine().dispatch({ kind: 'open-orders-seen', tripId, result });
  }

  private async seeAccount(tripId: number | null): Promise<void> {
    const askedAtMs = this.steadyMs();
    const result = await calling(() => this.venue.account(tripId === null ? 'normal' : 'emergency')).catch((error: unknown) =>
      fail(brokenPort(error)),
    );
    this.engine().dispatch({ kind: 'account-seen', tripId, askedAtMs, result });
  }

  private async seeBooks(why: string): Promise<void> {
    const startedAtMs = this.steadyMs();
    const { state, market } = this.engine();
    const result = await askBooks(this.venue, state, market, startedAtMs).catch((error: unknown) => fail(brokenPort(error)));
    this.engine().dispatch({ kind: 'books-seen', why, startedAtMs, result });
  }
}
