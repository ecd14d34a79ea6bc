// The real adapter in virtual time: its requests, order desk, reads, rate budget, server clock and user stream, as venue/binance.ts
// puts them together, over a simulated wire (sim-wire.ts). Only the sockets, the signatures and the market stream are played here.
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { CoreEvent } from '../../src-main/practice/core/types.ts';
import type { Refusal } from '../../src-main/practice/protocol/refusal.ts';
import * as answers from '../../src-main/venue/answers.ts';
import { createBudget, SPOT_LIMITS } from '../../src-main/venue/budget.ts';
import type { Budget } from '../../src-main/venue/budget.ts';
import { createServerClock, sampleOf } from '../../src-main/venue/clock.ts';
import type { ClockSample, ServerClock } from '../../src-main/venue/clock.ts';
import { createLocalClock } from '../../src-main/venue/local-clock.ts';
import type { LocalClock } from '../../src-main/venue/local-clock.ts';
import { createOrderDesk } from '../../src-main/venue/orders.ts';
import { readMarketFrame } from '../../src-main/venue/payloads.ts';
import type { FrameReading } from '../../src-main/venue/payloads.ts';
import type { Venue, VenueEvent, VenueFailure, WireList, WireOrder } from '../../src-main/venue/port.ts';
import { createReads } from '../../src-main/venue/reads.ts';
import { requests } from '../../src-main/venue/requests.ts';
import { createRest } from '../../src-main/venue/rest.ts';
import type { Rest } from '../../src-main/venue/rest.ts';
import { createUserStream } from '../../src-main/venue/user-stream.ts';
import type { UserStream } from '../../src-main/venue/user-stream.ts';
import type { CcxtSocket, WiredCcxt } from '../../src-main/venue/wired-ccxt.ts';
import type { Luck } from './luck.ts';
import { ACCOUNT, RECV_WINDOW_MS, SimWire } from './sim-wire.ts';
import type { FarEnd, Faults } from './sim-wire.ts';

const USER_URL = 'user';
const CLOCK_SAMPLES = 5;
const CLOCK_EVERY_MS = 60_000;
const CONNECT_DEADLINE_MS = 10_000;
const PING_EVERY_MS = 1000;
/** ccxt gives a socket up after two seconds without a pong (wired-ccxt.ts). */
const MISSED_PINGS = 2;

export interface SimVenueOptions {
  readonly far: FarEnd;
  readonly faults: Faults;
  readonly luck: Luck;
  readonly symbols: readonly SymbolId[];
  readonly restDeadlineMs: number;
}

/** One socket of the user stream: dialled, subscribed, pinged, and as deaf as the faults say. */
class UserSocket implements CcxtSocket {
  readonly url = USER_URL;
  private readonly venue: SimVenue;
  private missedPings = 0;
  private lastDeliveryMs = 0;
  private isUp = false;
  isSubscribed = false;

  constructor(venue: SimVenue) {
    this.venue = venue;
  }

  /** Hangs while nobody answers: the stream gives it up by its own deadline. */
  connect(): Promise<void> {
    this.tryOpen();
    return Promise.resolve();
  }

  private tryOpen(): void {
    const { venue } = this;
    venue.time.after(2 * venue.wire.latency(), () => {
      if (venue.socket !== this || this.isUp) return;
      if (venue.isUserBlocked || venue.faults.partition) {
        venue.time.after(100, () => this.tryOpen());
        return;
      }
      this.isUp = true;
      venue.user.socket.events.open(this);
    });
  }

  send(message: object): Promise<void> {
    const { id, method, params } = message as { id: number; method: string; params: { timestamp: number } };
    this.travel(() => {
      if (method === 'ping') return this.deliver({ id, result: {} }, 0);
      const refusal = this.venue.far.subscribe(params.timestamp);
      if (refusal === null) this.isSubscribed = true;
      this.deliver({ id, ...(refusal === null ? { result: { subscriptionId: 0 } } : { error: errorOf(refusal) }) }, 0);
    });
    return Promise.resolve();
  }

  private travel(then: () => void): void {
    const { venue } = this;
    if (venue.faults.partition) return;
    venue.time.after(venue.wire.latency(), () => {
      if (venue.socket === this) then();
    });
  }

