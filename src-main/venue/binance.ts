// Binance spot behind the Venue port. Puts together what the other files of this folder do one by one: ccxt builds, signs and holds
// the sockets; budget, deadlines, outcomes and stream health are ours. It must never throw for what the outside world does, never
// say more than an answer proves, and never let a secret out.
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import type { BinanceAddresses } from './addresses.ts';
import * as answers from './answers.ts';
import { createBudget, SPOT_LIMITS, type Budget } from './budget.ts';
import { createServerClock, sampleOf, type ClockSample, type ServerClock } from './clock.ts';
import { createLocalClock, type LocalClock } from './local-clock.ts';
import { scrubberOf } from './errors.ts';
import { createMarketStream, type MarketStream } from './market-stream.ts';
import { createOrderDesk } from './orders.ts';
import type { FrameReading } from './payloads.ts';
import type { BudgetReading, Venue, VenueEvent, VenueFailure } from './port.ts';
import { createReads } from './reads.ts';
import { requests } from './requests.ts';
import { createRest, type Rest } from './rest.ts';
import { signerOf, type Credentials } from './signer.ts';
import type { StreamSocket } from './stream-socket.ts';
import { createTransport, type Transport } from './transport.ts';
import { createUserStream, type UserStream } from './user-stream.ts';
import { wireCcxt, type CcxtSocket, type SocketHooks, type WiredCcxt } from './wired-ccxt.ts';

export interface BinanceTimings {
  /** A normal call's whole time, headers and body. */
  readonly restDeadlineMs: number;
  /** The same for the emergency lane: a stop wants to try again soon. */
  readonly emergencyDeadlineMs: number;
  readonly connectDeadlineMs: number;
  readonly streamAnswerMs: number;
  /** The market without a single frame for so long counts as dead (C11 closes the gate on quotes at 5 s). */
  readonly marketSilenceMs: number;
  /** An accepted order that the user stream has not reported by then proves the stream dead. */
  readonly reportDueMs: number;
  readonly renewAfterMs: number;
  readonly clockEveryMs: number;
  readonly warmEveryMs: number;
}

const TIMINGS: BinanceTimings = {
  restDeadlineMs: 6000,
  emergencyDeadlineMs: 2500,
  connectDeadlineMs: 10_000,
  streamAnswerMs: 4000,
  marketSilenceMs: 3500,
  reportDueMs: 4000,
  renewAfterMs: 23 * 3_600_000,
  clockEveryMs: 60_000,
  warmEveryMs: 20_000,
};

/** Short, so that an unknown order is soon proven; ccxt's default is twice this (BINANCE 5). */
const RECV_WINDOW_MS = 5000;
const CLOCK_SAMPLES = 5;
const TICK_MS = 1000;
const LOOK_EVERY_MS = 20;
const NORMAL_CONNECTIONS = 16;
/** Beside one cancel a symbol, the stop asks for open orders and the account. */
const SPARE_EMERGENCY_CONNECTIONS = 4;
const MOST_EMERGENCY_CONNECTIONS = 48;

export interface BinanceOptions {
  /** Practice exchange, testnet, or any Binance-speaking server (A4). Mainnet is the composition's to refuse. */
  readonly addresses: BinanceAddresses;
  readonly credentials: Credentials;
  /** What streams. */
  readonly symbols: readonly SymbolId[];
  /** Normal traffic's used weight a minute (policy), and what is kept for emergencies whatever that says. */
  readonly weightCeiling: number;
  readonly emergencyReserve: number;
  /** Local wall clock, ms. */
  readonly nowMs: () => number;
  /** In [0, 1): jitter of redials. */
  readonly random: () => number;
  readonly timings?: Partial<BinanceTimings>;
}

/** A ready adapter that has not connected yet; loads ccxt. Fails with `refused` on a key that cannot sign. */
export const createBinanceVenue = async (options: BinanceOptions): Promise<Result<Venue, VenueFailure>> => {
  const signer = signerOf(options.credentials);
  if (!signer.ok) return fail({ kind: 'refused', code: null, text: signer.error });
  const clock = createServerClock(options.nowMs);
  const streams = new StreamSwitch();
  const ccxt = await wireCcxt({
    addresses: options.addresses,
    apiKey: options.credentials.apiKey,
    signer: signer.value,
    recvWindowMs: RECV_WINDOW_MS,
    serverNowMs: () => clock.nowMs(),
    hooks: streams,
  });
  return ok(venueOf(new Connection(options, ccxt, clock, streams)));
};

/** Hands what happens on ccxt's sockets to both streams; each knows its own socket and ignores the other's. */
class StreamSwitch implements SocketHooks {
  sockets: readonly StreamSocket[] = [];

