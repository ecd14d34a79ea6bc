// The WS-API: one JSON request a frame, the same operations as REST, sessions and user data streams (web-socket-api.md).
// A session's key signs for that session only, and a request's answer goes to the socket that asked.
import { orderCountTable } from './account-operations.ts';
import { planFaults, type Interruption } from './fault-plan.ts';
import type { Faults } from './faults.ts';
import type { Gateway, Outcome, Proof } from './gateway.ts';
import type { ApiKey } from './keys.ts';
import { LiveSocket, type SocketHandlers, type SocketSettings } from './live-socket.ts';
import { publicOperation, signedOperation, type Operation } from './operation.ts';
import { may, type RawParams } from './params.ts';
import { Refusal, refusals } from './refusal.ts';
import { wsApiMethods } from './routes.ts';
import type { UserStreams, UserSubscription } from './user-streams.ts';
import type { Wire } from './wire.ts';
import type { WebSocket } from 'ws';

type RequestId = string | number | null;
interface WsRequest {
  readonly id: RequestId;
  readonly method: string;
  readonly raw: RawParams;
}

const CONNECTION_WEIGHT = 2;
const MAX_SUBSCRIPTIONS = 1000;

export interface WsApiContext {
  readonly gateway: Gateway;
  readonly faults: Faults;
  readonly wire: Wire;
  readonly users: UserStreams;
  readonly sockets: SocketSettings;
}

export class WsApiServer {
  readonly #context: WsApiContext;
  readonly #sessions = new Set<Session>();

  constructor(context: WsApiContext) {
    this.#context = context;
  }