  /** A frame on its way to the console: in order, unless it is held back. */
  deliver(frame: unknown, heldMs: number): void {
    const { venue } = this;
    const { time } = venue;
    if (venue.faults.partition) return;
    const atMs = Math.max(this.lastDeliveryMs, time.monoMs() + venue.wire.latency());
    if (heldMs === 0) this.lastDeliveryMs = atMs;
    time.after(atMs - time.monoMs() + heldMs, () => {
      if (venue.socket === this && venue.isAlive) venue.user.socket.events.frame(this, frame);
    });
  }

  /** Once a second: the other side is heard, or it is gone. */
  ping(): void {
    if (!this.isUp) return;
    const { events } = this.venue.user.socket;
    if (!this.venue.faults.partition) {
      this.missedPings = 0;
      events.heard(this);
    } else if ((this.missedPings += 1) > MISSED_PINGS) events.down(this, 'RequestTimeout');
  }

  clearConnectionTimeout(): void {
    // There is none here.
  }

  clearPingInterval(): void {
    // The venue pings.
  }
}

const errorOf = ({ code, msg, retryAtMs }: Refusal): object => ({
  code,
  msg,
  ...(retryAtMs === undefined ? {} : { data: { retryAfter: retryAtMs } }),
});

type OrderCalls = Pick<Venue, 'submit' | 'submitList' | 'replace'>;
/** One console's connection. A dead one hears nothing any more; what it had sent still arrives. */
export class SimVenue {
  /** What the console holds. Each call is a property, so that a test can put another in its place. */
  readonly port: Venue;
  readonly far: FarEnd;
  readonly faults: Faults;
  readonly wire: SimWire;
  readonly budget: Budget;
  readonly serverClock: ServerClock;
  readonly local: LocalClock;
  readonly user: UserStream;
  socket: UserSocket | null = null;
  isUserBlocked = false;
  isAlive = true;
  /** Called in the instant in which an order leaves for the wire. */
  onSend: (orders: readonly WireOrder[]) => void = () => undefined;
  private readonly luck: Luck;
  private readonly rest: Rest;
  private readonly symbols: readonly SymbolId[];
  private readonly stops: (() => void)[] = [];
  private listener: (event: VenueEvent) => void = () => undefined;
  private toldAlive = { user: 0, market: 0 };
  private measuring: Promise<Result<ClockSample, VenueFailure>> | null = null;
  private marketDown = false;

  constructor(options: SimVenueOptions) {
    const { far, luck } = options;
    this.far = far;
    this.faults = options.faults;
    this.luck = luck;
    this.symbols = options.symbols;
    this.wire = new SimWire(far, options.faults, luck);
    this.serverClock = createServerClock(() => this.time.nowMs());
    this.local = createLocalClock(
      () => this.time.nowMs(),
      () => this.time.monoMs(),
    );
    const { weightPerMinute } = far.limits.settings;
    const weightCeiling = Math.floor((weightPerMinute * 5) / 6);
    this.budget = createBudget({
      limits: { ...SPOT_LIMITS, weightPerMinute },
      weightCeiling,
      emergencyReserve: weightPerMinute - weightCeiling,
    });
    const ccxt = this.playCcxt();
    this.rest = createRest({
      ccxt,
      transport: this.wire,
      budget: this.budget,
      scrub: (text) => text,
      nowMs: this.local.nowMs,
      toWallMs: this.local.toWallMs,
      serverNowMs: () => this.serverClock.nowMs(),
      deadlineMs: { normal: options.restDeadlineMs, emergency: Math.min(2500, options.restDeadlineMs) },
      onBudget: () => this.tellBudget(),
      onClockRefusal: () => void this.measureClock(),
    });
    this.user = createUserStream({
      ccxt,
      nowMs: this.local.nowMs,
      random: () => luck.next(),
      timings: { answerMs: 4000, maxSilenceMs: null, renewAfterMs: 23 * 3_600_000 },
      dialAllowedAtMs: () => this.budget.reading(this.local.nowMs(), this.serverClock.nowMs()).holdUntilMs ?? 0,
      onLive: () => this.tell({ kind: 'stream', stream: 'user', status: 'live', text: '' }),
      onDown: (text) => this.tell({ kind: 'stream', stream: 'user', status: 'down', text }),
      onAlive: () => this.tellAlive('user'),
      wsApiUrl: USER_URL,
      budget: this.budget,
      serverNowMs: () => this.serverClock.nowMs(),
      reportDueMs: 4000,
      onClockRefusal: () => void this.measureClock(),
      onReading: (reading) => this.onReading(reading),
    });
    const desk = createOrderDesk({
      rest: this.rest,
      clock: this.serverClock,
      recvWindowMs: RECV_WINDOW_MS,
      expectReport: (id) => this.user.expectReport(id),
    });
    const reads = createReads({ rest: this.rest, clock: this.serverClock, budget: this.budget, hasSapi: true });
    this.port = {
      ...reads,
      ...desk,
      ...this.watched(desk),
      connect: (listener) => this.connect(listener),
      clock: () => this.measureClock(),
      userRoundTrip: () => this.user.roundTrip(),
      show: () => undefined,
      close: () => Promise.resolve(this.die()),
    };
  }

