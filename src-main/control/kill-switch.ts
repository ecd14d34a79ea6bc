// The kill switch from outside (REQUIREMENTS F): three signed requests on 127.0.0.1. A good trigger closes the latch before anything is
// awaited. An outsider learns nothing: whatever is wrong with a request, the answer is the same 401 after the same time, and whoever
// sends much, slowly or without end is cut off, the eldest first, because the newest may be the one that stops.
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { z } from 'zod';
import { stopReason } from '../../src-shared/contract/contract.ts';
import type { KillSwitchAsk } from '../../src-shared/domain/kill-switch.ts';
import type { TripPolicy } from '../../src-shared/domain/stop.ts';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { parseJson } from '../settings/safe-json.ts';
import { createAudit, type Audit, type KillSwitchRecord } from './kill-switch-audit.ts';
import type { Nonces } from './kill-switch-nonces.ts';
import { judgeSignature } from './kill-switch-signature.ts';

/** What the endpoint may ask of the console. */
export interface KillSwitchActions {
  /** Trips before it gives anything back; `durable` ends once a disk has it, or after a moment. */
  trip(reason: string, positions: TripPolicy | null): { readonly tripId: Result<number, string>; readonly durable: Promise<unknown> };
  reset(by: string, why: string, readBackTripId: number): Promise<Result<{ readonly coolDownUntilMs: number }, string>>;
  isResetAllowed(): boolean;
  /** Plain data without secrets. */
  status(): Readonly<Record<string, unknown>>;
  asked(record: KillSwitchRecord): void;
}

export interface KillSwitchOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** The one in force at the moment. */
  readonly secret: () => string;
  readonly nonces: Nonces;
  readonly actions: KillSwitchActions;
  readonly nowMs: () => number;
  /** Told of what must not happen: a bug of ours, for the log. */
  readonly onFault: (error: unknown) => void;
}

export interface KillSwitchServer {
  readonly port: number;
  /** Ends every connection. */
  close(): Promise<void>;
}

export const MAX_BODY_BYTES = 4096;
const MAX_HEADER_BYTES = 4096;
/** From the connection to the request's last byte. */
const REQUEST_DEADLINE_MS = 3000;
/** Connections that have proven nothing yet. */
export const MAX_UNPROVEN = 16;
/** Every refusal leaves this long after its request was whole. */
const REFUSAL_MS = 50;
const UNPROVEN = 'somebody unproven';
const BASE = '/api/v1/safety/kill-switch';

const ASKS: ReadonlyMap<string, KillSwitchAsk> = new Map([
  [`POST ${BASE}/trigger`, 'trigger'],
  [`GET ${BASE}/status`, 'status'],
  [`POST ${BASE}/reset`, 'reset'],
]);

const who = z.string().trim().min(1).max(60);
/** Words never keep a stop from being obeyed: what does not fit is left out. */
const triggerSchema = z
  .object({
    who: who.catch('unnamed').default('unnamed'),
    reason: z.string().catch('').default('').transform(stopReason),
    positions: z.enum(['keep-positions', 'flatten']).nullable().catch(null).default(null),
  })
  .catch({ who: 'unnamed', reason: '', positions: null });
const resetSchema = z.strictObject({
  who: who.default('unnamed'),
  why: z.string().trim().min(1).max(200),
  tripId: z.int().min(1),
});

interface Answer {
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>>;
}
const REFUSED: Answer = { code: 401, body: { error: 'unauthorised' } };
const TOO_LARGE: Answer = { code: 413, body: { error: `a body has at most ${MAX_BODY_BYTES} bytes` } };

/** Starts to listen on 127.0.0.1. The error says in words what is in the way. */
export const startKillSwitch = async (options: KillSwitchOptions): Promise<Result<KillSwitchServer, string>> => {
  const audit = createAudit((record) => options.actions.asked(record));
  const doors = new Doors((why) => audit.note({ what: 'other', verdict: 'refused', who: UNPROVEN, why }));
  const onRequest = (request: http.IncomingMessage, response: http.ServerResponse): void =>
    void serve(request, response, options, audit, doors).catch((error: unknown) => {
      options.onFault(error);
      request.socket.destroy();
    });
  // Node itself would answer a missing Host with 400 and a strange Expect with 417: both are refusals like any other here.
  const server = http.createServer({ maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false }, onRequest);
  server.on('checkExpectation', onRequest);
  server.maxRequestsPerSocket = 1;
  server.on('connection', (socket) => doors.enter(socket));
  server.on('clientError', (_, socket) => doors.cut(socket as Socket, 'what came is no HTTP, or its headers are too large'));
  try {
    await listen(server, options.port);
  } catch (error) {
    return fail(listenProblem(error, options.port));
  }
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
      audit.close();
    });
  return ok({ port: (server.address() as AddressInfo).port, close });
};

const listen = (server: http.Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });

const listenProblem = (error: unknown, port: number): string =>
  (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
    ? `Port ${port} is used by another program. End that, or change killSwitch.port in the policy.`
    : `Port ${port} cannot be opened (${error instanceof Error ? error.message : String(error)}).`;

/** Connections that have proven nothing: few, not for long, and the eldest makes room for the newest. */
class Doors {
  private readonly unproven = new Map<Socket, NodeJS.Timeout>();
  private readonly onCut: (why: string) => void;

  constructor(onCut: (why: string) => void) {
    this.onCut = onCut;
  }

  enter(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.prove(socket));
    const [eldest] = this.unproven.size >= MAX_UNPROVEN ? this.unproven.keys() : [];
    if (eldest !== undefined) this.cut(eldest, `more than ${MAX_UNPROVEN} connections at once`);
    const late = (): void => this.cut(socket, `no whole request within ${REQUEST_DEADLINE_MS / 1000} s`);
    this.unproven.set(socket, setTimeout(late, REQUEST_DEADLINE_MS).unref());
  }

  /** It counts no more: it has proven itself, or is gone. */
  prove(socket: Socket): void {
    clearTimeout(this.unproven.get(socket));
    this.unproven.delete(socket);
  }

  cut(socket: Socket, why: string): void {
    if (socket.destroyed) return;
    this.prove(socket);
    socket.destroy();
    this.onCut(why);
  }
}

