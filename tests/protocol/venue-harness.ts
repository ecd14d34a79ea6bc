// The Binance adapter against a practice exchange over real sockets, with everything that it told kept in order.
// Waiting is for an event, never for a time.
import { randomBytes } from 'node:crypto';
import type { ClientOrderId, JournalTag, SymbolId } from '../../src-shared/domain/ids.ts';
import { clientOrderIdOf, legIdOf } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { ListKind, ListRole } from '../../src-shared/domain/order.ts';
import type { PracticeOptions } from '../../src-main/practice/options.ts';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { mint, type Approved } from '../../src-main/safety/approved.ts';
import { createBinanceVenue, type BinanceOptions } from '../../src-main/venue/binance.ts';
import type { Venue, VenueEvent, WireList, WireOrder } from '../../src-main/venue/port.ts';

export const BTC = 'BTCUSDT' as SymbolId;
export const ETH = 'ETHUSDT' as SymbolId;
export const text = (value: string): DecimalText => value as DecimalText;

type Kind = VenueEvent['kind'];
export type EventOf<K extends Kind> = Extract<VenueEvent, { readonly kind: K }>;

/** Everything that an adapter told, and a way to wait for what it has yet to tell. */
export class Log {
  readonly events: VenueEvent[] = [];
  #waiting: (() => void)[] = [];

  readonly listen = (event: VenueEvent): void => {
    this.events.push(event);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  };

  of<K extends Kind>(kind: K): EventOf<K>[] {
    return this.events.filter((event): event is EventOf<K> => event.kind === kind);
  }

  /** The first event from `from` on that the test accepts; rejects with what came instead after `withinMs`. */
  async until<K extends Kind>(
    kind: K,
    accepts: (event: EventOf<K>) => boolean = () => true,
    from = 0,
    withinMs = 15_000,
  ): Promise<EventOf<K>> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const found = this.events.slice(from).find((event): event is EventOf<K> => event.kind === kind && accepts(event as EventOf<K>));
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`No ${kind} as expected within ${withinMs} ms; last came ${JSON.stringify(this.events.slice(-5))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  stream(stream: 'market' | 'user', status: 'live' | 'down', from = 0, withinMs?: number): Promise<EventOf<'stream'>> {
    return this.until('stream', (event) => event.stream === stream && event.status === status, from, withinMs);
  }
}

export interface Bench {
  readonly practice: PracticeHandle;
  readonly venue: Venue;
  readonly log: Log;
  close(): Promise<void>;
}

export const optionsFor = (practice: PracticeHandle, more: Partial<BinanceOptions> = {}): BinanceOptions => ({
  addresses: { restUrl: practice.restUrl, streamUrl: practice.streamUrl, wsApiUrl: practice.wsApiUrl, hasSapi: true },
  credentials: { ...practice.key, kind: 'hmac' },
  symbols: [BTC, ETH],
  weightCeiling: 5000,
  emergencyReserve: 1000,
  nowMs: Date.now,
  random: Math.random,
  ...more,
});

export const venueFor = async (practice: PracticeHandle, more: Partial<BinanceOptions> = {}): Promise<Venue> => {
  const venue = await createBinanceVenue(optionsFor(practice, more));
  if (!venue.ok) throw new Error(venue.error.text);
  return venue.value;
};

/** A practice exchange and an adapter that is live on it. */
export const startBench = async (practiceOptions: PracticeOptions = {}, more: Partial<BinanceOptions> = {}): Promise<Bench> => {
  const practice = await startPractice({ seed: 7, balances: { USDT: '100000', BTC: '2', ETH: '20' }, ...practiceOptions });
  const venue = await venueFor(practice, more);
  const log = new Log();
  const connected = await venue.connect(log.listen);
  if (!connected.ok) throw new Error(connected.error.text);
  const close = async (): Promise<void> => {
    await venue.close();
    await practice.close();
  };
  return { practice, venue, log, close };
};

const tag = `t${randomBytes(4).toString('hex').slice(0, 5)}` as JournalTag;
let sequence = 0;
export const nextId = (): ClientOrderId => clientOrderIdOf(tag, ++sequence);

/** An order as the gate would let it through: by default a buy far below the market, that rests. */
export const approved = (fields: Partial<WireOrder> = {}): Approved<WireOrder> => {
  const order: WireOrder = {
    clientOrderId: nextId(),
    symbol: BTC,
    side: 'BUY',
    type: 'LIMIT',
    qty: text('0.01'),
    reduceOnly: false,
    ...((fields.type ?? 'LIMIT') === 'LIMIT' ? { price: text('30000'), timeInForce: 'GTC' } : {}),
    ...fields,
  };
  return mint(order);
};

/** The price that the market stands at, moved by so many per cent; a whole number, so that it is on every tick. */
export const priceAt = async (practice: PracticeHandle, pct: number, symbol: SymbolId = BTC): Promise<DecimalText> => {
  const answer = await fetch(`${practice.restUrl}/api/v3/ticker/price?symbol=${symbol}`);
  const { price } = (await answer.json()) as { price: string };
  return text(String(Math.round(Number(price) * (1 + pct / 100))));
};

type Leg = Partial<WireOrder> & { readonly role: ListRole };
const listOf = (kind: ListKind, legs: readonly Leg[]): Approved<WireList> => {
  const listId = nextId();
  const orders = legs.map(({ role, ...leg }, index) => ({
    symbol: BTC,
    side: 'SELL' as const,
    type: 'LIMIT' as const,
    qty: text('0.01'),
    reduceOnly: role !== 'entry',
    ...leg,
    clientOrderId: legIdOf(listId, index + 1),
    role,
  }));
  return mint({ listId, kind, symbol: BTC, orders });
};

const stopLeg = async (practice: PracticeHandle): Promise<Leg> => ({
  role: 'stop',
  type: 'STOP_LOSS',
  stopPrice: await priceAt(practice, -5),
});
const limitLeg = async (practice: PracticeHandle): Promise<Leg> => ({
  role: 'limit',
  price: await priceAt(practice, 5),
  timeInForce: 'POST_ONLY',
});

/** Two exits of one size, 5 % on either side of the market. */
export const ocoFor = async (practice: PracticeHandle, stop: Partial<WireOrder> = {}): Promise<Approved<WireList>> =>
  listOf('OCO', [{ ...(await stopLeg(practice)), ...stop }, await limitLeg(practice)]);

/** A buy 10 % below the market that takes its exits along; the exits are smaller, for the fee comes out of what is bought. */
export const otocoFor = async (practice: PracticeHandle, entry: Partial<WireOrder> = {}): Promise<Approved<WireList>> =>
  listOf('OTOCO', [
    { role: 'entry', side: 'BUY', price: await priceAt(practice, -10), timeInForce: 'GTC', ...entry },
    { ...(await stopLeg(practice)), qty: text('0.009') },
    { ...(await limitLeg(practice)), qty: text('0.009') },
  ]);

/** The same with one exit: a stop that trails by 1 %. */
export const otoFor = async (practice: PracticeHandle, entry: Partial<WireOrder> = {}): Promise<Approved<WireList>> =>
  listOf('OTO', [
    { role: 'entry', side: 'BUY', price: await priceAt(practice, -10), timeInForce: 'GTC', ...entry },
    { role: 'stop', type: 'STOP_LOSS', trailingDeltaBps: 100, qty: text('0.009') },
  ]);

/** The same list with a mark of its own, as a second send would need it. */
export const markedAgain = (list: WireList): Approved<WireList> => mint({ ...list });

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