  open(socket: CcxtSocket): void {
    for (const { events } of this.sockets) events.open(socket);
  }
  frame(socket: CcxtSocket, message: unknown): void {
    for (const { events } of this.sockets) events.frame(socket, message);
  }
  heard(socket: CcxtSocket): void {
    for (const { events } of this.sockets) events.heard(socket);
  }
  down(socket: CcxtSocket, text: string): void {
    for (const { events } of this.sockets) events.down(socket, text);
  }
}

const venueOf = (connection: Connection): Venue => ({
  ...createOrderDesk({
    rest: connection.rest,
    clock: connection.clock,
    recvWindowMs: RECV_WINDOW_MS,
    expectReport: (clientOrderId) => connection.user.expectReport(clientOrderId),
  }),
  ...createReads({
    rest: connection.rest,
    clock: connection.clock,
    budget: connection.budget,
    hasSapi: connection.options.addresses.hasSapi,
  }),
  connect: (listener) => connection.connect(listener),
  clock: () => connection.measureClock(),
  userRoundTrip: () => connection.user.roundTrip(),
  show: (symbol, interval) => connection.market.show(symbol, interval),
  close: () => connection.close(),
});

type StreamName = 'market' | 'user';

/** What lives as long as the adapter: transport, budget, streams, and the timers that look after them. */
class Connection {
  readonly options: BinanceOptions;
  readonly clock: ServerClock;
  readonly budget: Budget;
  readonly rest: Rest;
  readonly market: MarketStream;
  readonly user: UserStream;
  readonly #local: LocalClock;
  readonly #timings: BinanceTimings;
  readonly #transport: Transport;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #aliveAtMs: Record<StreamName, number> = { market: 0, user: 0 };
  readonly #lastDown: Record<StreamName, string> = { market: '', user: '' };
  readonly #scrub: (text: string) => string;
  #listener: (event: VenueEvent) => void = () => undefined;
  #told: BudgetReading | undefined;
  #closed = false;
  #measuring: Promise<Result<ClockSample, VenueFailure>> | undefined;

