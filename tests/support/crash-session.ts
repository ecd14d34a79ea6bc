// A trading session in which the console is killed hard again and again, at moments that a seed draws, and started again on the same
// home, while its exchange lives on. The trader behind it places orders of every kind, lists and protection, and trades by phone too.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { connectControl, NoAnswer } from '../../src-main/control/client.ts';
import type { ControlClient } from '../../src-main/control/client.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { controlAddress, policyPath } from '../../src-main/settings/home.ts';
import type { CustomVenue } from '../../src-main/shell/port.ts';
import type { CallInput, CallName } from '../../src-shared/contract/contract.ts';
import type { MarketFrame, OrderView, Snapshot } from '../../src-shared/contract/view.ts';
import { Exact } from './exact.ts';
import type { LeanConsole, Standby } from './lean-process.ts';
import type { Luck } from './luck.ts';
import { WIDE_EXPOSURE, WIDE_FAULTS } from './wide.ts';

/** What keeps a session of many small losses from being halted; everything else is as by default. */
const POLICY = {
  limits: {
    minSymbolIntervalMs: 0,
    maxOrdersPerSecond: 50,
    maxDailyTrades: 100_000,
    maxDailyLossUsdt: '100000',
    maxDailyLossPct: '50',
    maxQuoteAgeMs: 60_000,
    coolDownAfterLosses: 100,
  },
  exposure: WIDE_EXPOSURE,
  ...WIDE_FAULTS,
};
export const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'] as const;
/** About 200 USDT of each. */
const QTY: Readonly<Record<(typeof SYMBOLS)[number], string>> = { BTCUSDT: '0.00334', ETHUSDT: '0.0771', BNBUSDT: '0.34', SOLUSDT: '1.35' };

export interface CrashLane {
  readonly name: string;
  readonly home: string;
  readonly account: string;
  readonly venue: CustomVenue;
}

export interface CrashReport {
  readonly kills: number;
  /** How many of them came before the console could trade. */
  readonly early: number;
  /** Wishes that the console acknowledged, by the name of the call. */
  readonly placed: Readonly<Record<string, number>>;
  /** Alerts that only a fault of ours can raise. */
  readonly alarms: readonly string[];
}

/** An exchange's account of its own, and a home, for one lane of kills. */
export const openLane = async (practice: PracticeHandle, name: string, home: string): Promise<CrashLane> => {
  const account = `lane-${name}`;
  const secret = `secret-of-${account}`;
  await practice.perform({ op: 'addAccount', id: account, balances: { USDT: '50000' } });
  const apiKey = (await practice.perform({ op: 'addKey', kind: 'HMAC', secret, account })) as string;
  mkdirSync(dirname(policyPath(home)), { recursive: true });
  writeFileSync(policyPath(home), JSON.stringify(POLICY));
  const { restUrl, streamUrl, wsApiUrl } = practice;
  return { name, home, account, venue: { restUrl, streamUrl, wsApiUrl, apiKey, secret } };
};

/** Alerts that no kill excuses: an order twice or from nowhere, a broken engine or journal, books that do not come to agree. */
const IS_OURS = /^(?:engine|journal|risen:.*|reconcile|latch|venue-reset)$/;

export const alarmsOf = ({ alerts }: LeanConsole): readonly string[] =>
  alerts.filter(({ key }) => IS_OURS.test(key)).map(({ title, text }) => `${title}: ${text}`);

/** Starts the lane's console once more and gives a line to it, once it may trade; the console lives until it is killed. */
export const startAgain = async (practice: PracticeHandle, lane: CrashLane, standby: Standby): Promise<LeanConsole> => {
  await practice.perform({ op: 'forgetRequests' });
  const console = await standby.next();
  console.go(lane.home, lane.venue);
  await console.ready;
  return console;
};

/** Kills the console of a lane so many times. */
export const killAgainAndAgain = async (
  practice: PracticeHandle,
  lane: CrashLane,
  standby: Standby,
  luck: Luck,
  kills: number,
): Promise<CrashReport> => {
  const placed: Record<string, number> = {};
  const alarms: string[] = [];
  let early = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    // A person would not start so often; what the exchange counts per minute is not what is tried here.
    await practice.perform({ op: 'forgetRequests' });
    const life = await liveOnce(practice, lane, await standby.next(), luck, placed);
    early += life.traded ? 0 : 1;
    alarms.push(...life.alarms);
  }
  return { kills, early, placed, alarms };
};

