// The local socket: the command line's way into the running console, for this user alone (REQUIREMENTS N4). It serves the contract's
// calls that may come from a socket, each input parsed strictly, and it is the sign that a console runs on this home. Node cannot ask
// the system who the peer is (no SO_PEERCRED): that it is this user is ensured by the socket's folder, whose owner and mode are checked.
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import nodePath from 'node:path';
import { contract, type CallError, type Caller, type CallName, type Handlers, type Push } from '../../src-shared/contract/contract.ts';
import type { Snapshot } from '../../src-shared/contract/view.ts';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { lockFile, type FileLock } from '../journal/lock.ts';
import { controlAddress, instanceLockPath, prepareHome } from '../settings/home.ts';
import { parseJson } from '../settings/safe-json.ts';
import { lineOf, lineSplitter, MAX_REQUEST_BYTES, type AnswerLine, type RequestLine, type ServerLine } from './protocol.ts';

export interface ControlOptions {
  readonly home: string;
  /** As `claimHome` gave it. */
  readonly claim: HomeClaim;
  readonly handlers: Handlers;
  /** The console's own subscription: the snapshot and what follows it, with no gap between. */
  readonly subscribe: (listener: (push: Push) => void) => { readonly snapshot: Snapshot; close(): void };
  /** Told about a handler that threw: the caller gets no details. */
  readonly onFault?: (call: string, error: unknown) => void;
}

export interface ControlServer {
  readonly address: string;
  /** Ends every connection and removes the socket; the claim stays the caller's to release. */
  close(): Promise<void>;
}

/** One console a home: held from before the journal is opened until the very end. The operating system lifts it when the process dies. */
export type HomeClaim = FileLock;

/** Takes the home for this process; the error says in words why not. */
export const claimHome = (home: string): Result<HomeClaim, string> => {
  try {
    prepareHome(home);
    const lock = lockFile(instanceLockPath(home));
    if (lock !== undefined) return ok(lock);
    return fail(`Another console runs on this home (${home}). Use it ("holdfast status"), end it, or choose another home (--home).`);
  } catch (error) {
    return fail(`The home ${home} cannot be used: ${textOf(error)}. Check its permissions or choose another one (--home).`);
  }
};

const MAX_CONNECTIONS = 32;
const FAREWELL_MS = 1_000;
const MAX_CALLS_AT_ONCE = 64;
/** A connection for which there is no room may still stop trading: it is listened to for as long as a receipt takes. */
const STOP_ONLY_MS = 70_000;
/** Beyond so many even those are turned away, the eldest first: the newest may be the one that stops. */
const MAX_STOP_ONLY = 16;
/** All that a connection too many is served: the stop (REQUIREMENTS E1) and the wait for its receipt. */
const STOP_CALLS: ReadonlySet<string> = new Set<CallName>(['tripStop', 'awaitReceipt']);
/** A client that reads slower than this is cut off; it subscribes anew and misses nothing for good. */
const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;

const NO_ROOM: CallError = {
  code: 'UNAVAILABLE',
  text: `More than ${MAX_CONNECTIONS} connections are open; close one first. (A stop is taken all the same.)`,
};

/** Starts to listen. The error says in words what is in the way. */
export const startControlServer = async (options: ControlOptions): Promise<Result<ControlServer, string>> => {
  const address = controlAddress(options.home);
  const caller: Caller = { from: 'socket', user: os.userInfo().username };
  const served = new Set<net.Socket>();
  const stopOnly = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const room = served.size < MAX_CONNECTIONS ? served : stopOnly;
    room.add(socket);
    socket.on('close', () => room.delete(socket));
    const [eldest] = stopOnly;
    if (stopOnly.size > MAX_STOP_ONLY) eldest?.destroy();
    if (room === stopOnly) socket.setTimeout(STOP_ONLY_MS, () => farewell(socket, NO_ROOM));
    serve(socket, options, caller, (call) => room === served || STOP_CALLS.has(call));
  });
  try {
    makeWay(address);
    await listen(server, address);
  } catch (error) {
    return fail(`The control socket ${address} cannot be opened: ${textOf(error)}.`);
  }
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of [...served, ...stopOnly]) socket.destroy();
    });
  return ok({ address, close });
};

