// The other end of the control socket: calls with a deadline, and a replica of the engine kept by snapshot and numbered deltas. Trusts
// the console that answers (the socket is this user's own) but not the connection.
import fs from 'node:fs';
import net from 'node:net';
import type { CallError, CallInput, CallName, CallOutput, Push } from '../../src-shared/contract/contract.ts';
import { applyDelta, type Snapshot } from '../../src-shared/contract/view.ts';
import { fail, type Result } from '../../src-shared/errors/result.ts';
import { lineOf, lineSplitter, type ServerLine } from './protocol.ts';

/** Why there was no answer: no console listens, the connection broke, or the deadline passed. */
export class NoAnswer extends Error {
  override readonly cause: 'no-console' | 'lost' | 'timeout';
  constructor(cause: 'no-console' | 'lost' | 'timeout', text: string) {
    super(text);
    this.cause = cause;
  }
}

export interface ControlClient {
  /** The console's answer as a value. Throws NoAnswer where there is none within `timeoutMs` (default 10 s). */
  call<K extends CallName>(name: K, input: CallInput<K>, timeoutMs?: number): Promise<CallOutput<K>>;
  /** Follows the engine; `onChange` sees every push after the snapshot with the replica as it stands then. */
  follow(onChange: (push: Push, at: Snapshot) => void): Promise<Result<Snapshot, CallError>>;
  /** Rejects with NoAnswer once the connection is lost; never resolves. */
  readonly lost: Promise<never>;
  close(): void;
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 3_000;

/** Connects to the console that listens at `address`. Throws NoAnswer when none does. */
export const connectControl = async (address: string): Promise<ControlClient> => {
  assertOwnSocket(address);
  return clientOn(await connect(address));
};

/**
 * Node has no SO_PEERCRED, so that neither end can ask the system who the other one is. The server's end is safe by its folder, which no
 * other user may enter; this end looks at whose socket it is, or another user's program could take the console's place and say "stopped".
 */
const assertOwnSocket = (address: string): void => {
  const user = process.getuid?.();
  const owner = fs.lstatSync(address, { throwIfNoEntry: false })?.uid;
  if (user === undefined || owner === undefined || user === 0 || owner === user || owner === 0) return;
  throw new NoAnswer('no-console', `Another user's program listens at ${address}: nothing was sent to it. Name your own home with --home.`);
};

const connect = (address: string): Promise<net.Socket> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(address);
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
    socket.once('error', (error) =>
      reject(
        new NoAnswer(
          'no-console',
          `No console runs on this home (${error.message}). Start one with "npm start", or name its home with --home.`,
        ),
      ),
    );
    socket.once('connect', () => {
      socket.setTimeout(0).removeAllListeners();
      resolve(socket);
    });
  });

const clientOn = (socket: net.Socket): ControlClient => {
  const waiting = new Map<
    number,
    { readonly settle: (answer: Result<unknown, CallError>) => void; readonly give: (error: Error) => void }
  >();
  const loss = Promise.withResolvers<never>();
  // Whoever does not wait for the loss must not be ended by it.
  loss.promise.catch(() => undefined);
  let lastId = 0;
  let followed: { at: Snapshot | undefined; readonly early: Push[]; readonly onChange: (push: Push, at: Snapshot) => void } | undefined;

  const lose = (text: string): void => {
    const error = new NoAnswer('lost', text);
    for (const { give } of waiting.values()) give(error);
    waiting.clear();
    loss.reject(error);
    socket.destroy();
  };

  const take = (push: Push): void => {
    if (followed === undefined) return;
    if (followed.at === undefined) {
      followed.early.push(push);
      return;
    }
    if (push.kind === 'deltas')
      for (const delta of push.deltas) {
        const next = applyDelta(followed.at, delta);
        if (next === undefined) return lose('The console sent a delta out of order.');
        followed.at = next;
      }
    followed.onChange(push, followed.at);
  };

  const receive = (text: string): void => {
    const line = JSON.parse(text) as ServerLine;
    if ('push' in line) return take(line.push);
    if (line.id === null) return lose(line.ok ? 'The console answered nothing that was asked.' : line.error.text);
    waiting.get(line.id)?.settle(line.ok ? line : fail(line.error));
    waiting.delete(line.id);
  };

  const guarded = (text: string): void => {
    try {
      receive(text);
    } catch (error) {
      lose(`The console's answer cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  socket.on(
    'data',
    lineSplitter(MAX_ANSWER_BYTES, guarded, () => lose('The answer is too large.')),
  );
  socket.on('error', (error) => lose(`The connection to the console broke: ${error.message}`));
  socket.on('close', () => lose('The console closed the connection.'));

  const call = <K extends CallName>(name: K, input: CallInput<K>, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<CallOutput<K>> => {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(
          new NoAnswer(
            'timeout',
            `The console did not answer "${name}" within ${timeoutMs} ms. What it did is not known: look with "holdfast status".`,
          ),
        );
      }, timeoutMs);
      waiting.set(id, {
        settle(answer) {
          clearTimeout(timer);
          resolve(answer as CallOutput<K>);
        },
        give(error) {
          clearTimeout(timer);
          reject(error);
        },
      });
      if (socket.destroyed) lose('The connection to the console is closed.');
      else socket.write(lineOf({ id, call: name, input }));
    });
  };

  const follow = async (onChange: (push: Push, at: Snapshot) => void): Promise<Result<Snapshot, CallError>> => {
    const state: NonNullable<typeof followed> = { at: undefined, early: [], onChange };
    followed = state;
    const answer = await call('subscribe', {});
    if (!answer.ok) return answer;
    state.at = answer.value;
    for (const push of state.early.splice(0)) take(push);
    return answer;
  };

  return { call, follow, lost: loss.promise, close: () => socket.destroy() };
};