const liveOnce = async (
  practice: PracticeHandle,
  lane: CrashLane,
  console: LeanConsole,
  luck: Luck,
  placed: Record<string, number>,
): Promise<{ readonly traded: boolean; readonly alarms: readonly string[] }> => {
  console.go(lane.home, lane.venue);
  // A sixth of the kills falls into the start; the others into trading, most of them within milliseconds of a wish.
  const early = luck.chance(1 / 6);
  const trader = new Trader({ practice, lane, luck, placed });
  if (early) await pause(luck.next() * 400);
  else {
    await console.ready;
    await trader.open();
    const wishes = 2 + Math.floor(luck.next() * 10);
    for (let wish = 0; wish < wishes; wish += 1) {
      const answered = trader.wish();
      if (wish < wishes - 1) await (luck.chance(0.6) ? Promise.race([answered, pause(1000)]) : pause(luck.next() * 60));
    }
    await pause(luck.chance(0.7) ? luck.next() * 8 : luck.next() * 60);
  }
  await console.kill();
  trader.close();
  return { traded: !early, alarms: alarmsOf(console) };
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Hundredths of a percent of a price, on a tick of 0.01. */
const at = (price: string, bps: number): string => {
  const [whole = '0', places = ''] = price.split('.');
  const cents = (BigInt(whole + places.padEnd(2, '0').slice(0, 2)) * BigInt(Math.round(bps))) / 10_000n;
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
};

const LOOK_MS = 10;
const OPEN_WITHIN_MS = 20_000;

interface TradersWorld {
  readonly practice: PracticeHandle;
  readonly lane: CrashLane;
  readonly luck: Luck;
  /** Counted up with what is acknowledged. */
  readonly placed: Record<string, number>;
}

/** A person with the command line in one hand and the phone in the other. */
class Trader {
  private client: ControlClient | undefined;
  private at: Snapshot | undefined;
  private quotes: MarketFrame['quotes'] = {};
  private readonly world: TradersWorld;

  constructor(world: TradersWorld) {
    this.world = world;
  }

  /** Waits until the console may trade and has prices. */
  async open(): Promise<void> {
    this.client = await connectControl(controlAddress(this.world.lane.home));
    const first = await this.client.follow((push, at) => {
      this.at = at;
      if (push.kind === 'market') this.quotes = { ...this.quotes, ...push.frame.quotes };
    });
    if (!first.ok) throw new Error(first.error.text);
    this.at ??= first.value;
    const end = Date.now() + OPEN_WITHIN_MS;
    while (this.at.view.safety.trading?.level !== 'ACTIVE' || SYMBOLS.some((symbol) => this.quotes[symbol] === undefined)) {
      if (Date.now() > end) throw new Error(`${this.world.lane.name} may not trade: ${JSON.stringify(this.at.view.safety.trading)}`);
      await pause(LOOK_MS);
    }
  }

  close(): void {
    this.client?.close();
  }

  private pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.world.luck.next() * from.length)];
  }

  /** Sends one wish; settles with its answer, or never where a kill cuts it off. */
  wish(): Promise<void> {
    const symbol = this.pick(SYMBOLS) ?? 'BTCUSDT';
    const bid = this.quotes[symbol]?.bid ?? '0';
    const position = this.at?.view.positions[symbol];
    const open = Object.values(this.at?.view.orders ?? {}).filter((order) => ['ACCEPTED', 'PARTIALLY_FILLED'].includes(order.status));
    const single = this.pick(open.filter((order) => order.list === null && (order.origin === 'cli' || order.origin === 'window')));
    const any = this.pick(open);
    const drawn = this.world.luck.next();
    if (drawn < 0.04) return this.phone(symbol);
    if (drawn < 0.06) return this.ask('cancelAll', { symbol });
    if (drawn < 0.14 && any !== undefined) return this.ask('cancelOrder', { clientOrderId: any.clientOrderId });
    if (drawn < 0.24 && single !== undefined)
      return this.ask('replaceOrder', { clientOrderId: single.clientOrderId, ...this.change(single) });
    if (drawn < 0.6 && position !== undefined && !Exact.of(position.sellableQty).isZero)
      return this.onPosition(symbol, bid, position.sellableQty);
    return this.buy(symbol, bid);
  }

  private buy(symbol: (typeof SYMBOLS)[number], bid: string): Promise<void> {
    const near = 10_000 - this.world.luck.next() * 30;
    const exits = { stopLoss: at(bid, 9900 + this.world.luck.next() * 85), takeProfit: at(bid, 10_015 + this.world.luck.next() * 85) };
    const order = { symbol, side: 'BUY', qty: QTY[symbol] } as const;
    const limit = { ...order, type: 'LIMIT', price: at(bid, near) } as const;
    const kinds: readonly CallInput<'placeOrder'>[] = [
      { ...order, type: 'MARKET' },
      { symbol, side: 'BUY', type: 'MARKET', quoteQty: '200', exits },
      { ...order, type: 'MARKET', exits: { trailingDeltaBps: 20 + Math.floor(this.world.luck.next() * 100) } },
      { ...limit, exits },
      { ...limit, exits: { stopLoss: exits.stopLoss } },
      { ...limit, price: at(bid, 9940 + this.world.luck.next() * 50) },
      { ...limit, price: at(bid, 9940 + this.world.luck.next() * 50), timeInForce: 'POST_ONLY' },
      { ...limit, timeInForce: 'IOC', exits },
      { ...order, type: 'STOP_LOSS', stopPrice: at(bid, 10_010 + this.world.luck.next() * 30) },
    ];
    return this.ask('placeOrder', this.pick(kinds) ?? limit);
  }

  private onPosition(symbol: (typeof SYMBOLS)[number], bid: string, sellable: string): Promise<void> {
    const [high, low] = [at(bid, 10_010 + this.world.luck.next() * 60), at(bid, 9990 - this.world.luck.next() * 60)];
    const whole = this.world.luck.chance(0.5) || Exact.of(QTY[symbol]).isAbove(Exact.of(sellable));
    const qty = whole ? sellable : QTY[symbol];
    const drawn = this.world.luck.next();
    if (drawn < 0.35) return this.ask('placeOrder', { symbol, side: 'SELL', type: 'MARKET', qty });
    if (drawn < 0.5) return this.ask('placeOco', { symbol, side: 'SELL', qty, price: high, stopPrice: low });
    if (drawn < 0.6) return this.ask('placeOrder', { symbol, side: 'SELL', type: 'LIMIT', qty, price: high });
    if (drawn < 0.65) return this.ask('placeOrder', { symbol, side: 'SELL', type: 'STOP_LOSS_LIMIT', qty, stopPrice: low, price: low });
    if (drawn < 0.75) return this.ask('protectPosition', { symbol, plan: null });
    if (drawn < 0.85)
      return this.ask('protectPosition', { symbol, plan: { trailingDeltaBps: 20 + Math.floor(this.world.luck.next() * 100) } });
    return this.ask('protectPosition', { symbol, plan: { stopLoss: low, takeProfit: high } });
  }

  private change({ symbol, side, stopPrice }: OrderView): Omit<CallInput<'replaceOrder'>, 'clientOrderId'> {
    const bid = this.quotes[symbol]?.bid ?? '0';
    const bps = side === 'BUY' ? 10_000 - this.world.luck.next() * 30 : 10_000 + this.world.luck.next() * 30;
    return stopPrice === null ? { price: at(bid, bps) } : { stopPrice: at(bid, side === 'BUY' ? 10_020 : 9980) };
  }

  private async phone(symbol: string): Promise<void> {
    const order = { symbol, side: 'BUY', type: 'MARKET', quoteOrderQty: '120' } as const;
    await this.world.practice.perform({ op: 'placeOrder', account: this.world.lane.account, order });
    this.world.placed['phone'] = (this.world.placed['phone'] ?? 0) + 1;
  }

  private async ask<K extends CallName>(name: K, input: CallInput<K>): Promise<void> {
    try {
      const answer = await this.client?.call(name, input);
      const key = answer?.ok === true ? name : `${name} refused`;
      this.world.placed[key] = (this.world.placed[key] ?? 0) + 1;
    } catch (error) {
      // The kill came first: what became of it is what this is about.
      if (!(error instanceof NoAnswer)) throw error;
    }
  }
}
