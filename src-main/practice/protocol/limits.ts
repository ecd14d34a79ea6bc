// Binance's limits: request weight and raw requests per address, bans for who keeps going, unfilled orders per account.
// Windows follow the clock, they do not roll (BINANCE 3). It has no clock of its own and must never count one request twice.
import { refusals, type Refusal } from './refusal.ts';

export interface LimitSettings {
  readonly weightPerMinute: number;
  readonly rawRequestsPer5Min: number;
  readonly ordersPer10s: number;
  readonly ordersPerDay: number;
  readonly connectionsPer5Min: number;
  /** Requests that a limited address may still send before it is banned. */
  readonly graceAfter429: number;
}

export const BINANCE_LIMITS: LimitSettings = {
  weightPerMinute: 6000,
  rawRequestsPer5Min: 300_000,
  ordersPer10s: 100,
  ordersPerDay: 200_000,
  connectionsPer5Min: 300,
  graceAfter429: 10,
};

const MINUTE_MS = 60_000;
const TEN_SECONDS_MS = 10_000;
const DAY_MS = 86_400_000;
/** "IP bans scale in duration for repeat offenders, from 2 minutes to 3 days" (rest-api.md, IP Limits). */
const BAN_STEPS_MS = [2, 10, 60, 360, 1440, 4320].map((minutes) => minutes * MINUTE_MS);
/** Fewer orders on the book after a first fill: 1 as taker, 5 as maker (faqs/order_count_decrement.md, examples 1 and 2). */
const TAKER_CREDIT = 1;
const MAKER_CREDIT = 5;

/** A counter over clock-aligned windows of `widthMs`. */
class Window {
  readonly #widthMs: number;
  #index = -1;
  #count = 0;

  constructor(widthMs: number) {
    this.#widthMs = widthMs;
  }

  add(delta: number, nowMs: number): number {
    const count = this.count(nowMs);
    this.#count = Math.max(0, count + delta);
    return this.#count;
  }

  count(nowMs: number): number {
    const index = Math.floor(nowMs / this.#widthMs);
    if (index !== this.#index) {
      this.#index = index;
      this.#count = 0;
    }
    return this.#count;
  }

  endsAtMs(nowMs: number): number {
    return (Math.floor(nowMs / this.#widthMs) + 1) * this.#widthMs;
  }
}

class Address {
  readonly weight = new Window(MINUTE_MS);
  readonly requests = new Window(5 * MINUTE_MS);
  readonly connections = new Window(5 * MINUTE_MS);
  readonly offences = new Window(MINUTE_MS);
  bannedUntilMs = 0;
  bans = 0;
}

class AccountOrders {
  readonly tenSeconds = new Window(TEN_SECONDS_MS);
  readonly day = new Window(DAY_MS);
}

export interface OrderCounts {
  readonly tenSeconds: number;
  readonly day: number;
}

export class RateLimits {
  readonly settings: LimitSettings;
  readonly #addresses = new Map<string, Address>();
  readonly #accounts = new Map<string, AccountOrders>();

  constructor(settings: LimitSettings) {
    this.settings = settings;
  }

  /** Counts one request of `weight`; the refusal to answer with, if it is over a limit or the address is banned. */
  admit(ip: string, weight: number, nowMs: number): Refusal | undefined {
    const address = this.#address(ip);
    if (nowMs < address.bannedUntilMs) return refusals.banned(address.bannedUntilMs);
    const requests = address.requests.add(1, nowMs);
    const used = address.weight.add(weight, nowMs);
    if (used > this.settings.weightPerMinute) {
      const refusal = refusals.tooMuchWeight(this.settings.weightPerMinute, address.weight.endsAtMs(nowMs));
      return this.#offend(address, refusal, nowMs);
    }
    if (requests > this.settings.rawRequestsPer5Min) {
      return this.#offend(address, refusals.tooManyRequests(address.requests.endsAtMs(nowMs)), nowMs);
    }
    return undefined;
  }

  /** Gives weight back: orders and cancels cost nothing when they succeed (BINANCE 3). */
  refund(ip: string, weight: number, nowMs: number): void {
    this.#address(ip).weight.add(-weight, nowMs);
  }

  usedWeight(ip: string, nowMs: number): number {
    return this.#address(ip).weight.count(nowMs);
  }

  /** Counts a new WebSocket connection; false when the address has opened too many. */
  admitConnection(ip: string, nowMs: number): boolean {
    const address = this.#address(ip);
    if (nowMs < address.bannedUntilMs) return false;
    return address.connections.add(1, nowMs) <= this.settings.connectionsPer5Min;
  }

  /** May this account place `orders` more? Nothing is counted yet: a rejected order does not count. */
  admitOrders(accountId: string, orders: number, nowMs: number): Refusal | undefined {
    const { tenSeconds, day } = this.#account(accountId);
    const { ordersPer10s, ordersPerDay } = this.settings;
    if (tenSeconds.count(nowMs) + orders > ordersPer10s) {
      return refusals.tooManyOrders(ordersPer10s, '10 SECOND', tenSeconds.endsAtMs(nowMs));
    }
    if (day.count(nowMs) + orders > ordersPerDay) return refusals.tooManyOrders(ordersPerDay, '1 DAY', day.endsAtMs(nowMs));
    return undefined;
  }

  placed(accountId: string, orders: number, nowMs: number): void {
    this.#addOrders(accountId, orders, nowMs);
  }

  /** An order's first fill: it no longer counts as unfilled, and a maker's patience is rewarded. */
  firstFill(accountId: string, asMaker: boolean, nowMs: number): void {
    this.#addOrders(accountId, asMaker ? -MAKER_CREDIT : -TAKER_CREDIT, nowMs);
  }

  orderCounts(accountId: string, nowMs: number): OrderCounts {
    const { tenSeconds, day } = this.#account(accountId);
    return { tenSeconds: tenSeconds.count(nowMs), day: day.count(nowMs) };
  }

  /** As if no address had ever asked; orders are counted on. */
  forget(): void {
    this.#addresses.clear();
  }

  #offend(address: Address, refusal: Refusal, nowMs: number): Refusal {
    if (address.offences.add(1, nowMs) <= this.settings.graceAfter429) return refusal;
    const banMs = BAN_STEPS_MS[Math.min(address.bans, BAN_STEPS_MS.length - 1)] ?? DAY_MS;
    address.bans++;
    address.bannedUntilMs = nowMs + banMs;
    return refusals.banned(address.bannedUntilMs);
  }

  #addOrders(accountId: string, delta: number, nowMs: number): void {
    const { tenSeconds, day } = this.#account(accountId);
    tenSeconds.add(delta, nowMs);
    day.add(delta, nowMs);
  }

  #address(ip: string): Address {
    let address = this.#addresses.get(ip);
    if (address === undefined) this.#addresses.set(ip, (address = new Address()));
    return address;
  }

  #account(accountId: string): AccountOrders {
    let account = this.#accounts.get(accountId);
    if (account === undefined) this.#accounts.set(accountId, (account = new AccountOrders()));
    return account;
  }
}