  /** Takes over an upgraded socket. `query` is the URL's, without the question mark. */
  accept(ws: WebSocket, ip: string, query: string): void {
    const { venue } = this.#context.gateway;
    const limited = venue.limits.admit(ip, CONNECTION_WEIGHT, venue.nowMs());
    if (limited !== undefined) {
      ws.close(1008, limited.msg.slice(0, 100));
      return;
    }
    const session = new Session(ws, ip, !query.includes('returnRateLimits=false'), this.#context, () => this.#sessions.delete(session));
    this.#sessions.add(session);
  }

  /** Cuts every connection; with `userOnly` those that carry a user data stream. */
  disconnect(userOnly: boolean): void {
    for (const session of this.#sessions) if (!userOnly || session.subscribed) session.destroy();
  }
}

class Session {
  readonly #context: WsApiContext;
  readonly #socket: LiveSocket;
  readonly #returnRateLimits: boolean;
  readonly #connectedMs: number;
  readonly #subscriptions = new Map<number, UserSubscription>();
  readonly #ownMethods: ReadonlyMap<string, Operation>;
  #nextSubscriptionId = 0;
  #logonSubscriptionId: number | undefined;
  #key: ApiKey | undefined;
  #authorizedMs: number | null = null;

  constructor(ws: WebSocket, ip: string, returnRateLimits: boolean, context: WsApiContext, onClose: () => void) {
    this.#context = context;
    this.#returnRateLimits = returnRateLimits;
    this.#connectedMs = context.gateway.venue.nowMs();
    this.#ownMethods = this.#sessionMethods();
    const handlers: SocketHandlers = {
      onMessage: (text) => this.#receive(text),
      onControlFrame: () => undefined,
      onClose: () => {
        this.#unsubscribe(undefined);
        onClose();
      },
    };
    this.#socket = new LiveSocket(ws, ip, context.wire, context.sockets, handlers);
  }

  get subscribed(): boolean {
    return this.#subscriptions.size > 0;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(text: string): void {
    const request = parseRequest(text);
    if (request instanceof Refusal) {
      this.#sendError(null, request);
      return;
    }
    const method = request.method.startsWith('v3/') ? request.method.slice(3) : request.method;
    const operation = this.#ownMethods.get(method) ?? wsApiMethods.get(method);
    if (operation === undefined) {
      this.#sendError(request.id, refusals.notSupported());
      return;
    }
    const { faults, wire, gateway } = this.#context;
    const plan = planFaults(faults.strike('wsapi', { method, symbol: request.raw.get('symbol') }), gateway.venue.nowMs());
    wire.after(plan.delayBeforeMs, () => {
      if (plan.before !== undefined) {
        this.#interrupt(plan.before, request.id);
        return;
      }
      const outcome = this.#execute(operation, request.raw);
      wire.after(plan.delayAfterMs, () => {
        if (plan.after !== undefined) this.#interrupt(plan.after, request.id);
        else this.#answer(request, outcome);
      });
    });
  }

  #execute(operation: Operation, raw: RawParams): Outcome {
    const apiKey = raw.get('apiKey');
    if (operation.security !== 'NONE' && apiKey === undefined && this.#key === undefined) {
      return { result: refusals.mandatory('apiKey') };
    }
    const proof: Proof =
      apiKey === undefined && this.#key !== undefined
        ? { kind: 'session', key: this.#key }
        : { kind: 'signature', apiKey, payload: () => signedText(raw) };
    return this.#context.gateway.execute({ operation, raw, ip: this.#socket.ip, proof });
  }

  #answer({ id, raw }: WsRequest, { result, accountId, orderCounts }: Outcome): void {
    const wanted = raw.get('returnRateLimits');
    const shown = wanted === undefined ? this.#returnRateLimits : wanted === 'true';
    const orders = orderCounts === undefined ? undefined : accountId;
    const rateLimits = shown ? { rateLimits: this.#rateLimits(orders) } : {};
    if (result instanceof Refusal) this.#sendError(id, result, rateLimits);
    else this.#socket.send(JSON.stringify({ id, status: 200, result, ...rateLimits }));
  }

  #sendError(id: RequestId, { status, code, msg, data, retryAtMs }: Refusal, rateLimits: object = {}): void {
    const serverTime = this.#context.gateway.venue.nowMs();
    const limited = retryAtMs === undefined ? undefined : { serverTime, retryAfter: retryAtMs };
    const extra = data ?? limited;
    const error = extra === undefined ? { code, msg } : { code, msg, data: extra };
    this.#socket.send(JSON.stringify({ id, status, error, ...rateLimits }));
  }

  #rateLimits(accountId: string | undefined): readonly object[] {
    const { venue } = this.#context.gateway;
    const limit = venue.limits.settings.weightPerMinute;
    const count = venue.limits.usedWeight(this.#socket.ip, venue.nowMs());
    const weight = { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit, count };
    return accountId === undefined ? [weight] : [...orderCountTable(venue, accountId), weight];
  }

  #interrupt(interruption: Interruption, id: RequestId): void {
    switch (interruption.kind) {
      case 'cut':
        this.destroy();
        return;
      case 'silence':
      case 'stall':
        return;
      case 'status':
        this.#sendError(id, new Refusal(interruption.status, -1000, 'An unknown error occurred while processing the request.'));
        return;
      case 'refusal':
        this.#sendError(id, interruption.refusal);
    }
  }

