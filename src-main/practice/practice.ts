// Starts the practice exchange in its own worker thread and gives its addresses, a test key and the fault desk.
// The engine talks to it through sockets only, as to any venue; this handle is for whoever starts and tests it.
import { Worker } from 'node:worker_threads';
import { practiceOptionsSchema, type PracticeOptions } from './options.ts';
import type { Regime } from './feeds/feed.ts';
import type { AccountState, DeskAnswer, DeskOperation } from './protocol/desk.ts';
import type { FaultRule, FaultState } from './protocol/faults.ts';

/** An HMAC key of the main account. It opens a practice exchange and nothing else. */
export interface TestKey {
  readonly apiKey: string;
  readonly secret: string;
}

export interface PracticeAddresses {
  /** `http://127.0.0.1:PORT`: paths begin with /api/v3. */
  readonly restUrl: string;
  /** `ws://127.0.0.1:PORT`: /ws/…, /stream?streams=…, /stream/ws/…. */
  readonly streamUrl: string;
  /** `ws://127.0.0.1:PORT/ws-api/v3`. */
  readonly wsApiUrl: string;
  /** `http://127.0.0.1:PORT2`: POST, GET, DELETE /faults; POST /desk; GET /state. */
  readonly faultDeskUrl: string;
}

export interface PracticeHandle extends PracticeAddresses {
  readonly key: TestKey;
  /** What the person should know about the start: an account that could not be continued, and where its file was put. */
  readonly notices: readonly string[];
  /** Any desk operation; rejects with the desk's reason when it refuses. */
  perform(operation: DeskOperation): Promise<unknown>;
  /** Adds a fault rule; its id. */
  addFault(rule: FaultRule): Promise<number>;
  faults(): Promise<readonly FaultState[]>;
  /** Ends all faults: rules, partition, silence, clock skew, a paused feed. */
  heal(): Promise<void>;
  setRegime(regime: Regime): Promise<void>;
  /** Hears the market's mood now, where one is known, and each time that it turns. */
  onRegime(listener: (regime: Regime) => void): void;
  /** Balances, orders and trades of an account, for auditors. */
  state(account?: string): Promise<AccountState>;
  /** Resolves with the exit code when the worker has ended, by `close` or by a crash. */
  readonly exited: Promise<number>;
  /** Ends the exchange; resolves when no socket, timer or thread of it is left. */
  close(): Promise<void>;
}

/** Worker → starter. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly addresses: PracticeAddresses; readonly key: TestKey; readonly notices: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'regime'; readonly regime: Regime }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: DeskAnswer };
/** Starter → worker. */
export type WorkerRequest = { readonly kind: 'desk'; readonly id: number; readonly operation: DeskOperation } | { readonly kind: 'close' };

/** A worker that has not ended so long after `close` is ended by force. */
const CLOSE_PATIENCE_MS = 3000;
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/**
 * Starts a practice exchange on loopback. Rejects on bad options (with the reasons in words), a port that is taken, a
 * recording that cannot be read or a state file that cannot be written.
 */
export async function startPractice(options: PracticeOptions = {}): Promise<PracticeHandle> {
  const workerData = practiceOptionsSchema.parse(options);
  const worker = new Worker(new URL(`./worker${EXTENSION}`, import.meta.url), { workerData, execArgv: [], name: 'practice-exchange' });
  const exited = new Promise<number>((resolve) => worker.once('exit', resolve));
  const regimes = new Regimes(worker);
  const { addresses, key, notices } = await untilReady(worker, exited);
  const desk = new DeskLine(worker);
  return {
    ...addresses,
    key,
    notices,
    exited,
    perform: (operation) => desk.perform(operation),
    addFault: async (rule) => (await desk.perform({ op: 'addFault', rule })) as number,
    faults: async () => (await desk.perform({ op: 'listFaults' })) as readonly FaultState[],
    heal: async () => void (await desk.perform({ op: 'heal' })),
    setRegime: async (regime) => void (await desk.perform({ op: 'setRegime', regime })),
    onRegime: (listener) => regimes.listen(listener),
    state: async (account = 'main') => (await desk.perform({ op: 'state', account })) as AccountState,
    close: () => closeWorker(worker, exited),
  };
}

function untilReady(worker: Worker, exited: Promise<number>): Promise<WorkerMessage & { kind: 'ready' }> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    // The market's first mood may come before it.
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') resolve(message);
      else if (message.kind === 'failed') reject(new Error(message.reason));
    });
    void exited.then((code) => reject(new Error(`the practice exchange ended with code ${code} before it was ready`)));
  });
}

/** The newest mood that the worker told of. */
class Regimes {
  #newest: Regime | undefined;
  #listener: (regime: Regime) => void = () => undefined;

  constructor(worker: Worker) {
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind !== 'regime') return;
      this.#newest = message.regime;
      this.#listener(message.regime);
    });
  }

  listen(listener: (regime: Regime) => void): void {
    this.#listener = listener;
    if (this.#newest !== undefined) listener(this.#newest);
  }
}

const ENDED: DeskAnswer = { ok: false, reason: 'the practice exchange has ended' };

/** Desk operations over the worker's message port, matched by id. */
class DeskLine {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (answer: DeskAnswer) => void>();
  #ended = false;
  #nextId = 1;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind !== 'answer') return;
      this.#waiting.get(message.id)?.(message.answer);
      this.#waiting.delete(message.id);
    });
    worker.once('exit', () => {
      this.#ended = true;
      for (const settle of this.#waiting.values()) settle(ENDED);
      this.#waiting.clear();
    });
  }

  async perform(operation: DeskOperation): Promise<unknown> {
    const id = this.#nextId++;
    const request: WorkerRequest = { kind: 'desk', id, operation };
    const answer = await new Promise<DeskAnswer>((resolve) => {
      if (this.#ended) {
        resolve(ENDED);
        return;
      }
      this.#waiting.set(id, resolve);
      this.#worker.postMessage(request);
    });
    if (!answer.ok) throw new Error(`fault desk: ${answer.reason}`);
    return answer.value;
  }
}

async function closeWorker(worker: Worker, exited: Promise<number>): Promise<void> {
  const request: WorkerRequest = { kind: 'close' };
  worker.postMessage(request);
  const force = setTimeout(() => void worker.terminate(), CLOSE_PATIENCE_MS);
  await exited;
  clearTimeout(force);
}