/** A socket file that is there while we hold the home is a dead console's. */
const makeWay = (address: string): void => {
  if (process.platform === 'win32') return;
  const folder = nodePath.dirname(address);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = fs.lstatSync(folder);
  if (uid !== os.userInfo().uid || (mode & 0o022) !== 0) throw new Error(`others may write into ${folder}`);
  fs.rmSync(address, { force: true });
};

const listen = (server: net.Server, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      if (process.platform !== 'win32') fs.chmodSync(address, 0o600);
      resolve();
    });
  });

const serve = (socket: net.Socket, options: ControlOptions, caller: Caller, hasRoomFor: (call: string) => boolean): void => {
  let calls = 0;
  let subscription: { close(): void } | undefined;
  const send = (line: ServerLine): void => {
    if (socket.destroyed) return;
    socket.write(lineOf(line));
    if (socket.writableLength > MAX_BACKLOG_BYTES) socket.destroy();
  };
  const push = (message: Push): void => {
    // Market frames are for display: one that the client cannot take now is dropped, never a delta.
    if (message.kind !== 'market' || !socket.writableNeedDrain) send({ push: message });
  };
  const subscribe = (): Snapshot => {
    subscription?.close();
    const fresh = options.subscribe(push);
    subscription = fresh;
    return fresh.snapshot;
  };
  const answer = async (line: string): Promise<void> => {
    const request = requestOf(line);
    if (!request.ok) return send({ id: null, ok: false, error: request.error });
    const { id, call } = request.value;
    if (!hasRoomFor(call)) return farewell(socket, NO_ROOM);
    if (calls >= MAX_CALLS_AT_ONCE && call !== 'tripStop')
      return send({ id, ok: false, error: errorOf('UNAVAILABLE', 'Too many calls at once on this connection.') });
    calls += 1;
    send(answerLine(id, await run(request.value, options, caller, subscribe)));
    calls -= 1;
  };
  socket.on('close', () => subscription?.close());
  const tooLong = (): void => farewell(socket, errorOf('BAD_INPUT', `A request is one line of at most ${MAX_REQUEST_BYTES} bytes.`));
  socket.on(
    'data',
    lineSplitter(MAX_REQUEST_BYTES, (line) => void answer(line), tooLong),
  );
};

/** Says why and hangs up. What still comes is read and thrown away, or the reason would be lost with a reset; but not for ever. */
const farewell = (socket: net.Socket, error: CallError): void => {
  socket.end(lineOf({ id: null, ok: false, error }));
  socket.resume();
  setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
};

const answerLine = (id: number, result: Result<unknown, CallError>): AnswerLine =>
  result.ok ? { id, ok: true, value: result.value } : { id, ok: false, error: result.error };

const requestOf = (line: string): Result<RequestLine, CallError> => {
  const parsed = parseJson(line, MAX_REQUEST_BYTES);
  if (!parsed.ok) return fail(errorOf('BAD_INPUT', `The request cannot be read: ${parsed.error}.`));
  const { value } = parsed;
  const isRequest =
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    Number.isSafeInteger(value.id) &&
    'call' in value &&
    typeof value.call === 'string';
  if (!isRequest) return fail(errorOf('BAD_INPUT', 'A request is {"id": whole number, "call": name, "input": object}.'));
  return ok({ id: value.id as number, call: value.call as string, input: 'input' in value ? value.input : {} });
};

const isCall = (name: string): name is CallName => Object.hasOwn(contract, name);

const run = async (
  request: RequestLine,
  options: ControlOptions,
  caller: Caller,
  subscribe: () => Snapshot,
): Promise<Result<unknown, CallError>> => {
  const { call } = request;
  if (!isCall(call)) return fail(errorOf('NOT_FOUND', `There is no call "${call.slice(0, 40)}".`));
  if (!contract[call].from.includes('socket')) return fail(errorOf('REFUSED', `"${call}" is for the window alone.`));
  const input = contract[call].input.safeParse(request.input);
  if (!input.success)
    return fail(errorOf('BAD_INPUT', input.error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ')));
  try {
    if (call === 'subscribe') return ok(subscribe());
    // The name and its own parsed input belong together; the union over all names cannot say so.
    const handler = options.handlers[call] as (input: unknown, caller: Caller) => Promise<Result<unknown, CallError>>;
    return await handler(input.data, caller);
  } catch (error) {
    options.onFault?.(call, error);
    return fail(errorOf('INTERNAL', `"${call}" failed inside the console; its log says why.`));
  }
};

const errorOf = (code: CallError['code'], text: string): CallError => ({ code, text });
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
