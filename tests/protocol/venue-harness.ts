// The Binance adapter against a practice exchange over real sockets, with everything that it told kept in order.
// Waiting is for an event, never for a time.
import { randomBytes } from 'node:crypto';
import type { ClientOrderId, JournalTag, SymbolId } from '../../src-shared/domain/ids.ts';
import { clientOrderIdOf } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { PracticeOptions } from '../../src-main/practice/options.ts';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { mint, type Approved } from '../../src-main/safety/approved.ts';
import { createBinanceVenue, type BinanceOptions } from '../../src-main/venue/binance.ts';
import type { Venue, VenueEvent, WireOrder } from '../../src-main/venue/port.ts';

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
    ...(fields.type === 'MARKET' ? {} : { price: text('30000'), timeInForce: 'GTC' }),
    ...fields,
  };
  return mint(order);
};

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
