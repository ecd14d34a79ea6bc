// The way between the console and the practice exchange in virtual time: the real gateway with its real limits at the far end, and in
// between whatever may go wrong. It judges nothing, and it counts what a well-behaved client never does (Q10).
import { Gateway } from '../../src-main/practice/protocol/gateway.ts';
import type { Outcome } from '../../src-main/practice/protocol/gateway.ts';
import { KeyRing } from '../../src-main/practice/protocol/keys.ts';
import type { ApiKey } from '../../src-main/practice/protocol/keys.ts';
import { BINANCE_LIMITS, RateLimits } from '../../src-main/practice/protocol/limits.ts';
import type { LimitSettings } from '../../src-main/practice/protocol/limits.ts';
import { Refusal, refusals } from '../../src-main/practice/protocol/refusal.ts';
import { restRoutes } from '../../src-main/practice/protocol/routes.ts';
import type { ExchangeCore } from '../../src-main/practice/core/exchange.ts';
import type { CoreEvent, QueriedOrder } from '../../src-main/practice/core/types.ts';
import type { HttpReply, Lane, Transport } from '../../src-main/venue/transport.ts';
import type { SignedRequest } from '../../src-main/venue/wired-ccxt.ts';
import type { Luck } from './luck.ts';
import type { VirtualTime } from './virtual-time.ts';

export const ACCOUNT = 'trader';
export const RECV_WINDOW_MS = 5000;
const IP = '10.0.0.1';
/** A clock that drifts may end a wait so much too early. */
const EARLY_MS = 50;
const API_KEY = 'K'.repeat(64);

/** What may go wrong, as probabilities (0 … 1) and switches. All off by default. */
export interface Faults {
  /** One way, at least and at most. */
  latencyMs: readonly [number, number];
  /** The request never arrives; the caller waits in vain, or its connection breaks. */
  lostBefore: number;
  /** It is executed; the answer never comes, or the connection breaks. */
  lostAfter: number;
  /** It is executed, and answered with a 5xx or -1007. */
  executedButError: number;
  /** It is answered with a 5xx, and not executed. */
  storm: number;
  /** A request that its sender gave up on arrives late, still inside its recvWindow. */
  lateArrival: number;
  streamDuplicate: number;
  /** A user event is held back until others have overtaken it. */
  streamReorder: number;
  streamMissing: number;
  /** The user stream is up, answers pings, and says nothing. */
  streamSilent: boolean;
  /** Markets of which no quotes come. */
  silentMarkets: ReadonlySet<string>;
  /** Orders and trades younger than this are not found by queries, and cancelled orders are still listed (BINANCE 4). */
  queryLagMs: number;
  /** Every request about these symbols fails with a 5xx before execution. */
  deadSymbols: ReadonlySet<string>;
  /** The cable is pulled: nothing passes either way. */
  partition: boolean;
}

export const NO_FAULTS: Faults = {
  latencyMs: [2, 8],
  lostBefore: 0,
  lostAfter: 0,
  executedButError: 0,
  storm: 0,
  lateArrival: 0,
  streamDuplicate: 0,
  streamReorder: 0,
  streamMissing: 0,
  streamSilent: false,
  silentMarkets: new Set(),
  queryLagMs: 0,
  deadSymbols: new Set(),
  partition: false,
};

/** One order as it reached the exchange, for the auditor. */
export interface Arrival {
  readonly clientOrderId: string;
  readonly atMs: number;
  readonly taken: boolean;
}

interface ExchangeInfo {
  readonly rateLimits: readonly { readonly rateLimitType: string; readonly limit: number }[];
}

interface Signed {
  readonly path: string;
  readonly method: SignedRequest['method'];
  readonly params: ReadonlyMap<string, string>;
}

