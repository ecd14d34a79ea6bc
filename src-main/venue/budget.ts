// The rate budget of BINANCE 3: what may be sent now, counted ahead of the answers and corrected by them, with a reserve that only
// emergencies touch. Pure: time comes in. It must never let a window's count pass the venue's limit (REQUIREMENTS C9, Q10).
import type { BudgetReading } from './port.ts';

/** `emergency` is for cancels, queries of a stop and orders that only reduce: it may use the reserve, and goes first after a hold. */
export type TrafficClass = 'normal' | 'emergency';

export interface BudgetLimits {
  readonly weightPerMinute: number;
  readonly ordersPer10s: number;
  readonly ordersPerDay: number;
  readonly requestsPer5min: number;
}

/** Spot, as exchangeInfo stated them in autumn 2026 (BINANCE 3). */
export const SPOT_LIMITS: BudgetLimits = { weightPerMinute: 6000, ordersPer10s: 100, ordersPerDay: 200_000, requestsPer5min: 300_000 };

export interface BudgetOptions {
  readonly limits: BudgetLimits;
  /** Normal traffic stays at or below this used weight a minute. */
  readonly weightCeiling: number;
  /** Weight a minute that normal traffic never touches, whatever the ceiling says. */
  readonly emergencyReserve: number;
}

export interface Cost {
  readonly weight: number;
  /** New orders in the request: up to three in an order list. */
  readonly orders: number;
}

export interface BudgetTicket {
  readonly entries: readonly WindowTicket[];
}

export type BudgetVerdict =
  | { readonly kind: 'go'; readonly ticket: BudgetTicket }
  /** On the local clock that never steps (local-clock.ts). `held`: the venue said so; `budget`: a window is full. */
  | { readonly kind: 'held' | 'budget'; readonly retryAtMs: number };

/** What an answer's headers said. */
export interface BudgetReport {
  readonly weight: number | null;
  readonly orders10s: number | null;
  readonly orders1d: number | null;
}

/** Normal traffic waits so much longer than emergencies when a hold ends, so that cancels go first. */
export const AFTER_HOLD_MS = 250;

/** Far more than two measurements of the offset differ by, far less than the shortest window. */
const CORRECTION_MS = 1000;

interface WindowTicket {
  readonly window: ClockWindow;
  readonly startMs: number;
  readonly seq: number;
  readonly cost: number;
  readonly answeredAtSend: number;
}

/**
 * One clock-aligned window. The count after the newest-sent answered request R is at most what R's answer reported plus everything
 * of ours that was not answered before R was sent: that bound holds in whatever order the venue works and the answers arrive, and
 * whoever else uses the address. It counts twice what the venue counted between R's sending and its answer, so for emergencies a
 * second bound helps: all that we took, plus what R's report shows that others took.
 */
class ClockWindow {
  readonly #spanMs: number;
  limit: number;
  #startMs = -1;
  #taken = 0;
  #answered = 0;
  #inFlight = 0;
  #lost = 0;
  #others = 0;
  #seq = 0;
  #base: { readonly seq: number; readonly bound: number } | undefined;

  constructor(spanMs: number, limit: number) {
    this.#spanMs = spanMs;
    this.limit = limit;
  }

  get endMs(): number {
    return this.#startMs + this.#spanMs;
  }