  /** The methods that are about this session (web-socket-api.md, "Authentication requests", "User Data Stream requests"). */
  #sessionMethods(): ReadonlyMap<string, Operation> {
    const unsubscribeSpecs = { subscriptionId: may.long };
    return new Map<string, Operation>([
      ['session.logon', signedOperation('USER_DATA', 2, {}, (_venue, _p, key) => this.#logon(key))],
      ['session.status', publicOperation(2, {}, () => this.#status())],
      ['session.logout', publicOperation(2, {}, () => this.#logout())],
      [
        'session.subscriptions',
        publicOperation(2, {}, () => [...this.#subscriptions.keys()].map((subscriptionId) => ({ subscriptionId }))),
      ],
      ['userDataStream.subscribe', publicOperation(2, {}, () => this.#subscribeSession())],
      ['userDataStream.subscribe.signature', signedOperation('USER_STREAM', 2, {}, (_venue, _p, key) => this.#subscribe(key.accountId))],
      ['userDataStream.unsubscribe', publicOperation(2, unsubscribeSpecs, (_venue, p) => this.#unsubscribe(p.subscriptionId))],
    ]);
  }

  #status(): object {
    return {
      apiKey: this.#key?.apiKey ?? null,
      authorizedSince: this.#authorizedMs,
      connectedSince: this.#connectedMs,
      returnRateLimits: this.#returnRateLimits,
      serverTime: this.#context.gateway.venue.nowMs(),
      userDataStream: this.subscribed,
    };
  }

  /** "Only Ed25519 keys are supported for this feature." */
  #logon(key: ApiKey): object {
    if (key.kind !== 'ED25519') return refusals.notSupported();
    this.#key = key;
    this.#authorizedMs = this.#context.gateway.venue.nowMs();
    return this.#status();
  }

  #logout(): object {
    // "session.logout will only close the subscription created with userDataStream.subscribe."
    if (this.#logonSubscriptionId !== undefined) this.#unsubscribe(this.#logonSubscriptionId);
    this.#key = undefined;
    this.#authorizedMs = null;
    return this.#status();
  }

  #subscribeSession(): object {
    if (this.#key === undefined) return refusals.badKey();
    const subscribed = this.#subscribe(this.#key.accountId);
    if (!(subscribed instanceof Refusal)) this.#logonSubscriptionId = subscribed.subscriptionId;
    return subscribed;
  }

  #subscribe(accountId: string): { readonly subscriptionId: number } | Refusal {
    const active = [...this.#subscriptions.values()].some((each) => each.accountId === accountId);
    if (active) return refusals.subscriptionActive();
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS) return refusals.tooManySubscriptions();
    const subscriptionId = this.#nextSubscriptionId++;
    const subscription: UserSubscription = {
      subscriptionId,
      accountId,
      send: (text) => this.#socket.send(text),
      ended: () => this.#subscriptions.delete(subscriptionId),
    };
    this.#subscriptions.set(subscriptionId, subscription);
    this.#context.users.add(subscription);
    return { subscriptionId };
  }

  /** Ends one subscription, or all. */
  #unsubscribe(subscriptionId: number | undefined): object {
    if (subscriptionId !== undefined && !this.#subscriptions.has(subscriptionId)) return refusals.subscriptionInactive();
    for (const [id, subscription] of this.#subscriptions) {
      if (subscriptionId !== undefined && id !== subscriptionId) continue;
      this.#context.users.remove(subscription);
      this.#subscriptions.delete(id);
      if (id === this.#logonSubscriptionId) this.#logonSubscriptionId = undefined;
    }
    return {};
  }
}

const isId = (id: unknown): id is RequestId => id === null || typeof id === 'string' || typeof id === 'number';

function parseRequest(text: string): WsRequest | Refusal {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    return refusals.badJson();
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request)) return refusals.badJson();
  const { id, method, params }: { id?: unknown; method?: unknown; params?: unknown } = request;
  if (!isId(id) || typeof method !== 'string') return refusals.badJson();
  if (params === undefined || params === null) return { id, method, raw: new Map() };
  return typeof params === 'object' && !Array.isArray(params) ? { id, method, raw: rawParams(params) } : refusals.badJson();
}

/** JSON values as the texts that were signed: numbers and booleans as they print, lists as JSON. */
function rawParams(params: object): RawParams {
  const raw = new Map<string, string>();
  for (const [name, value] of Object.entries(params) as [string, unknown][]) {
    raw.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return raw;
}

/** "Take all request params except signature and sort them in alphabetical order by parameter name." */
function signedText(raw: RawParams): string {
  const names = [...raw.keys()].filter((name) => name !== 'signature').sort();
  return names.map((name) => `${name}=${raw.get(name) ?? ''}`).join('&');
}