/** The far end, which outlives every console: the exchange's front, its limits, and how it treats this address. */
export class FarEnd {
  readonly core: ExchangeCore;
  readonly time: VirtualTime;
  readonly limits: RateLimits;
  readonly arrivals: Arrival[] = [];
  /** What a well-behaved client never gets to hear, and what the exchange itself could not stand. */
  readonly offences: string[] = [];
  readonly key: ApiKey;
  readonly gateway: Gateway;
  private readonly settings: LimitSettings;
  /** Orders that ended lately, as they were listed before. */
  private readonly leavers: { readonly endedAtMs: number; readonly row: QueriedOrder }[] = [];
  private throttle: { readonly status: 429 | 418; readonly untilMs: number } | null = null;

  constructor(core: ExchangeCore, time: VirtualTime, weightPerMinute: number) {
    this.core = core;
    this.time = time;
    this.settings = { ...BINANCE_LIMITS, weightPerMinute };
    this.limits = new RateLimits(this.settings);
    const keys = new KeyRing();
    this.key = keys.add({ kind: 'HMAC', secret: 'simulated', apiKey: API_KEY, accountId: ACCOUNT }, time.trueMs());
    this.gateway = new Gateway({ core, limits: this.limits, nowMs: () => time.trueMs() }, keys, (error) => {
      this.offences.push(`the exchange broke: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}`);
    });
    core.onEvent((event) => this.onCore(event));
  }

  private onCore(event: CoreEvent): void {
    if (event.kind !== 'user' || event.account !== ACCOUNT) return;
    const { e, X, i, s, m, x, z, l } = event.payload as unknown as Record<string, string | number | boolean>;
    if (e !== 'executionReport') return;
    if (x === 'TRADE' && Number(z) === Number(l)) this.limits.firstFill(ACCOUNT, m === true, this.time.trueMs());
    if (X !== 'CANCELED') return;
    const found = this.core.getOrder(ACCOUNT, { symbol: String(s), orderId: Number(i) }, this.time.trueMs());
    if (!found.ok) return;
    const status = Number(found.value.executedQty) > 0 ? 'PARTIALLY_FILLED' : 'NEW';
    this.leavers.push({ endedAtMs: this.time.trueMs(), row: { ...found.value, status } });
  }

  /** The exchange refuses everything for so long, earned or not: obeying is what is tested. */
  throttleFor(status: 429 | 418, forMs: number): void {
    this.throttle = { status, untilMs: this.time.trueMs() + forMs };
  }

  /** Null, or the answer to whoever asks now. */
  private refused(): Refusal | null {
    if (this.throttle === null || this.time.trueMs() >= this.throttle.untilMs) return null;
    const { status, untilMs } = this.throttle;
    if (status === 418) return refusals.banned(untilMs);
    return refusals.tooMuchWeight(this.settings.weightPerMinute, untilMs);
  }

  execute({ path, method, params }: Signed, lagMs: number): Outcome {
    const refused = this.refused();
    if (refused !== null) return { result: refused };
    const operation = restRoutes.get(path)?.get(method);
    if (operation === undefined) throw new Error(`the exchange has no ${method} ${path}`);
    const outcome = this.gateway.execute({ operation, raw: params, ip: IP, proof: { kind: 'session', key: this.key } });
    const { result } = outcome;
    if (result instanceof Refusal && (result.status === 418 || result.status === 429))
      this.offences.push(`Q10: ${method} ${path} earned a ${result.status} (${result.msg})`);
    if (method === 'POST') this.noteArrivals(params, !(result instanceof Refusal));
    if (path.endsWith('/exchangeInfo') && !(result instanceof Refusal)) return { result: this.withLimits(result as ExchangeInfo) };
    return lagMs === 0 || method !== 'GET' ? outcome : { ...outcome, result: this.lagging(path, result, lagMs) };
  }

  /** The exchange states the limits that it has. */
  private withLimits(info: ExchangeInfo): unknown {
    const rateLimits = info.rateLimits.map((one) =>
      one.rateLimitType === 'REQUEST_WEIGHT' ? { ...one, limit: this.settings.weightPerMinute } : one,
    );
    return { ...info, rateLimits };
  }