const serve = async (
  request: http.IncomingMessage,
  response: http.ServerResponse,
  options: KillSwitchOptions,
  audit: Audit,
  doors: Doors,
): Promise<void> => {
  const what = ASKS.get(`${request.method} ${request.url}`) ?? 'other';
  const refuse = (why: string, answer: Answer): void => {
    audit.note({ what, verdict: 'refused', who: UNPROVEN, why });
    send(response, answer);
  };
  const body = await bodyOf(request);
  if (body === 'lost') return;
  if (body === 'too-large') return refuse('the body is too large', TOO_LARGE);
  const proven = prove(request, body, what, options);
  if (!proven.ok) {
    setTimeout(() => refuse(proven.error, REFUSED), REFUSAL_MS);
    return;
  }
  doors.prove(request.socket);
  send(response, await PROVEN[proven.value](body, options, audit));
};

/** Never more than the bound is held; a declared excess is refused before a byte of it is read. */
const bodyOf = (request: http.IncomingMessage): Promise<Buffer | 'too-large' | 'lost'> =>
  new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return resolve('too-large');
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= MAX_BODY_BYTES) parts.push(part);
      else resolve('too-large');
    });
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('close', () => resolve('lost'));
  });

/** What is asked, if everything about the request is right; else, for the audit alone, what is not. */
const prove = (
  request: http.IncomingMessage,
  body: Buffer,
  what: KillSwitchAsk,
  { secret, nonces, nowMs }: KillSwitchOptions,
): Result<Exclude<KillSwitchAsk, 'other'>, string> => {
  const header = (name: string): string | undefined => request.headers[name]?.toString();
  const atMs = nowMs();
  const judged = judgeSignature(
    {
      method: request.method ?? '',
      path: request.url ?? '',
      body,
      signature: header('x-hmac-signature'),
      timestamp: header('x-timestamp'),
      nonce: header('x-nonce'),
    },
    secret(),
    atMs,
  );
  if (!judged.ok) return judged;
  if (what === 'other') return fail('there is no such request');
  const use = nonces.take(judged.value.nonce, judged.value.signedAtMs, atMs);
  if (use === 'seen') return fail('its nonce was used before');
  // To stop once more than was asked is harmless; to refuse the one stop that was asked is not.
  return use === 'new' || what === 'trigger' ? ok(what) : fail('it cannot be told whether its nonce was used before');
};

type Act = (body: Buffer, options: KillSwitchOptions, audit: Audit) => Promise<Answer>;

const trigger: Act = async (body, { actions, nonces }, audit) => {
  const json = parseJson(body.toString('utf8'), MAX_BODY_BYTES);
  const asked = triggerSchema.parse(json.ok ? json.value : {});
  const { tripId, durable } = actions.trip(`${asked.who}${asked.reason === '' ? '' : `: ${asked.reason}`}`, asked.positions);
  if (!tripId.ok) {
    audit.note({ what: 'trigger', verdict: 'refused', who: asked.who, why: tripId.error });
    return { code: 500, body: { error: tripId.error } };
  }
  audit.note({ what: 'trigger', verdict: 'taken', who: asked.who, why: asked.reason }, tripId.value);
  const [kept] = await Promise.all([nonces.kept(), durable]);
  return { code: 200, body: { tripId: tripId.value, ...(!kept.ok && { problem: `The nonce is not on disk: ${kept.error}` }) } };
};

const reset: Act = async (body, { actions, nonces }, audit) => {
  const json = parseJson(body.toString('utf8'), MAX_BODY_BYTES);
  const asked = resetSchema.safeParse(json.ok ? json.value : undefined);
  const no = (code: number, text: string): Answer => {
    audit.note({ what: 'reset', verdict: 'refused', who: asked.data?.who ?? 'unnamed', why: text });
    return { code, body: { error: text } };
  };
  if (!asked.success) return no(400, 'A reset is {"tripId": number of the trip, "why": reason, "who": name}.');
  if (!actions.isResetAllowed()) return no(403, 'The policy does not let this endpoint reset (killSwitch.resetAllowed).');
  // A replay after a crash must not reset what was tripped since: the nonce is on disk first.
  const kept = await nonces.kept();
  if (!kept.ok) return no(503, `Nothing was reset: the nonce cannot be kept (${kept.error}).`);
  const done = await actions.reset(`kill switch: ${asked.data.who}`, asked.data.why, asked.data.tripId);
  if (!done.ok) return no(409, done.error);
  audit.note({ what: 'reset', verdict: 'taken', who: asked.data.who, why: asked.data.why }, asked.data.tripId);
  return { code: 200, body: done.value };
};

const status: Act = async (_, { actions, nonces }, audit) => {
  await nonces.kept();
  audit.note({ what: 'status', verdict: 'taken', who: 'a signed request', why: '' });
  return { code: 200, body: actions.status() };
};

const PROVEN: Readonly<Record<Exclude<KillSwitchAsk, 'other'>, Act>> = { trigger, reset, status };

const send = (response: http.ServerResponse, { code, body }: Answer): void => {
  const text = `${JSON.stringify(body)}\n`;
  response.sendDate = false;
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), connection: 'close' });
  response.end(text);
};