  /** The calls that put an order on the wire, seen in the instant before they do. */
  private watched(desk: OrderCalls): OrderCalls {
    return {
      submit: (order) => {
        this.onSend([order as unknown as WireOrder]);
        return desk.submit(order);
      },
      submitList: (list) => {
        this.onSend((list as unknown as WireList).orders);
        return desk.submitList(list);
      },
      replace: (order, canceled) => {
        this.onSend([order as unknown as WireOrder]);
        return desk.replace(order, canceled);
      },
    };
  }

  get time() {
    return this.far.time;
  }

  get userLive(): boolean {
    return this.user.socket.live;
  }

  private playCcxt(): WiredCcxt {
    const stamped = (params: object): [string, string][] =>
      Object.entries({ ...params, timestamp: this.serverClock.nowMs(), recvWindow: RECV_WINDOW_MS }).map(([name, value]) => [
        name,
        String(value),
      ]);
    return {
      version: 'simulated',
      sign: (path, api, method, params) => ({
        url: `${api === 'sapi' ? '/sapi/v1' : '/api/v3'}/${path}`,
        method,
        body: JSON.stringify(api === 'public' ? Object.entries(params).map(([name, value]) => [name, String(value)]) : stamped(params)),
      }),
      signParams: (params) => ({ ...params, timestamp: this.serverClock.nowMs(), recvWindow: RECV_WINDOW_MS }),
      socket: () => (this.socket = new UserSocket(this)),
      drop: (socket) => {
        if (this.socket === socket) this.socket = null;
      },
    };
  }

  // ------------------------------------------------------------------------------------------------------------- streams

  private async connect(listener: (event: VenueEvent) => void): Promise<Result<void, VenueFailure>> {
    this.listener = listener;
    const measured = await this.measureClock();
    this.user.socket.start();
    if (this.stops.length === 0) this.begin();
    const isLive = await this.untilLive();
    if (!measured.ok) return measured;
    return isLive ? ok(undefined) : fail({ kind: 'late', code: null, text: 'Not live in time: dialling goes on' });
  }

  private begin(): void {
    const { time } = this;
    this.stops.push(
      this.far.core.onEvent((event) => this.onCore(event)),
      time.every(PING_EVERY_MS, () => {
        this.tellBudget();
        this.lookAtMarket();
        this.socket?.ping();
      }),
      time.every(CLOCK_EVERY_MS, () => void this.measureClock()),
    );
    for (const symbol of this.symbols) this.onQuote(this.far.core.bookTickerPayload(symbol));
    this.tell({ kind: 'stream', stream: 'market', status: 'live', text: '' });
  }

  private untilLive(): Promise<boolean> {
    const startedMs = this.time.monoMs();
    return new Promise((resolve) => {
      const stop = this.time.every(20, () => {
        if (!this.userLive && this.time.monoMs() - startedMs < CONNECT_DEADLINE_MS) return;
        stop();
        if (this.isAlive) resolve(this.userLive);
      });
    });
  }