  private noteArrivals(params: ReadonlyMap<string, string>, taken: boolean): void {
    for (const [name, value] of params)
      if (/^(newClientOrderId|.*[a-z]ClientOrderId)$/.test(name) && !/^(list|cancel)/.test(name))
        this.arrivals.push({ clientOrderId: value, atMs: this.time.trueMs(), taken });
  }

  /** What a data source that lags behind says: of orders and trades that are new, nothing yet; of those that left, what was true before. */
  private lagging(path: string, result: unknown, lagMs: number): unknown {
    const sinceMs = this.time.trueMs() - lagMs;
    if (result instanceof Refusal) return result;
    if (path.endsWith('/order')) {
      const order = result as QueriedOrder;
      return order.time > sinceMs ? new Refusal(400, -2013, 'Order does not exist.') : result;
    }
    if (path.endsWith('/openOrders')) {
      const left = this.leavers.filter(({ endedAtMs }) => endedAtMs > sinceMs).map(({ row }) => row);
      return [...(result as readonly QueriedOrder[]), ...left].filter((order) => order.time <= sinceMs);
    }
    if (path.endsWith('/myTrades')) return (result as readonly { readonly time: number }[]).filter((trade) => trade.time <= sinceMs);
    return result;
  }

  usedWeight(): number {
    return this.limits.usedWeight(IP, this.time.trueMs());
  }

  /** A connection and its subscription to the user stream; null when it is taken, else the refusal. */
  subscribe(timestampMs: number): Refusal | null {
    const refused = this.refused() ?? this.limits.admit(IP, 4, this.time.trueMs());
    if (refused !== undefined && refused !== null) return refused;
    const raw = new Map([
      ['timestamp', String(timestampMs)],
      ['recvWindow', String(RECV_WINDOW_MS)],
    ]);
    const who = this.gateway.authenticate(raw, { kind: 'session', key: this.key });
    return who instanceof Refusal ? who : null;
  }
}

/** How one request fares, drawn when it leaves. */
type Fate =
  | { readonly kind: 'fine' }
  | { readonly kind: 'unwritten' }
  | { readonly kind: 'never-there'; readonly breaks: boolean }
  | { readonly kind: 'storm' }
  | { readonly kind: 'no-answer'; readonly breaks: boolean; readonly late: boolean }
  | { readonly kind: 'error-after' };

/** One console's connections. When the console dies nobody hears the answers; what had left still arrives. */
export class SimWire implements Transport {
  readonly far: FarEnd;
  private readonly faults: Faults;
  private readonly luck: Luck;
  private alive = true;
  /** Until when this console was told to send nothing (Q10); true time. */
  private toldToWaitUntilMs = 0;

  constructor(far: FarEnd, faults: Faults, luck: Luck) {
    this.far = far;
    this.faults = faults;
    this.luck = luck;
  }

  latency(): number {
    const [least, most] = this.faults.latencyMs;
    return least + Math.floor((most - least + 1) * this.luck.next());
  }

  private fateOf(request: Signed): Fate {
    const { faults, luck } = this;
    const symbol = request.params.get('symbol');
    const before = luck.chance(faults.lostBefore);
    const after = luck.chance(faults.lostAfter);
    const error = luck.chance(faults.executedButError);
    const storm = luck.chance(faults.storm);
    const late = luck.chance(faults.lateArrival) && request.method === 'POST';
    const breaks = luck.chance(0.5);
    if (faults.partition) return breaks ? { kind: 'unwritten' } : { kind: 'never-there', breaks: false };
    if (storm || (symbol !== undefined && faults.deadSymbols.has(symbol))) return { kind: 'storm' };
    if (before) return { kind: 'never-there', breaks };
    if (late || after) return { kind: 'no-answer', breaks, late };
    return error ? { kind: 'error-after' } : { kind: 'fine' };
  }