  /**
   * A request on its way when the window turns, or lost shortly before, may be counted in the new one; where only the knowledge of the
   * venue's clock was corrected, everything may.
   */
  roll(serverMs: number, isCorrected: boolean): void {
    const startMs = Math.floor(serverMs / this.#spanMs) * this.#spanMs;
    if (isCorrected && startMs !== this.#startMs && this.#startMs !== -1) return this.#carryTo(startMs);
    const steppedBack = startMs < this.#startMs - this.#spanMs;
    if (startMs <= this.#startMs && !steppedBack) return;
    this.#startMs = startMs;
    this.#taken = this.#inFlight + this.#lost;
    this.#lost = 0;
    this.#others = 0;
    this.#answered = 0;
    this.#base = undefined;
  }

  #carryTo(startMs: number): void {
    const counted = this.count();
    this.#startMs = startMs;
    this.#taken = counted;
    this.#others = 0;
    this.#answered = 0;
    this.#base = undefined;
  }

  count(): number {
    return this.#base === undefined ? this.#taken : this.#taken + this.#base.bound;
  }

  countFor(traffic: TrafficClass): number {
    return traffic === 'normal' ? this.count() : Math.min(this.count(), this.#taken + this.#others);
  }

  take(cost: number): WindowTicket {
    const ticket = { window: this, startMs: this.#startMs, seq: ++this.#seq, cost, answeredAtSend: this.#answered };
    this.#taken += cost;
    this.#inFlight += cost;
    return ticket;
  }

  settle({ startMs, seq, cost, answeredAtSend }: WindowTicket, answered: boolean, reported: number | null): void {
    this.#inFlight -= cost;
    if (!answered) {
      this.#lost += cost; // the venue may still count it: it stays ahead of every later answer
      return;
    }
    this.#answered += cost;
    if (reported === null || startMs !== this.#startMs || (this.#base !== undefined && seq < this.#base.seq)) return;
    this.#base = { seq, bound: reported - cost - answeredAtSend };
    this.#others = Math.max(this.#others, reported - this.#taken);
  }
}

export interface Budget {
  /** `serverMs` picks the windows, `nowMs` (local-clock.ts) the hold. */
  take(cost: Cost, traffic: TrafficClass, nowMs: number, serverMs: number): BudgetVerdict;
  /** Exactly once for each ticket. `answered`: an answer's headers arrived; false when the request was lost. */
  settle(ticket: BudgetTicket, answered: boolean, report: BudgetReport, nowMs: number, serverMs: number): void;
  /** 429 or 418: nothing leaves before `untilMs` (local-clock.ts). Never shortens a hold. */
  hold(untilMs: number): void;
  /** What exchangeInfo states. */
  setLimits(limits: BudgetLimits): void;
  reading(nowMs: number, serverMs: number): BudgetReading;
}

export const createBudget = (options: BudgetOptions): Budget => {
  const { limits } = options;
  const weight = new ClockWindow(60_000, limits.weightPerMinute);
  const orders10s = new ClockWindow(10_000, limits.ordersPer10s);
  const orders1d = new ClockWindow(86_400_000, limits.ordersPerDay);
  const requests = new ClockWindow(300_000, limits.requestsPer5min);
  const windows = [weight, orders10s, orders1d, requests] as const;
  let holdUntilMs: number | undefined;

  const normalWeight = (): number => Math.max(0, Math.min(options.weightCeiling, weight.limit - options.emergencyReserve));
  let aheadMs: number | undefined;
  /** The venue's clock and ours run alike: where they suddenly do not, it was the offset between them that changed. */
  const roll = (nowMs: number, serverMs: number): void => {
    const isCorrected = aheadMs !== undefined && Math.abs(serverMs - nowMs - aheadMs) > CORRECTION_MS;
    aheadMs = serverMs - nowMs;
    for (const window of windows) window.roll(serverMs, isCorrected);
  };

  return {
    take: ({ weight: cost, orders }, traffic, nowMs, serverMs) => {
      roll(nowMs, serverMs);
      const heldUntilMs = holdUntilMs === undefined ? 0 : holdUntilMs + (traffic === 'normal' ? AFTER_HOLD_MS : 0);
      if (nowMs < heldUntilMs) return { kind: 'held', retryAtMs: heldUntilMs };
      const weightCap = traffic === 'normal' ? normalWeight() : weight.limit;
      const wanted: readonly (readonly [ClockWindow, number, number])[] = [
        [weight, cost, weightCap],
        [orders10s, orders, orders10s.limit],
        [orders1d, orders, orders1d.limit],
        [requests, 1, requests.limit],
      ];
      const full = wanted.find(([window, amount, cap]) => amount > 0 && window.countFor(traffic) + amount > cap);
      if (full !== undefined) return { kind: 'budget', retryAtMs: nowMs + Math.max(1, full[0].endMs - serverMs) };
      return { kind: 'go', ticket: { entries: wanted.map(([window, amount]) => window.take(amount)) } };
    },
    settle: ({ entries }, answered, report, nowMs, serverMs) => {
      roll(nowMs, serverMs);
      const reported = [report.weight, report.orders10s, report.orders1d, null];
      entries.forEach((entry, index) => entry.window.settle(entry, answered, reported[index] ?? null));
    },
    hold: (untilMs) => {
      holdUntilMs = Math.max(holdUntilMs ?? 0, untilMs);
    },
    setLimits: (next) => {
      weight.limit = next.weightPerMinute;
      orders10s.limit = next.ordersPer10s;
      orders1d.limit = next.ordersPerDay;
      requests.limit = next.requestsPer5min;
    },
    reading: (nowMs, serverMs) => {
      roll(nowMs, serverMs);
      return {
        usedWeight: weight.count(),
        weightLimit: weight.limit,
        orderCount10s: orders10s.count(),
        orderLimit10s: orders10s.limit,
        orderCount1d: orders1d.count(),
        orderLimit1d: orders1d.limit,
        holdUntilMs: holdUntilMs !== undefined && nowMs < holdUntilMs ? holdUntilMs : null,
      };
    },
  };
};