  private measureClock(): Promise<Result<ClockSample, VenueFailure>> {
    this.measuring ??= this.sampleClock().finally(() => {
      this.measuring = null;
    });
    return this.measuring;
  }

  private async sampleClock(): Promise<Result<ClockSample, VenueFailure>> {
    const samples: ClockSample[] = [];
    for (let round = 0; round < CLOCK_SAMPLES; round += 1) {
      const outcome = await this.rest.call(requests.time());
      if (outcome.kind !== 'answered') return fail(outcome.failure);
      samples.push(sampleOf(answers.serverTime.parse(outcome.json), this.time.nowMs(), outcome.roundTripMs));
    }
    const best = this.serverClock.adopt(samples) as ClockSample;
    this.tell({ kind: 'clock', ...best });
    return ok(best);
  }

  /** The user stream goes away, or comes back: what happened meanwhile is not told. */
  setUserStream(live: boolean): void {
    this.isUserBlocked = !live;
    if (!live && this.socket !== null) this.user.socket.events.down(this.socket, 'switched off by the test');
  }

  /** Nothing hinders the stream any more; one that lives stays as it is. */
  setUserStreamFree(): void {
    this.isUserBlocked = false;
  }

  /** The exchange ends the stream by its own word, and the socket stays. */
  terminateUserStream(): void {
    this.socket?.deliver({ subscriptionId: 0, event: { e: 'eventStreamTerminated', E: this.time.trueMs() } }, 0);
  }

  private lookAtMarket(): void {
    const isDown = this.faults.partition;
    if (!isDown && this.faults.silentMarkets.size < this.symbols.length) this.tell({ kind: 'alive', stream: 'market' });
    if (isDown === this.marketDown) return;
    this.marketDown = isDown;
    this.tell({ kind: 'stream', stream: 'market', status: isDown ? 'down' : 'live', text: isDown ? 'no route' : '' });
  }

  private tellBudget(): void {
    const reading = this.budget.reading(this.local.nowMs(), this.serverClock.nowMs());
    const holdUntilMs = reading.holdUntilMs === null ? null : this.local.toWallMs(reading.holdUntilMs);
    this.tell({ kind: 'budget', budget: { ...reading, holdUntilMs } });
  }

  private tellAlive(stream: 'user' | 'market'): void {
    const nowMs = this.time.monoMs();
    if (nowMs - this.toldAlive[stream] < 1000) return;
    this.toldAlive[stream] = nowMs;
    this.tell({ kind: 'alive', stream });
  }

  private tell(event: VenueEvent): void {
    if (this.isAlive) this.listener(event);
  }

  private onReading(reading: FrameReading): void {
    if (reading.kind === 'event') this.tell(reading.event);
    else if (reading.kind === 'garbled') this.tell({ kind: 'garbled', stream: 'user', text: reading.text });
    else if (reading.kind === 'ending') this.user.socket.restart(reading.text);
  }

  private onCore(event: CoreEvent): void {
    if (event.kind === 'bookTicker') this.onQuote(event.payload);
    else if (event.kind === 'user' && event.account === ACCOUNT) this.onUser(event.payload);
  }

  private onQuote(payload: unknown): void {
    if (payload === undefined || this.faults.partition) return;
    const reading = readMarketFrame(payload, new Set(this.symbols));
    if (reading.kind !== 'event' || reading.event.kind !== 'quote' || this.faults.silentMarkets.has(reading.event.symbol)) return;
    this.tell(reading.event);
  }

  private onUser(event: object): void {
    const { faults, luck, socket } = this;
    const isMissing = luck.chance(faults.streamMissing);
    const heldMs = luck.chance(faults.streamReorder) ? 400 * luck.next() : 0;
    const isTwice = luck.chance(faults.streamDuplicate);
    if (socket === null || !socket.isSubscribed || faults.streamSilent || isMissing) return;
    const frame = { subscriptionId: 0, event };
    socket.deliver(frame, heldMs);
    if (isTwice) socket.deliver(frame, heldMs + 20);
  }

  /** The process is gone: nobody listens any more. */
  die(): void {
    this.isAlive = false;
    this.wire.die();
    for (const stop of this.stops) stop();
    this.user.close();
    this.socket = null;
  }
}