  send({ url, method, body }: SignedRequest, _lane: Lane, deadlineMs: number): Promise<HttpReply> {
    const request: Signed = { path: url, method, params: new Map(JSON.parse(body ?? '[]') as [string, string][]) };
    const { far } = this;
    const { time } = far;
    const startedMs = time.monoMs();
    if (time.trueMs() + EARLY_MS < this.toldToWaitUntilMs)
      far.offences.push(`Q10: ${method} ${url} left at ${time.trueMs()} although the exchange had said to wait`);
    const fate = this.fateOf(request);
    return new Promise((resolve) => {
      let isSettled = false;
      const settle = (reply: HttpReply): void => {
        if (!this.alive || isSettled) return;
        isSettled = true;
        resolve(reply);
      };
      const answer = (outcome: Outcome): void => {
        if (this.alive && !isSettled) settle(this.replyOf(outcome, time.monoMs() - startedMs));
      };
      time.after(deadlineMs, () => settle({ kind: 'late', written: true, text: `No whole answer within ${deadlineMs} ms` }));
      const breakLater = (): void =>
        void time.after(this.latency(), () => settle({ kind: 'broken', written: true, text: 'The connection failed: ECONNRESET' }));
      switch (fate.kind) {
        case 'unwritten':
          time.after(this.latency(), () => settle({ kind: 'broken', written: false, text: 'The connection failed: EHOSTUNREACH' }));
          return;
        case 'never-there':
          if (fate.breaks) breakLater();
          return;
        case 'storm':
          time.after(2 * this.latency(), () => answer({ result: this.luck.chance(0.5) ? ERROR_503 : ERROR_500 }));
          return;
        default: {
          const thereMs =
            fate.kind === 'no-answer' && fate.late ? Math.floor((RECV_WINDOW_MS + 500) * this.luck.next()) + 200 : this.latency();
          if (fate.kind === 'no-answer' && fate.breaks && fate.late) breakLater();
          time.after(thereMs, () => {
            const outcome = far.execute(request, this.faults.queryLagMs);
            if (fate.kind === 'no-answer') {
              if (fate.breaks) breakLater();
              return;
            }
            time.after(this.latency(), () => answer(fate.kind === 'error-after' ? { result: refusals.timeout() } : outcome));
          });
        }
      }
    });
  }

  private replyOf({ result, orderCounts }: Outcome, roundTripMs: number): HttpReply {
    const headers: Record<string, string> = { 'x-mbx-used-weight-1m': String(this.far.usedWeight()) };
    if (orderCounts !== undefined) {
      headers['x-mbx-order-count-10s'] = String(orderCounts.tenSeconds);
      headers['x-mbx-order-count-1d'] = String(orderCounts.day);
    }
    if (!(result instanceof Refusal)) return { kind: 'answer', status: 200, headers, body: JSON.stringify(result), roundTripMs };
    const { status, code, msg, data, retryAtMs } = result;
    if (retryAtMs !== undefined) {
      headers['retry-after'] = String(Math.max(0, Math.ceil((retryAtMs - this.far.time.trueMs()) / 1000)));
      if (status === 429 || status === 418) this.toldToWaitUntilMs = Math.max(this.toldToWaitUntilMs, retryAtMs);
    }
    const body = JSON.stringify(data === undefined ? { code, msg } : { code, msg, data });
    return { kind: 'answer', status, headers, body, roundTripMs };
  }

  /** The process is gone. */
  die(): void {
    this.alive = false;
  }

  close(): Promise<void> {
    this.die();
    return Promise.resolve();
  }
}

const ERROR_503 = new Refusal(503, -1008, 'Server is currently overloaded with other requests.');
const ERROR_500 = new Refusal(500, -1000, 'An unknown error occurred while processing the request.');