  constructor(options: BinanceOptions, ccxt: WiredCcxt, clock: ServerClock, streams: StreamSwitch) {
    this.options = options;
    this.clock = clock;
    this.#local = createLocalClock(options.nowMs, () => performance.now());
    this.#timings = { ...TIMINGS, ...options.timings };
    this.#scrub = scrubberOf([options.credentials.apiKey, options.credentials.secret]);
    this.budget = createBudget({ limits: SPOT_LIMITS, weightCeiling: options.weightCeiling, emergencyReserve: options.emergencyReserve });
    this.#transport = createTransport({
      origin: options.addresses.restUrl,
      connections: { normal: NORMAL_CONNECTIONS, emergency: this.#emergencyConnections() },
    });
    this.rest = this.#createRest(ccxt);
    this.market = createMarketStream({
      ...this.#streamBasics('market', ccxt, this.#timings.marketSilenceMs),
      streamUrl: options.addresses.streamUrl,
      symbols: options.symbols,
      onReading: (reading) => this.#read('market', reading, () => this.market.socket),
    });
    this.user = createUserStream({
      ...this.#streamBasics('user', ccxt, null),
      wsApiUrl: options.addresses.wsApiUrl,
      budget: this.budget,
      serverNowMs: () => clock.nowMs(),
      reportDueMs: this.#timings.reportDueMs,
      onClockRefusal: () => void this.measureClock(),
      onReading: (reading) => this.#read('user', reading, () => this.user.socket),
    });
    streams.sockets = [this.market.socket, this.user.socket];
  }

  async connect(listener: (event: VenueEvent) => void): Promise<Result<void, VenueFailure>> {
    this.#listener = listener;
    const measured = await this.measureClock();
    // Closed meanwhile (a mode that was left while it started): nothing may come to life that nobody closes any more.
    if (this.#closed) return fail({ kind: 'unreachable', code: null, text: 'The connection was closed while it was made' });
    const live = this.#untilLive();
    this.market.socket.start();
    this.user.socket.start();
    this.#timers.push(setInterval(() => this.#tellBudget(), TICK_MS));
    this.#timers.push(setInterval(() => void this.measureClock(), this.#timings.clockEveryMs));
    this.#timers.push(setInterval(() => this.#warm(), this.#timings.warmEveryMs));
    this.#warm();
    const result = await live;
    return measured.ok ? result : measured;
  }

  /** Measures at most once at a time: who asks meanwhile gets the same answer. */
  measureClock(): Promise<Result<ClockSample, VenueFailure>> {
    this.#measuring ??= this.#sampleClock().finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.market.close();
    this.user.close();
    this.#listener = () => undefined;
    await this.#transport.close();
  }

  #emergencyConnections(): number {
    return Math.min(this.options.symbols.length + SPARE_EMERGENCY_CONNECTIONS, MOST_EMERGENCY_CONNECTIONS);
  }

  #createRest(ccxt: WiredCcxt): Rest {
    return createRest({
      ccxt,
      transport: this.#transport,
      budget: this.budget,
      scrub: this.#scrub,
      nowMs: this.#local.nowMs,
      toWallMs: this.#local.toWallMs,
      serverNowMs: () => this.clock.nowMs(),
      deadlineMs: { normal: this.#timings.restDeadlineMs, emergency: this.#timings.emergencyDeadlineMs },
      onBudget: () => this.#tellBudget(),
      onClockRefusal: () => void this.measureClock(),
    });
  }

  #streamBasics(stream: StreamName, ccxt: WiredCcxt, maxSilenceMs: number | null) {
    const { streamAnswerMs, renewAfterMs } = this.#timings;
    const { random } = this.options;
    const { nowMs } = this.#local;
    return {
      ccxt,
      nowMs,
      random,
      timings: { answerMs: streamAnswerMs, maxSilenceMs, renewAfterMs },
      dialAllowedAtMs: () => this.budget.reading(nowMs(), this.clock.nowMs()).holdUntilMs ?? 0,
      onLive: () => this.#listener({ kind: 'stream', stream, status: 'live', text: '' }),
      onDown: (reason: string) => {
        const text = this.#scrub(reason);
        this.#lastDown[stream] = text;
        this.#listener({ kind: 'stream', stream, status: 'down', text });
      },
      onAlive: () => this.#alive(stream),
    };
  }

  #read(stream: StreamName, reading: FrameReading, socket: () => StreamSocket): void {
    switch (reading.kind) {
      case 'event':
        return this.#listener(reading.event);
      case 'garbled':
        return this.#listener({ kind: 'garbled', stream, text: reading.text });
      case 'ending':
        return socket().restart(reading.text);
      case 'nothing':
    }
  }

  #alive(stream: StreamName): void {
    const now = this.options.nowMs();
    if (now - this.#aliveAtMs[stream] < 1000) return;
    this.#aliveAtMs[stream] = now;
    this.#listener({ kind: 'alive', stream });
  }

  #tellBudget(): void {
    const reading = this.budget.reading(this.#local.nowMs(), this.clock.nowMs());
    const budget = { ...reading, holdUntilMs: reading.holdUntilMs === null ? null : this.#local.toWallMs(reading.holdUntilMs) };
    const told = this.#told;
    if (told !== undefined && (Object.keys(budget) as (keyof BudgetReading)[]).every((key) => told[key] === budget[key])) return;
    this.#told = budget;
    this.#listener({ kind: 'budget', budget });
  }

  /** Keeps a connection open for every request that a stop sends at once: a handshake would cost it a round trip or two. */
  #warm(): void {
    for (let count = this.#emergencyConnections(); count > 0; count--) void this.rest.call(requests.ping());
  }

  async #sampleClock(): Promise<Result<ClockSample, VenueFailure>> {
    const samples: ClockSample[] = [];
    for (let round = 0; round < CLOCK_SAMPLES; round++) {
      const outcome = await this.rest.call(requests.time());
      if (outcome.kind !== 'answered') return fail(outcome.failure);
      const answer = answers.serverTime.safeParse(outcome.json);
      if (!answer.success) return fail({ kind: 'garbled', code: null, text: 'The venue told a time that makes no sense' });
      samples.push(sampleOf(answer.data, this.options.nowMs(), outcome.roundTripMs));
    }
    const best = this.clock.adopt(samples);
    if (best === undefined) return fail({ kind: 'garbled', code: null, text: 'No time was told' });
    this.#listener({ kind: 'clock', ...best });
    return ok(best);
  }

  /** Resolves once both streams are live, or fails at the deadline; the redials go on either way. */
  #untilLive(): Promise<Result<void, VenueFailure>> {
    const startedMs = performance.now();
    return new Promise((resolve) => {
      const look = setInterval(() => {
        const late = this.#closed || performance.now() - startedMs > this.#timings.connectDeadlineMs;
        const missing = (['market', 'user'] as const).filter((stream) => !this[stream].socket.live);
        if (missing.length > 0 && !late) return;
        clearInterval(look);
        const why = missing.map((stream) => `${stream} stream (${this.#lastDown[stream] || 'no answer'})`).join(', ');
        if (missing.length === 0) resolve(ok(undefined));
        else resolve(fail({ kind: 'late', code: null, text: `Not live in time: ${why}; dialling goes on` }));
      }, LOOK_EVERY_MS);
    });
  }
}
